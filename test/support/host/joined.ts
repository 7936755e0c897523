/** What holds of every bridge of others that can be joined. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { linkloom, startLinkloom } from '../bin.ts';
import { temporaryFolder } from '../folder.ts';
import { testLab } from '../lab.ts';
import { uniqueName } from '../netns.ts';
import { settled, type Theirs } from './bridges.ts';

export const isPort = (dev: string): boolean => /^c[0-9a-f]{8}-/.test(dev);

/** A lab whose nodes are on the bridge. */
export const linksOf = (bridge: string, nodes: readonly string[]): { bridges: object[]; links: object[] } => ({
  bridges: [{ bridge, external: true }],
  links: nodes.map((netns, index) => ({ netns, dev: 'eth1', bridge, ip: `10.74.0.${index + 2}/24` })),
});

/** Registers the tests of a kind of bridge. */
export function testJoined(newBridge: () => Promise<Theirs>): void {
  it('is joined by two labs while strangers talk through it, and is what it was before, during and after', async () => {
    await using there = await newBridge();
    const before = await settled(there);
    await using one = testLab('netns', 'e');
    await using other = testLab('netns', 'e');
    const nodes = [one.node('a').name, one.node('b').name];
    const wanted = linksOf(there.bridge, nodes);
    const ran = await one.up(wanted);
    assert.deepEqual([ran.failures, ran.links.created], [[], 2]);
    const second = linksOf(there.bridge, [other.node('a').name]);
    assert.deepEqual((await other.up(second)).failures, []);
    assert.equal(await there.untouched(isPort), before);
    assert.equal((await one.node('a').link('eth1'))?.mtu, 1500, 'that of the bridge');
    await one.node('a').exec('ping', '-c', '1', '-W', '3', '10.74.0.9');
    await there.far.exec('ping', '-c', '1', '-W', '3', '10.74.0.3');
    const report = await one.status(wanted);
    assert.deepEqual(
      report.bridges.map(({ name, ns, ports, observed }) => [name, ns, ports, observed?.ifname]),
      [[there.bridge, 'self', 4, there.bridge]],
    );
    assert.deepEqual((await one.plan(wanted)).ops, []);
    await there.pullOut(report.links[0]?.port?.dev ?? '');
    assert.equal((await one.up(wanted)).links.changed, 1, 'drift');
    assert.equal((await there.ports()).length, 4);
    await one.up(linksOf(there.bridge, nodes.slice(1)));
    assert.equal((await there.ports()).length, 3, 'a link that is taken out of the file');
    assert.deepEqual((await one.down()).failures, []);
    assert.equal((await other.up(second)).links.unchanged, 1);
    assert.deepEqual((await other.down()).failures, []);
    assert.equal(await there.untouched(), before);
    assert.deepEqual(await there.ports(), [there.port]);
    const { sent, received } = await there.answered();
    assert.ok(sent > 10 && received >= sent - 1, `${received} of ${sent}`);
  });

  it('takes the port of a node that came back, and loses that of one that went', async () => {
    await using there = await newBridge();
    await using lab = testLab('netns', 'e');
    const wanted = linksOf(there.bridge, [lab.node('a').name]);
    await lab.up(wanted);
    await lab.node('a').exec('ip', 'link', 'del', 'eth1');
    assert.equal((await lab.up(wanted)).links.created, 1);
    await lab.node('a').exec('ping', '-c', '1', '-W', '3', '10.74.0.9');
    await lab.node('a').exec('ip', 'link', 'del', 'eth1');
    assert.deepEqual((await lab.down()).failures, []);
    assert.deepEqual(await there.ports(), [there.port]);
  });

  it('removed and made again by its owner while the daemon runs: told, and joined at once; killed, taken over', async () => {
    await using there = await newBridge();
    using folder = temporaryFolder('external');
    const lab = uniqueName('e');
    const file = join(folder.path, 'lab.json');
    await writeFile(file, JSON.stringify({ lab, ...linksOf(there.bridge, [`${lab}a`]) }));
    try {
      await using daemon = startLinkloom(['daemon', '-f', file]);
      await daemon.until(/^All links connected$/m);
      await there.remove();
      await daemon.until(
        new RegExp(`${lab}a:eth1 .*waits for its external bridge ${there.bridge}, which does not exist`),
      );
      await there.make();
      // Sooner than a resync would find it, on a slow machine too.
      await daemon.until(/(All links connected[\s\S]*){2}/, 20_000);
      daemon.child.kill('SIGKILL');
      await daemon.child;
      const again = await linkloom(['up', '-f', file, '--json']);
      assert.equal(JSON.parse(again.stdout).links.unchanged, 1, again.stderr);
    } finally {
      const down = await linkloom(['down', '--lab', lab]);
      assert.equal(down.exitCode, 0, down.stderr);
    }
    assert.deepEqual(await there.ports(), [there.port]);
  });
}
