/** Records, parts, epochs and states against everything that can happen to messages, agents and the store, in any order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Identity } from '../../../src/cluster/identity.ts';
import { partOf } from '../../../src/spread/part.ts';
import { bridge, link, netns, topology } from '../../unit/topology/specs.ts';
import { HOSTS } from '../spread/labs.ts';
import { madeOf, World, type Written } from './world.ts';

const LABS = ['a', 'b'];

/** Wires and a LAN of six nodes, of which a lab has some: so that what comes and goes is often the same. */
const WIRES = [0, 1, 2, 3, 4, 5].flatMap((a) => [1, 2].map((by) => [a, (a + by) % 6] as const));
const topologies = fc.record({ wires: fc.subarray(WIRES), lan: fc.subarray([0, 1, 2, 3, 4, 5]) }).map(topologyOf);

function topologyOf({
  wires,
  lan,
}: {
  readonly wires: readonly (readonly [number, number])[];
  readonly lan: readonly number[];
}) {
  const ends = wires.flatMap(([a, b]) => [a, b].map((node) => ({ node, name: `wire-${a}-${b}`, dev: `e${a}${b}` })));
  const all = [...ends, ...lan.map((node) => ({ node, name: 'lan', dev: 'lan' }))];
  return topology(
    all.map(({ node, name, dev }) => link(netns(`n${node}`), { bridge: name, dev })),
    {
      bridges: [...new Set(all.map(({ name }) => name))].map((name) =>
        bridge(name, name === 'lan' ? 'linux' : 'direct'),
      ),
    },
  );
}

const places = fc.array(fc.constantFrom(...HOSTS), { minLength: 6, maxLength: 6 }).map(placeOf);

function placeOf(hosts: readonly string[]): Record<string, string> {
  return Object.fromEntries(hosts.map((host, node) => [`netns/n${node}`, host]));
}

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('up'),
      lab: fc.nat(1),
      topology: topologies,
      place: places,
      rival: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('down'), lab: fc.nat(1) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('deliver'), host: fc.nat(3), message: fc.nat() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('look'), host: fc.nat(3) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('apply'), host: fc.nat(3), lab: fc.nat(1) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('command'), host: fc.nat(3), lab: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill'), host: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wipe') }) },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function carryOut(world: World, one: Step): void {
  const lab = LABS['lab' in one ? one.lab : 0] ?? 'a';
  const host = world.host('host' in one ? one.host : 0);
  switch (one.do) {
    case 'up': {
      if (!('topology' in one)) return;
      const read = world.records.get(lab);
      const first = world.write(lab, one.topology, one.place, read);
      // Who read the same loses.
      const second = one.rival && world.write(lab, one.topology, one.place, read);
      assert.deepEqual([first, second], [true, false]);
      return;
    }
    case 'down': {
      const read = world.records.get(lab);
      if (read !== undefined) assert.ok(world.write(lab, read.topology, read.spread.place, read, true));
      return;
    }
    case 'deliver': {
      const message = world.inFlight['message' in one ? one.message % Math.max(1, world.inFlight.length) : 0];
      if (message !== undefined) world.deliver(host, message);
      return;
    }
    case 'look':
      return world.look(host);
    case 'apply':
      return world.apply(host, lab);
    case 'command':
      return world.command(host, lab);
    case 'kill':
      // An agent that begins while the store is empty has forgotten what the store has, too. What both forget nobody knows.
      if (world.records.size === LABS.length) world.kill(host);
      return;
    case 'wipe':
      if (world.hosts.every(({ known }) => known.size >= world.records.size)) world.wipe();
      return;
    default:
      throw new TypeError(String(one));
  }
}

/** What each host had before a step. */
interface Before {
  readonly links: ReadonlyMap<string, number>;
  readonly of: ReadonlyMap<string, Identity>;
}

function lookAt({ hosts }: World): Before {
  const all = hosts.flatMap(({ name, kernel }) => [...kernel].map(([lab, made]) => [`${name} ${lab}`, made] as const));
  return {
    links: new Map(all.map(([key, { links, tunnels }]) => [key, links.size + tunnels.size])),
    of: new Map(all.map(([key, { of }]) => [key, of])),
  };
}

