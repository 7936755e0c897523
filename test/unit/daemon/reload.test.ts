/** Which files a daemon follows, when it takes them for changed, and what it says of an edit. */
import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { changesBetween } from '../../../src/daemon/reload/difference.ts';
import { FollowedFiles } from '../../../src/daemon/reload/files.ts';
import { foldersToWatch } from '../../../src/daemon/reload/watched-folders.ts';
import { noticeText } from '../../../src/report/reporters/notices.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { check } from '../config/loading.ts';
import { bridge, link, netns, topology } from '../topology/specs.ts';

/** How long a file must rest before it is told as changed. */
const QUIET_MS = 30;

describe('files that are followed', { timeout: 30_000 }, () => {
  let folder: Folder;
  let file: string;
  let changes: number;
  beforeEach(() => {
    folder = temporaryFolder('reload');
    file = join(folder.path, 'lab.yaml');
    writeFileSync(file, 'one');
    changes = 0;
  });
  afterEach(() => folder[Symbol.dispose]());

  const follow = (path: string, pollMs = 3_600_000, readAtMs = Number.POSITIVE_INFINITY): FollowedFiles =>
    new FollowedFiles({
      paths: [path],
      readAtMs,
      onChange: () => changes++,
      onDeaf: (why) => assert.fail(why),
      timing: { quietMs: QUIET_MS, pollMs },
    });
  const changed = async (what: string): Promise<void> => {
    const before = changes;
    for (let waitedMs = 0; changes === before; waitedMs += 10) {
      assert.ok(waitedMs < 5000, `not heard: ${what}`);
      await delay(10);
    }
  };

  it('are heard of when written, replaced, taken away and made again, once each', async () => {
    using _followed = follow(file);
    writeFileSync(file, 'two');
    writeFileSync(file, 'three');
    await changed('two writes');
    writeFileSync(`${file}.swp`, 'four');
    renameSync(`${file}.swp`, file);
    await changed('a replacement');
    assert.equal(changes, 2, 'what comes together is one change');
    writeFileSync(file, 'five');
    await changed('a write to what took its place');
    rmSync(file);
    await changed('its end');
    writeFileSync(file, 'six');
    await changed('its return');
  });

  it('are not heard of for what happens beside them', async () => {
    using _followed = follow(file);
    writeFileSync(join(folder.path, 'daemon.log'), 'a line');
    // Longer than a change is waited for to be over: what was heard would be told before the next write is.
    await delay(2 * QUIET_MS);
    assert.equal(changes, 0);
    writeFileSync(file, 'two');
    await changed('a write to the file itself');
    assert.equal(changes, 1);
  });

  it('are heard of behind links that are turned, of folders too', async () => {
    for (const name of ['v1', 'v2', 'v3']) mkdirSync(join(folder.path, name));
    for (const name of ['v1', 'v2', 'v3']) writeFileSync(join(folder.path, name, 'net.yaml'), name);
    symlinkSync('v1', join(folder.path, '..data'));
    symlinkSync('..data/net.yaml', join(folder.path, 'net.yaml'));
    using _followed = follow(join(folder.path, 'net.yaml'));
    for (const version of ['v2', 'v3']) {
      symlinkSync(version, join(folder.path, '..next'));
      renameSync(join(folder.path, '..next'), join(folder.path, '..data'));
      await changed(version);
    }
    writeFileSync(join(folder.path, 'v3', 'net.yaml'), 'in place');
    await changed('a write at the end of the links');
  });

  it('are found changed by looking, and where they changed while they were read', async () => {
    const other = join(folder.path, 'none', 'lab.yaml');
    using followed = follow(other, 20);
    mkdirSync(join(folder.path, 'none'));
    writeFileSync(other, 'late');
    await changed('a file in a folder that was not there');
    followed[Symbol.dispose]();
    utimesSync(file, new Date(), new Date());
    using _again = follow(file, 3_600_000, Date.now() - 60_000);
    await changed('written after it was read');
  });
});

describe('foldersToWatch', () => {
  it('names the folder of a file, and that of every link on its way', () => {
    using folder = temporaryFolder('places');
    const at = (...names: readonly string[]): string => join(folder.path, ...names);
    mkdirSync(at('real', 'deep'), { recursive: true });
    writeFileSync(at('real', 'deep', 'f'), '');
    symlinkSync('real', at('link'));
    symlinkSync('f', at('real', 'deep', 'g'));
    symlinkSync('round', at('round'));
    const places = foldersToWatch([at('link', 'deep', 'g'), at('round', 'x')]);
    assert.deepEqual([...(places.get(folder.path) ?? [])].sort(), ['link', 'round']);
    assert.deepEqual([...(places.get(at('real', 'deep')) ?? [])].sort(), ['f', 'g']);
  });
});

/** As people read it. */
function differenceText(...sides: Parameters<typeof changesBetween>): string {
  const changes = changesBetween(...sides);
  return noticeText({ type: 'reloaded', files: ['f'], changes, isAsked: true }).replace('Reloaded f: ', '');
}

describe('changes of a reload', () => {
  const a = link(netns('a'), { mtuBytes: 1400 });
  const b = link(netns('b'));
  it('counts what is more, fewer and changed, by kind', () => {
    const before = topology([a, b]);
    assert.equal(differenceText(before, topology([{ ...a, where: () => undefined }, b])), 'nothing differs');
    const now = topology([{ ...a, mtuBytes: 1500 }, link(netns('c')), link(netns('d'))]);
    assert.equal(differenceText(before, now), '2 links more, 1 link fewer, 1 link changed');
    assert.equal(differenceText(before, { ...before, bridges: [bridge('b0', 'ovs')] }), '1 bridge changed');
  });
  it('counts nodes too, of which links say nothing', async () => {
    const of = async (text: string) => (await check(`lab: x\n${text}`)).topology;
    const before = await of('nodes: {a: , b: {run: [{name: p, command: sleep 1}]}}');
    assert.equal(
      differenceText(before, await of('nodes: {a: , b: {run: [{name: p, command: sleep 1}]}}')),
      'nothing differs',
    );
    assert.equal(
      differenceText(before, await of('nodes: {a: , b: {run: [{name: p, command: sleep 2}]}, c: }')),
      '1 node more, 1 node changed',
    );
    const pool = 'addressing: {loopbacks: {pool: 10.0.0.0/24}}';
    assert.equal(differenceText(before, await of(`${pool}\nnodes: {a: }`)), '1 node fewer, 1 node changed');
  });
});
