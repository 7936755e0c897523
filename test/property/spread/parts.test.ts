/** The parts of all hosts are the lab: nothing is missing, nothing is twice, and the two sides of each wire fit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { grouped } from '../../../src/grouped.ts';
import { bridgeOf } from '../../../src/kinds/links/link-kinds.ts';
import { partOf } from '../../../src/spread/part.ts';
import { numbered, Whereabout } from '../../../src/spread/spread.ts';
import { giveVnis } from '../../../src/spread/vni.ts';
import type { LinkSpec, Topology, TunnelSpec } from '../../../src/topology/topology.ts';
import { addressOf, HOSTS, labs, places, spreadOf } from './labs.ts';

const idOf = ({ selector, dev }: LinkSpec): string => `${selector.kind}/${selector.name}:${dev}`;

function partsOf(topology: Topology, where: readonly (string | null)[]) {
  const bare = spreadOf(where, {});
  const domains = numbered(new Whereabout(topology, bare));
  const given = giveVnis({
    ...{ domains, before: { vni: {}, block: [1], retired: {} } },
    ...{ revision: 0, reached: 0, taken: new Set() },
  });
  assert.ok('numbers' in given);
  const spread = { ...bare, vni: given.numbers.vni };
  return HOSTS.map((host) => ({ host, part: partOf(topology, spread, host), where: new Whereabout(topology, spread) }));
}

test('each link is in one part, or in all where its container runs nowhere', () => {
  fc.assert(
    fc.property(labs, places, (topology, where) => {
      const parts = partsOf(topology, where);
      const seen = grouped(
        parts.flatMap(({ part, host }) => part.topology.links.map((link) => ({ id: idOf(link), host }))),
        ({ id }) => id,
      );
      for (const link of topology.links) {
        const at = parts[0]?.where.ofLink(link);
        const hosts = seen.get(idOf(link))?.map(({ host }) => host) ?? [];
        assert.deepEqual(hosts, at === 'anywhere' ? HOSTS : at);
      }
      assert.equal(seen.size, topology.links.length);
      for (const { part } of parts) assert.deepEqual(part.untied, []);
    }),
    { numRuns: 300 },
  );
});

test('a domain has a tunnel at each of its hosts, with one VNI, to exactly the others; and no two domains share a VNI', () => {
  fc.assert(
    fc.property(labs, places, (topology, where) => {
      const parts = partsOf(topology, where);
      const ends = parts.flatMap(({ host, part }) => part.topology.tunnels.map((tunnel) => ({ host, tunnel })));
      const byBridge = grouped(ends, ({ tunnel }) => tunnel.bridge);
      for (const [name, { hosts }] of parts[0]?.where.domains ?? []) {
        const of = byBridge.get(name) ?? [];
        assert.deepEqual(
          of.map(({ host }) => host),
          hosts.length > 1 ? hosts : [],
        );
        for (const { host, tunnel } of of) assertEnd(host, tunnel, hosts);
        assert.ok(new Set(of.map(({ tunnel }) => tunnel.vni)).size <= 1);
      }
      const vnis = [...byBridge.values()].map(([first]) => first?.tunnel.vni);
      assert.equal(new Set(vnis).size, vnis.length);
      for (const { host, part } of parts) assertWhole(host, part.topology, part.peers, parts);
    }),
    { numRuns: 300 },
  );
});

function assertEnd(host: string, { local, remote, flood, type }: TunnelSpec, hosts: readonly string[]): void {
  const others = hosts.filter((other) => other !== host).map((other) => addressOf(other).address);
  assert.equal(type, 'vxlan');
  assert.equal(local, addressOf(host).address);
  assert.deepEqual(flood ?? [remote], others);
}

/** The part has the bridges that its links and tunnels need, and knows its peers. */
function assertWhole(
  host: string,
  { links, bridges, tunnels }: Topology,
  peers: readonly string[],
  parts: ReturnType<typeof partsOf>,
): void {
  const names = new Set(bridges.map(({ name }) => name));
  for (const name of [...links.map(bridgeOf), ...tunnels.map(({ bridge }) => bridge)]) assert.ok(names.has(name ?? ''));
  const crossed = new Set(tunnels.map(({ bridge }) => bridge));
  for (const { name, mode } of bridges) if (crossed.has(name)) assert.notEqual(mode, 'direct');
  const hosts = [...crossed].flatMap((name) => parts[0]?.where.domains.get(name)?.hosts ?? []);
  assert.deepEqual([...peers], [...new Set(hosts)].filter((other) => other !== host).sort());
}