/** Only a newer record takes anything away, and no host goes back within an epoch, nor to an earlier epoch. */
function assertForward(world: World, before: Before, one: Step): void {
  for (const { name, kernel } of world.hosts) {
    for (const [lab, { of, links, tunnels }] of kernel) {
      const was = before.of.get(`${name} ${lab}`);
      if (was === undefined) continue;
      if (one.do !== 'apply') assert.equal(links.size + tunnels.size, before.links.get(`${name} ${lab}`));
      assert.ok(of.epoch > was.epoch || (of.epoch === was.epoch && of.revision >= was.revision));
    }
  }
}

/** A VNI stands for one domain of one lab, on all hosts together. */
function assertOwnVnis({ hosts }: World): void {
  const owners = new Map<number, string>();
  for (const { kernel } of hosts) {
    for (const [lab, { tunnels }] of kernel) {
      for (const [vni, { domain }] of tunnels) {
        const owner = `${lab}: ${domain}`;
        assert.equal(owners.get(vni) ?? owner, owner, `VNI ${vni}`);
        owners.set(vni, owner);
      }
    }
  }
}

/** Commands have run only for states at which every neighbour has been. */
function assertCommands(world: World, ever: ReadonlyMap<string, number>): void {
  for (const { name, commands } of world.hosts) {
    for (const [lab, of] of commands) {
      const record = world.sent.find((sent) => sent.lab === lab && sameAs(sent, of)) as Written;
      for (const peer of partOf(record.topology, record.spread, name).peers)
        assert.ok((ever.get(`${peer} ${lab} ${of.epoch}`) ?? 0) >= of.revision, `${name} of ${lab} before ${peer}`);
    }
  }
}

const sameAs = (a: Identity, b: Identity): boolean => a.epoch === b.epoch && a.revision === b.revision;

/** Everybody hears everything, and does it. */
function settle(world: World): void {
  for (const lab of LABS) {
    for (const host of world.hosts) {
      world.look(host);
      world.apply(host, lab);
    }
    for (const host of world.hosts) world.command(host, lab);
  }
}

/** Each host has exactly its part, and the two sides of each wire name each other. */
function assertSettled(world: World): void {
  for (const record of world.records.values()) {
    for (const { name, kernel } of world.hosts) {
      const { of, ...made } = kernel.get(record.lab) ?? { of: null, links: new Set(), tunnels: new Map() };
      assert.ok(of !== null && sameAs(of, record));
      const wanted = record.deleted
        ? { links: new Set(), tunnels: new Map() }
        : madeOf(partOf(record.topology, record.spread, name), record);
      assert.deepEqual(made, wanted);
    }
    const missing = world.hosts.filter(
      ({ commands }) => !sameAs(commands.get(record.lab) ?? { epoch: '', revision: 0 }, record),
    );
    assert.equal(missing.length, record.deleted ? world.hosts.length : 0);
  }
}

test('whatever comes late, twice, in another order or never, hosts keep what they have, and end with their parts', () => {
  let wipes = 0;
  let kills = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 60, maxLength: 150, size: 'max' }), (steps) => {
      const world = new World();
      /** The newest revision of each lab and epoch that each host has said that it has. */
      const ever = new Map<string, number>();
      for (const one of steps) {
        const before = lookAt(world);
        carryOut(world, one);
        for (const [key, { epoch, revision }] of world.states) ever.set(`${key} ${epoch}`, revision);
        assertForward(world, before, one);
        assertOwnVnis(world);
        assertCommands(world, ever);
        wipes += Number(one.do === 'wipe' && world.epoch > 1);
        kills += Number(one.do === 'kill');
      }
      settle(world);
      assertOwnVnis(world);
      assertSettled(world);
    }),
    { numRuns: 200 },
  );
  assert.ok(wipes > 20 && kills > 20, `${wipes} wipes and ${kills} kills are too few to say anything`);
});

test('once the store was wiped, no other lab gets the numbers of a record that hosts have taken and not carried out', () => {
  const world = new World();
  const place = placeOf([...HOSTS, ...HOSTS].slice(0, 6));
  assert.ok(world.write('a', topologyOf({ wires: [], lan: [0, 1] }), place, undefined));
  for (const host of world.hosts) world.look(host);
  world.wipe();
  assert.ok(world.write('b', topologyOf({ wires: [[0, 1]], lan: [] }), place, undefined));
  for (const host of world.hosts) {
    world.apply(host, 'a');
    world.look(host);
    world.apply(host, 'b');
  }
  assertOwnVnis(world);
  assert.equal(
    world.hosts.flatMap(({ kernel }) => [...kernel.values()].flatMap(({ tunnels }) => [...tunnels.keys()])).length,
    4,
  );
});
