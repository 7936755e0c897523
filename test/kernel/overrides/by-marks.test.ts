/** The other ends of wires, where the marks alone are known: each namespace counts its devices anew, so numbers do not tell them. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { linkloom, startLinkloom } from '../../support/bin.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { openNetns, uniqueName } from '../../support/netns.ts';

describe('both ends by the marks alone', { timeout: 120_000, ...needs('root', 'program:ip') }, () => {
  it('are those of the wire, though all wires have the same numbers', async () => {
    const lab = uniqueName('sm');
    using folder = temporaryFolder('by-marks');
    const file = join(folder.path, 'lab.json');
    const nodes = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `${lab}${name}`);
    const links = nodes.map((netns, at) => ({ netns, dev: 'eth0', bridge: `w${at >> 1}` }));
    const bridges = [0, 1, 2].map((nth) => ({ bridge: `w${nth}`, mode: 'direct' }));
    const mtus = () => Promise.all(nodes.map(async (node) => (await openNetns(node).link('eth0'))?.mtu));
    await writeFile(file, JSON.stringify({ lab, bridges, links }));
    try {
      const up = await linkloom(['up', '-f', file]);
      assert.equal(up.exitCode, 0, up.stderr);
      const indexes = await Promise.all(nodes.map(async (node) => (await openNetns(node).link('eth0'))?.ifindex));
      assert.ok(new Set(indexes).size <= 2, String(indexes));
      const was = (await mtus())[0];

      const set = await linkloom(['set', '--lab', lab, `${nodes[2]}:eth0`, '--mtu', '1400', '--both', '--json']);
      assert.equal(set.exitCode, 0, set.stderr);
      const { links: ends } = JSON.parse(set.stdout) as { links: { link: string }[] };
      assert.deepEqual(ends.map(({ link }) => link).sort(), [`${nodes[2]}:eth0`, `${nodes[3]}:eth0`]);
      assert.deepEqual(await mtus(), [was, was, 1400, 1400, was, was]);

      const step = { links: `${nodes[5]}:eth0`, mtu: 1300, both: true };
      const timeline = join(folder.path, 'timeline.json');
      await writeFile(timeline, JSON.stringify({ steps: ['0s', '1h'].map((at) => ({ ...step, at })) }));
      await using play = startLinkloom(['play', timeline, '--lab', lab, '--json']);
      await play.until(/"type":"step","step":1/);
      assert.deepEqual(await mtus(), [was, was, 1400, 1400, 1300, 1300]);
      play.child.kill('SIGINT');
      await play.child;
      assert.deepEqual(await mtus(), [was, was, 1400, 1400, was, was]);
    } finally {
      await linkloom(['down', '--lab', lab]);
    }
  });
});
