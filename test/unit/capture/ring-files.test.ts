import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filesTooMany, isFileFull, ringFileName } from '../../../src/capture/ring-files.ts';
import { queueBytes, RING_LINKS_MAX, ringSize } from '../../../src/capture/sizes.ts';

const BEGIN = new Date(2026, 0, 31, 4, 5, 6);

test('a file of a ring is called by its number and its time, before its extension', () => {
  const rows = [
    ['lan.pcapng', 1, 'lan_00001_20260131040506.pcapng'],
    ['/a.b/lan', 12, '/a.b/lan_00012_20260131040506'],
    ['a.tar.gz', 123_456, 'a.tar_123456_20260131040506.gz'],
    ['./.hidden', 2, './.hidden_00002_20260131040506'],
    ['.hidden', 2, '.hidden_00002_20260131040506'],
    ['dir.d/x.', 2, 'dir.d/x._00002_20260131040506'],
  ] as const;
  for (const [path, number, name] of rows) assert.equal(ringFileName(path, number, BEGIN), name);
});

test('a file is full before it would be too large, or when it is old enough, but never empty', () => {
  const limits = { fileBytes: 1000, fileMs: 5000 };
  const file = { bytes: 600, pieces: 1, ageMs: 100 };
  assert.equal(isFileFull(limits, file, 400), false);
  assert.equal(isFileFull(limits, file, 401), true);
  assert.equal(isFileFull(limits, { ...file, ageMs: 5000 }, 1), true);
  assert.equal(isFileFull(limits, { ...file, pieces: 0 }, 5000), false);
  assert.equal(isFileFull({ fileBytes: null, fileMs: null }, { ...file, ageMs: 1e9 }, 1e9), false);
});

test('the oldest files are too many', () => {
  assert.deepEqual(
    [
      filesTooMany({ files: 3 }, 2),
      filesTooMany({ files: 3 }, 3),
      filesTooMany({ files: 3 }, 5),
      filesTooMany({ files: null }, 99),
    ],
    [0, 0, 2, 0],
  );
});

test('rings share the memory, and a whole packet fits into a block', () => {
  for (const links of [1, 2, 3, 10, 100, 1000]) {
    for (const snaplen of [64, 1600, 65_536, 262_144]) {
      const { blockBytes, blocks } = ringSize(links, snaplen);
      assert.equal(Math.log2(blockBytes) % 1, 0);
      assert.ok(blocks >= 4 && blockBytes >= Math.min(snaplen, 66_000) + 256);
      const isLeast = blocks === 4;
      assert.ok(isLeast || blockBytes * blocks * links <= 64 * 2 ** 20, `${links} × ${blocks} × ${blockBytes}`);
    }
  }
  assert.deepEqual(ringSize(1, 262_144), { blockBytes: 2 ** 20, blocks: 64 });
});

test('rings of as many links as have rings, and the sockets of more, take 128 MiB at most', () => {
  const { blockBytes, blocks } = ringSize(RING_LINKS_MAX, 262_144);
  assert.ok(RING_LINKS_MAX * blockBytes * blocks <= 128 * 2 ** 20);
  for (const sockets of [1, 31, 257, 1000, 2048]) {
    const bytes = queueBytes(sockets);
    assert.ok(bytes % 2 === 0 && bytes >= 65_536 && bytes * sockets <= 128 * 2 ** 20, `${sockets} × ${bytes}`);
  }
  assert.equal(queueBytes(10_000), 65_536);
});
