/** From a configuration, the record so far and what the hosts say to the next record. */
import { hostname, userInfo } from 'node:os';
import type { HostName } from '../../cluster/names.ts';
import { type LabRecord, RECORD_SCHEMA } from '../../cluster/record.ts';
import type { Recorded } from '../../cluster/records.ts';
import type { HostView } from '../../cluster/state.ts';
import type { Store } from '../../cluster/store.ts';
import type { Loaded } from '../../config/load.ts';
import { plainConfig } from '../../config/print.ts';
import { type Diagnostic, LinkloomError } from '../../errors.ts';
import { tunnelPort } from '../../kinds/tunnel-kinds.ts';
import type { Request } from '../../lab/request.ts';
import { checkSpread } from '../../spread/check.ts';
import { type Move, type Partition, placeNodes, type Room } from '../../spread/place.ts';
import { type HostAddress, isClaimed, numbered, type Spread, Whereabout } from '../../spread/spread.ts';
import { giveVnis, NO_NUMBERS, type Numbers } from '../../spread/vni.ts';
import type { Topology } from '../../topology/topology.ts';
import { verb } from '../../verb-names.ts';
import { claimsOf } from '../agent/requests.ts';
import { takeBlocks } from './blocks.ts';

/** The least version of linkloom that can carry out what this one writes. */
const NEEDS = '0.1';

const BYTES_PER_MIB = 2 ** 20;
/** The default of links, as conlink's. */
const MTU_MAX_BYTES = 65_535;

export interface Wanted {
  readonly loaded: Loaded;
  readonly topology: Topology;
  readonly defaults: Request['defaults'];
}

export interface NextOptions {
  readonly store: Store;
  readonly before: Recorded | null;
  readonly views: readonly HostView[];
  readonly partition: Partition;
  /** Whether nodes stay where they are. */
  readonly isSticky: boolean;
}

export interface Next {
  readonly record: LabRecord;
  readonly moves: readonly Move[];
  /** The share of the weight of all nodes that each host has. */
  readonly loads: Readonly<Record<HostName, number>>;
  readonly diagnostics: readonly Diagnostic[];
  readonly spread: Spread;
}

/** Throws E_NODE_MISSING where no host lives, E_LIMIT and E_STORE. Faults of the lab on its hosts are in `diagnostics`. */
export async function nextRecord({ loaded, topology, defaults }: Wanted, options: NextOptions): Promise<Next> {
  const { before, views, partition, isSticky } = options;
  const old = before?.record.deleted ? null : (before?.record ?? null);
  const known = takingPart(views, old, topology);
  const claims = claimsOf(views.filter(({ lease }) => lease !== null));
  const rooms: Room[] = Object.keys(known).map((name) => roomOf(name, views));
  const placed = await placeNodes({ topology, hosts: rooms, before: old?.place ?? {}, claims, isSticky }, partition);
  const hosts = withNodes(known, topology, placed.place, claims);
  const bare: Spread = { hosts, place: placed.place, claims, vni: {} };
  const numbers = await numbersFor(topology, bare, options);
  const spread = { ...bare, vni: numbers.vni };
  const underlays = new Map(
    views.flatMap(({ host, info }) => (info === null ? [] : [[host, info.underlayMtu] as const])),
  );
  const record: LabRecord = {
    ...{ schema: RECORD_SCHEMA, needs: NEEDS, writer: writer(), at: new Date().toISOString() },
    config: plainConfig(loaded.config, { ...printed(defaults), lab: loaded.lab }),
    ...{ hosts, place: placed.place, ...numbers, deleted: false },
  };
  return {
    record,
    moves: placed.moves,
    loads: placed.loads,
    diagnostics: checkSpread(topology, spread, { underlays }),
    spread,
  };
}

/** Defaults are written out, since agents have their own. */
function printed({ defaultBridgeMode = 'auto', defaultMtuBytes = MTU_MAX_BYTES }: Request['defaults']) {
  return { defaultBridgeMode, defaultMtuBytes };
}

