/** 9: two who change labs at the same time. The hosts are records in the store: what is tried is what gets written. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openStore } from '../../../src/cluster/open.ts';
import { readRecord } from '../../../src/cluster/records.ts';
import { bytesOf, infoKey } from '../../../src/cluster/states.ts';
import type { Store } from '../../../src/cluster/store.ts';
import { carryOut, type HostsUp, planOnHosts } from '../../../src/hosts/verbs/up.ts';
import { requestFor } from '../../support/cluster/fake-hosts.ts';
import { NatsServers, storeOptions } from '../../support/cluster/server.ts';
import { amount, figures } from '../../support/faults/amount.ts';

const HOSTS = ['h1', 'h2', 'h3'] as const;
const IO = { emit: () => {}, signal: new AbortController().signal };

/** A lab whose wires all cross, since the ends are placed so. */
function labOf(lab: string, wires: number, mtu: number): object {
  const hosts = { h1: { nodes: ['a*'] }, h2: { nodes: ['b*'] } };
  const links = Array.from({ length: wires }, (_, at) => [
    { netns: `a${at % 50}`, dev: `x${at}`, bridge: `w${at}`, mtu },
    { netns: `b${at % 50}`, dev: `x${at}`, bridge: `w${at}`, mtu },
  ]).flat();
  const bridges = Array.from({ length: wires }, (_, at) => ({ bridge: `w${at}`, mode: 'direct' }));
  return { lab, hosts, bridges, links };
}

/** Hosts that have told of themselves, and live. */
async function tellOfHosts(store: Store): Promise<void> {
  for (const [at, host] of HOSTS.entries()) {
    const info = { version: '0.1.0', address: `192.0.2.${at + 1}`, underlayMtu: 1500, features: ['vxlan'] as const };
    const rest = { nodes: [], labels: {}, capacity: { cpus: 2, memoryMiB: 1024 } };
    await store.write('state', infoKey(host), bytesOf({ ...info, ...rest }), 'any');
    await store.write('lease', host, bytesOf({ boot: 'b', pid: 1, holder: 'x' }), 'any');
  }
}

test('9. two write at once, 100 rounds: one wins, the other is told by whom it was overtaken', async () => {
  await using servers = await NatsServers.start();
  await using one = await openStore(storeOptions(servers.urls), null);
  await using two = await openStore(storeOptions(servers.urls), null);
  const rounds = amount('ROUNDS', 100);
  for (let round = 0; round < rounds; round++) {
    await tellOfHosts(one);
    const planned = [one, two].map((store, at) =>
      planOnHosts(requestFor(labOf('shared', 10, 1000 + 2 * round + at)), { store, ...IO }),
    );
    const plans = await Promise.all(planned);
    const ends = await Promise.allSettled(
      plans.map((plan, at) => carryOut(plan, 0, { store: at === 0 ? one : two, ...IO })),
    );
    const won = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
    const lost = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
    assert.equal(won.length, 1, `round ${round}`);
    assert.equal(lost[0]?.code, 'E_CONFLICT', String(lost[0]));
    const [{ revision }] = won as [HostsUp];
    assert.match(String(lost[0]?.message), new RegExp(`\\(revision ${revision},`));
    assert.equal((await readRecord(one, 'shared'))?.identity.revision, revision);
  }
  figures('9. rounds of two writers', { rounds });
});

test('9. two labs of 8,000 wires that are numbered at once have no number in common, and no wire has two', async () => {
  await using servers = await NatsServers.start();
  await using one = await openStore(storeOptions(servers.urls), null);
  await using two = await openStore(storeOptions(servers.urls), null);
  await tellOfHosts(one);
  const labs = [
    ['left', one],
    ['right', two],
  ] as const;
  await Promise.all(
    labs.map(async ([lab, store]) => {
      const plan = await planOnHosts(requestFor(labOf(lab, 8000, 1400)), { store, ...IO });
      await carryOut(plan, 0, { store, ...IO });
    }),
  );
  const records = await Promise.all(labs.map(([lab]) => readRecord(one, lab)));
  const numbers = records.map((recorded) => Object.values(recorded?.record.vni ?? {}));
  assert.deepEqual(
    numbers.map((of) => [of.length, new Set(of).size]),
    [
      [8000, 8000],
      [8000, 8000],
    ],
  );
  assert.equal(new Set(numbers.flat()).size, 16_000);
});
