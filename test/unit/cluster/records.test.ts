/** Records go into the store and come back; what is no record is told as such; hosts' words are put together by host. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { type LabRecord, RECORD_SCHEMA } from '../../../src/cluster/record.ts';
import {
  labOfKey,
  listRecords,
  packRecord,
  readHead,
  readRecord,
  unpackRecord,
  writeRecord,
} from '../../../src/cluster/records.ts';
import type { HostInfo, LabState } from '../../../src/cluster/state.ts';
import { bytesOf, infoKey, readHosts, stateKey } from '../../../src/cluster/states.ts';
import { HOST_NAME } from '../../../src/config/nodes/host-name.ts';
import { nodeKey } from '../../../src/spread/spread.ts';
import { MemoryServer, MemoryStore } from '../../support/cluster/memory-store.ts';

const RECORD: LabRecord = {
  schema: RECORD_SCHEMA,
  needs: '0.1',
  writer: 'ann@cli',
  at: '2026-01-01T00:00:00Z',
  config: { lab: 'a', links: [] },
  hosts: { h1: { address: '192.0.2.1', port: 4789 } },
  place: { [nodeKey({ kind: 'netns', name: 'alice' })]: 'h1' },
  vni: {},
  block: [],
  retired: {},
  deleted: false,
};

test('a record comes back as it was, without keys that this version does not know', async () => {
  const bytes = await packRecord({ ...RECORD, later: true } as LabRecord);
  assert.deepEqual(await unpackRecord('a', bytes), RECORD);
});

test('what is no record is E_STORE and names the lab', async () => {
  await assert.rejects(unpackRecord('a', new Uint8Array([1, 2])), { code: 'E_STORE', message: /lab a / });
  const bytes = await packRecord({ ...RECORD, hosts: 'none' } as unknown as LabRecord);
  await assert.rejects(unpackRecord('a', bytes), { code: 'E_STORE' });
});

test('of two who write on the same record one is refused', async () => {
  const store = new MemoryStore(new MemoryServer());
  assert.equal(await readRecord(store, 'a'), null);
  const { identity: first } = await writeRecord(store, 'a', RECORD, null);
  await assert.rejects(writeRecord(store, 'a', RECORD, null), { code: 'E_CONFLICT' });
  await writeRecord(store, 'a', { ...RECORD, writer: 'bob@cli' }, first);
  await assert.rejects(writeRecord(store, 'a', RECORD, first), { code: 'E_CONFLICT' });
  assert.deepEqual(
    (await listRecords(store)).map(({ lab, record }) => [lab, record.writer]),
    [['a', 'bob@cli']],
  );
  assert.equal(labOfKey('lab.a'), 'a');
  assert.equal(labOfKey('vni.3'), null);
});

/** One that does not go into a message, whatever packs it. */
function large(digit: string): LabRecord {
  const noise = createHash('shake256', { outputLength: 900_000 }).update(digit).digest('base64');
  return { ...RECORD, writer: `${digit}@cli`, config: { lab: 'a', noise } };
}

test('a record that does not go into one message is stored in pieces, of which the older ones are removed', async () => {
  const store = new MemoryStore(new MemoryServer());
  const keys = async (): Promise<readonly string[]> => (await store.list('piece', '')).map(({ key }) => key);
  const first = await writeRecord(store, 'a', large('1'), null);
  const [old, ...more] = await keys();
  assert.equal(more.length, 1);
  assert.deepEqual((await readRecord(store, 'a'))?.record, large('1'));
  assert.deepEqual((await readHead(store, 'a'))?.hosts, ['h1']);
  await writeRecord(store, 'ab', large('1'), null);
  const second = await writeRecord(store, 'a', large('2'), first.identity);
  assert.equal((await keys()).length, 6, 'the older pieces stay until they are swept');
  await second.sweep();
  assert.deepEqual((await readRecord(store, 'a'))?.record, large('2'));
  assert.deepEqual((await readRecord(store, 'ab'))?.record, large('1'));
  assert.ok(!(await keys()).includes(old ?? ''));
  const small = await writeRecord(store, 'a', RECORD, second.identity);
  await small.sweep();
  assert.deepEqual([...new Set((await keys()).map((key) => key.split('.')[0]))], ['ab']);
});

test('pieces that are written again while others sweep stay, and a record without its pieces is E_STORE', async () => {
  const store = new MemoryStore(new MemoryServer());
  const first = await writeRecord(store, 'a', large('1'), null);
  const second = await writeRecord(store, 'a', large('2'), first.identity);
  await writeRecord(store, 'a', large('1'), second.identity);
  await second.sweep();
  assert.deepEqual((await readRecord(store, 'a'))?.record, large('1'));
  for (const { key } of await store.list('piece', 'a.')) await store.remove('piece', key, 'any');
  await assert.rejects(readRecord(store, 'a'), {
    code: 'E_STORE',
    message: /pieces of the record of the lab a are missing/,
  });
});

test('what hosts tell is put together by host', async () => {
  const store = new MemoryStore(new MemoryServer());
  const info = { version: '0.1.0' } as HostInfo;
  const state = { rev: 3 } as LabState;
  await store.write('state', infoKey('h1'), bytesOf(info), 'any');
  await store.write('state', stateKey('h2', 'a_b-c'), bytesOf(state), 'any');
  await store.write('lease', 'h2', bytesOf({ boot: 'b', pid: 1, holder: 'x' }), 'absent');
  const [first, second] = await readHosts(store);
  assert.deepEqual(first, { host: 'h1', info, lease: null, labs: new Map() });
  assert.equal(second?.lease?.pid, 1);
  assert.deepEqual(second?.labs, new Map([['a_b-c', state]]));
});

test('names of hosts are one part of a subject', () => {
  for (const name of ['h1', 'lab-3', '7']) assert.match(name, HOST_NAME);
  for (const name of ['', '-a', 'a.b', 'A', 'a_b', 'a*', '>', 'a'.repeat(64)]) assert.doesNotMatch(name, HOST_NAME);
});