/** Whether both say the same, whoever wrote them and when. */
export function isSameRecord(one: LabRecord, other: LabRecord): boolean {
  const text = ({ writer: _writer, at: _at, ...rest }: LabRecord): string => JSON.stringify(inOrder(rest));
  return text(one) === text(other);
}

/** Who writes: `USER@HOST`. */
export function writer(): string {
  return `${userInfo().username}@${hostname()}`;
}

/** The hosts that live, and those that have nodes of the lab already. Throws E_NODE_MISSING if there is none. */
function takingPart(
  views: readonly HostView[],
  old: LabRecord | null,
  { hosts: said = [] }: Topology,
): Readonly<Record<HostName, HostAddress>> {
  const saidOf = new Map(said.map((host) => [host.name, host]));
  const used = new Set(Object.values(old?.place ?? {}));
  const names = new Set([
    ...views.filter(({ lease }) => lease !== null).map(({ host }) => host),
    ...Object.keys(old?.hosts ?? {}).filter((host) => used.has(host)),
  ]);
  const infos = new Map(views.map(({ host, info }) => [host, info]));
  const found = [...names].sort().flatMap((name) => {
    const address = saidOf.get(name)?.address ?? infos.get(name)?.address ?? old?.hosts[name]?.address;
    const port = saidOf.get(name)?.port ?? old?.hosts[name]?.port ?? tunnelPort('vxlan') ?? 0;
    return address === undefined ? [] : [[name, { address, port }] as const];
  });
  if (found.length > 0) return Object.fromEntries(found);
  throw new LinkloomError('E_NODE_MISSING', 'no host takes part: no agent speaks for one', {
    hint: `run ${verb('daemon', '--store URL --host NAME')} on each host; ${verb('hosts', '--store URL')} lists them`,
  });
}

/** Containers that run nowhere yet may come to be on any host; without such, a host without nodes has no part. */
function withNodes(
  hosts: Readonly<Record<HostName, HostAddress>>,
  { links }: Topology,
  place: LabRecord['place'],
  claims: Spread['claims'],
): Readonly<Record<HostName, HostAddress>> {
  if (links.some(({ selector }) => isClaimed(selector))) return hosts;
  const used = new Set([...Object.values(place), ...[...claims.values()].flat()]);
  const some = Object.entries(hosts).filter(([name]) => used.has(name));
  return Object.fromEntries(some.length > 0 ? some : Object.entries(hosts).slice(0, 1));
}

function roomOf(name: HostName, views: readonly HostView[]): Room {
  const capacity = views.find(({ host }) => host === name)?.info?.capacity;
  return {
    name,
    cpus: capacity?.cpus ?? null,
    memoryBytes: capacity === undefined ? null : capacity.memoryMiB * BYTES_PER_MIB,
  };
}

async function numbersFor(topology: Topology, spread: Spread, { store, before, views }: NextOptions): Promise<Numbers> {
  const domains = numbered(new Whereabout(topology, spread));
  const lab = topology.lab;
  let known: Numbers = before?.record ?? NO_NUMBERS;
  const taken = new Set(topology.tunnels.map(({ vni }) => vni));
  const revision = before?.identity.revision ?? 0;
  const reached = reachedByAll(before, views);
  for (;;) {
    const given = giveVnis({ domains, before: known, revision, reached, taken });
    if ('numbers' in given) return given.numbers;
    known = { ...known, block: [...known.block, ...(await takeBlocks(store, lab, given.missing))] };
  }
}

/** The revision that all hosts have reached which have, or may still have, a part of the lab. */
function reachedByAll(before: Recorded | null, views: readonly HostView[]): number {
  if (before === null) return 0;
  const { lab, record, identity } = before;
  const withPart = views.filter(({ labs }) => labs.get(lab)?.deleted === false).map(({ host }) => host);
  const names = new Set([...Object.keys(record.hosts), ...withPart]);
  const revisions = [...names].map((name) => {
    const state = views.find(({ host }) => host === name)?.labs.get(lab);
    return state?.epoch === identity.epoch ? state.rev : 0;
  });
  return revisions.length === 0 ? identity.revision : Math.min(...revisions);
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, inOrder(inner)]),
  );
}
