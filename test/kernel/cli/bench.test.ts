/** What is measured: `bench` on namespaces of its own, and the trace of an `up`. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { linkloom } from '../../support/bin.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { netnsNames, uniqueName } from '../../support/netns.ts';

describe('measuring', { timeout: 120_000, ...needs('root', 'program:ip') }, () => {
  it('bench runs up, up again and down, and leaves nothing', async () => {
    using folder = temporaryFolder('bench');
    const html = join(folder.path, 'page.html');
    const ran = await linkloom(['bench', 'ring', '--nodes', '3', '--rounds', '2', '--json', '--html', html]);
    assert.equal(ran.exitCode, 0, ran.stderr);
    const report = JSON.parse(ran.stdout);
    assert.deepEqual([report.schemaVersion, report.shape, report.nodes, report.links], [1, 'ring', 3, 6]);
    assert.equal(report.rounds.length, 2);
    for (const step of ['up', 'again', 'down']) assert.ok(report.medians[step].totalMs > 0, step);
    assert.ok(report.medians.up.applyMs > report.medians.again.applyMs);
    assert.match(await readFile(html, 'utf8'), /<svg[\s\S]*up again/);
    assert.deepEqual(
      (await netnsNames()).filter((name) => name.includes('bench-')),
      [],
    );
  });

  it('a failing lab is an error, and gone too', async () => {
    const ran = await linkloom(['bench', 'circulant', '--nodes', '3', '--links', '9']);
    assert.notEqual(ran.exitCode, 0);
    assert.deepEqual(
      (await netnsNames()).filter((name) => name.includes('bench-')),
      [],
    );
  });

  it('up --trace writes slices of stages and workers, and names the slowest', async () => {
    using folder = temporaryFolder('trace');
    const lab = uniqueName('t');
    const file = join(folder.path, 'trace.json');
    const link = { netns: `${lab}n`, dev: 'eth0', bridge: 'b0', ip: '10.0.0.1/24' };
    try {
      const input = JSON.stringify({ lab, links: [link] });
      const ran = await linkloom(['up', '-f', '-', '--trace', file], { input });
      assert.equal(ran.exitCode, 0, ran.stderr);
      assert.match(ran.stderr, /slowest stage: \w+/);
      const { traceEvents } = JSON.parse(await readFile(file, 'utf8'));
      const names = new Set(traceEvents.map(({ name }: { name: string }) => name));
      for (const name of ['load', 'observe', 'plan', 'apply', 'links', 'switch', `netns/${lab}n`]) {
        assert.ok(names.has(name), name);
      }
    } finally {
      await linkloom(['down', '--lab', lab]);
    }
  });
});
