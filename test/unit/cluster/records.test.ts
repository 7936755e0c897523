/** Records go into the store and come back; what is no record is told as such; hosts' words are put together by host. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOST_NAME } from '../../../src/cluster/names.ts';
import { type LabRecord, RECORD_SCHEMA } from '../../../src/cluster/record.ts';
import {
  labOfKey,
  listRecords,
  packRecord,
  readRecord,
  unpackRecord,
  writeRecord,
} from '../../../src/cluster/records.ts';
import type { HostInfo, LabState } from '../../../src/cluster/state.ts';
import { bytesOf, infoKey, readHosts, stateKey } from '../../../src/cluster/states.ts';
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
  const first = await writeRecord(store, 'a', RECORD, null);
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
