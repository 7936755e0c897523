/** Files beside the configuration go with the record; what can't go is refused, and nothing is written. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FakeHosts } from '../../support/cluster/fake-hosts.ts';
import { temporaryFolder } from '../../support/folder.ts';

/** The configuration is read as if it were in `/`, so what is relative leads there. */
const below = (path: string): string => path.slice(1);

function labWith(part: object): object {
  return { lab: 'x', nodes: { r1: { image: 'frr', ...part }, r2: {} }, hosts: { h1: { nodes: ['*'] } } };
}

test('a file and a folder of copy: are in the record, under the relative paths that its configuration has', async () => {
  using hosts = new FakeHosts();
  using folder = temporaryFolder('files');
  await hosts.allLive();
  mkdirSync(join(folder.path, 'etc/deep'), { recursive: true });
  writeFileSync(join(folder.path, 'etc/deep/b'), 'bb');
  writeFileSync(join(folder.path, 'a.conf'), 'aa');
  chmodSync(join(folder.path, 'a.conf'), 0o640);
  const [file, whole] = [below(join(folder.path, 'a.conf')), below(join(folder.path, 'etc'))];
  const copy = [`./${file}:/etc/a.conf:0600`, { source: whole, target: '/etc/frr' }, '/etc/hostname:/etc/name'];
  const { record } = await hosts.up(labWith({ copy }));
  const { nodes } = record.config as { nodes: { r1: { copy: unknown } } };
  assert.deepEqual(nodes.r1.copy, [
    `${file}:/etc/a.conf:0600`,
    { source: whole, target: '/etc/frr' },
    '/etc/hostname:/etc/name',
  ]);
  const shown = Object.entries(record.files ?? {}).map(([key, files]) => [
    key,
    files.map(({ path, data }) => [path, data === null ? null : Buffer.from(data, 'base64').toString()]),
  ]);
  assert.deepEqual(shown, [
    [file, [['', 'aa']]],
    [
      whole,
      [
        ['', null],
        ['deep', null],
        ['deep/b', 'bb'],
      ],
    ],
  ]);
  assert.equal(record.files?.[file]?.[0]?.mode, 0o640);
  assert.equal((await hosts.plan(labWith({ copy }))).isSame, true);
  writeFileSync(join(folder.path, 'a.conf'), 'other');
  assert.equal((await hosts.plan(labWith({ copy }))).isSame, false);
});

test('a bind beside the configuration, a file that is missing and one that is too large are refused', async () => {
  using hosts = new FakeHosts();
  using folder = temporaryFolder('files');
  await hosts.allLive();
  writeFileSync(join(folder.path, 'most'), Buffer.alloc(65_536));
  writeFileSync(join(folder.path, 'large'), Buffer.alloc(65_537));
  const at = (name: string): string => `${below(join(folder.path, name))}:/x`;
  const refused = async (part: object, message: RegExp): Promise<void> => {
    await assert.rejects(hosts.up(labWith(part)), { code: 'E_CONFIG', message });
  };
  await refused({ binds: [at('most')] }, /^node r1: .*most lies beside the configuration/);
  await refused({ copy: [at('none')] }, /^node r1: .*none can't be read: ENOENT; nothing is written$/);
  await refused({ copy: [at('large')] }, /^node r1: .*large has more than 64 KiB/);
  assert.equal(await hosts.store.read('desired', 'lab.x'), null);
  await hosts.up(labWith({ copy: [at('most')], binds: ['/etc:/x'] }));
});
