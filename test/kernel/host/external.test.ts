/** Bridges of the host that others made: only ports of the lab come and go, while their traffic flows. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { subjectText } from '../../../src/subject.ts';
import { linkloom, startLinkloom } from '../../support/bin.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { linuxBridge, settled } from '../../support/host/bridges.ts';
import { linksOf, testJoined } from '../../support/host/joined.ts';
import { hostLink } from '../../support/host/strangers.ts';
import { testLab } from '../../support/lab.ts';
import { needs } from '../../support/needs.ts';
import { uniqueName } from '../../support/netns.ts';

const onlyRoot = { timeout: 170_000, ...needs('root', 'program:ip') };

describe('an external bridge of Linux', onlyRoot, () => testJoined(linuxBridge));

describe('an external bridge that can’t be joined', onlyRoot, () => {
  it('that is missing holds up its links alone, and is not made', async () => {
    await using there = await linuxBridge();
    const before = await settled(there);
    await using lab = testLab('netns', 'e');
    const node = lab.node('a').name;
    const wanted = linksOf('br-none', [node]);
    const ran = await lab.up({ ...wanted, links: [...wanted.links, { netns: node, dev: 'eth2', bridge: 'own' }] });
    assert.deepEqual([ran.links.created, ran.links.pending, ran.failures], [1, 1, []]);
    assert.deepEqual(
      ran.pending.map(({ subject, why }) => `${subjectText(subject)} ${why}`),
      [`${node}:eth1 waits for its external bridge br-none, which does not exist in the host’s namespace`],
    );
    assert.equal(await there.untouched(), before);
    assert.equal(await hostLink('br-none'), undefined);
  });

  it('that comes while up waits is joined', async () => {
    await using there = await linuxBridge();
    await there.remove();
    using folder = temporaryFolder('external');
    const lab = uniqueName('e');
    const file = join(folder.path, 'lab.json');
    await writeFile(file, JSON.stringify({ lab, ...linksOf(there.bridge, [`${lab}a`]) }));
    try {
      const soon = await linkloom(['up', '-f', file]);
      assert.equal(soon.exitCode, 1);
      assert.match(soon.stderr, new RegExp(`${lab}a:eth1: waits for its external bridge ${there.bridge}`));
      await using up = startLinkloom(['up', '-f', file, '--wait', '60']);
      await up.until(/waiting for/);
      await there.make();
      assert.equal((await up.child).exitCode, 0, up.output());
      assert.equal((await there.ports()).length, 2);
    } finally {
      assert.equal((await linkloom(['down', '--lab', lab])).exitCode, 0);
    }
  });

  it('that is none fails its links alone, by their names', async () => {
    await using there = await linuxBridge();
    const before = await settled(there);
    await using lab = testLab('netns', 'e');
    const node = lab.node('a').name;
    const wanted = linksOf(there.port, [node]);
    const ran = await lab.up({ ...wanted, links: [...wanted.links, { netns: node, dev: 'eth2', bridge: 'own' }] });
    assert.deepEqual([ran.links.created, ran.links.failed], [1, 1]);
    assert.deepEqual(
      ran.failures.map(({ subject, code, message }) => `${subjectText(subject)} ${code} ${message}`),
      [
        `${node}:eth1 E_FOREIGN_DEVICE external bridge ${there.port} is no bridge in the host’s namespace, but a device of kind veth`,
      ],
    );
    assert.match(
      ran.failures[0]?.hint ?? '',
      /no db\.sock in the directory that OVS_RUNDIR names, or else \/run\/openvswitch/,
    );
    assert.equal(await there.untouched(), before);
  });
});
