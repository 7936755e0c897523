/** From a configuration, the record so far and what the hosts say to the next record. */
import { hostname, userInfo } from 'node:os';
import type { HostName } from '../../cluster/names.ts';
import { type LabRecord, RECORD_SCHEMA } from '../../cluster/record.ts';
import type { Recorded } from '../../cluster/records.ts';
import type { HostInfo, HostView } from '../../cluster/state.ts';
import type { Store } from '../../cluster/store.ts';
import type { Loaded } from '../../config/load.ts';
import { plainConfig } from '../../config/print.ts';
import { type Diagnostic, LinkloomError } from '../../errors.ts';
import type { Emit } from '../../events.ts';
import { TRUNK_PORT, tunnelPort } from '../../kinds/tunnel-kinds.ts';
import type { Request } from '../../lab/request.ts';
import { checkSpread } from '../../spread/check.ts';
import { type Move, type Partition, placeNodes, type Room } from '../../spread/place.ts';
import { type HostAddress, isClaimed, numbered, type Spread, Whereabout } from '../../spread/spread.ts';
import { giveVnis, type Numbers } from '../../spread/vni.ts';
import type { Topology } from '../../topology/topology.ts';
import { verb } from '../../verb-names.ts';
import { claimsOf } from '../agent/requests.ts';
import { withLocalFiles } from './local-files.ts';
import { moreBlocks, type Past, type PastOptions, pastOf } from './past.ts';
import { type Recalled, recall } from './recall.ts';

/** The least version of linkloom that can carry out what this one writes. */
export const NEEDS = '0.1';

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
  /** Whether nothing is written: for `plan`. */
  readonly isDry: boolean;
  readonly emit: Emit;
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
  const { store, views, partition, isSticky, emit } = options;
  let recalled: Promise<Recalled> | null = null;
  const pastOptions: PastOptions = {
    ...{ ...options, lab: topology.lab },
    recalled: () => {
      recalled ??= recall(store, topology.lab, views, emit);
      return recalled;
    },
  };
  const past = await pastOf(pastOptions);
  const known = takingPart(views, past, topology);
  const claims = claimsOf(views.filter(({ lease }) => lease !== null));
  const rooms: Room[] = Object.keys(known).map((name) => roomOf(name, views, topology));
  const placed = await placeNodes({ topology, hosts: rooms, before: past.place, claims, isSticky }, partition);
  const hosts = withNodes(known, topology, placed.place, claims);
  const bare: Spread = { hosts, place: placed.place, claims, vni: {} };
  const numbers = await numbersFor(topology, bare, past, pastOptions);
  const spread = { ...bare, vni: numbers.vni };
  const underlays = new Map(
    views.flatMap(({ host, info }) => (info === null ? [] : [[host, info.underlayMtu] as const])),
  );
  const config = plainConfig(loaded.config, { ...printed(defaults), lab: loaded.lab });
  const record: LabRecord = {
    ...{ schema: RECORD_SCHEMA, needs: NEEDS, ...signed() },
    ...(await withLocalFiles(config, loaded.config)),
    ...{ hosts, place: placed.place, ...numbers, deleted: false },
  };
  return {
    record,
    moves: placed.moves,
    loads: placed.loads,
    diagnostics: checkSpread(topology, spread, { underlays, rooms: new Map(rooms.map((room) => [room.name, room])) }),
    spread,
  };
}

/** Defaults are written out, since agents have their own. */
function printed({ defaultBridgeMode = 'auto', defaultMtuBytes = MTU_MAX_BYTES }: Request['defaults']) {
  return { defaultBridgeMode, defaultMtuBytes };
}

/**
 * Whether both say the same to hosts, whoever wrote them and when. Numbers that may be given out again are no news: the next change says
 * so along.
 */
export function isSameRecord(one: LabRecord, other: LabRecord): boolean {
  const text = ({ writer: _writer, at: _at, retired: _retired, ...rest }: LabRecord): string =>
    JSON.stringify(inOrder(rest));
  return text(one) === text(other);
}

/** Who writes, `USER@HOST`, and when. */
export function signed(): Pick<LabRecord, 'writer' | 'at'> {
  return { writer: `${userInfo().username}@${hostname()}`, at: new Date().toISOString() };
}

/** The hosts that live, and those that have nodes of the lab already. Throws E_NODE_MISSING if there is none. */
function takingPart(
  views: readonly HostView[],
  past: Past,
  { hosts: said = [] }: Topology,
): Readonly<Record<HostName, HostAddress>> {
  const saidOf = new Map(said.map((host) => [host.name, host]));
  const used = new Set(Object.values(past.place));
  const names = new Set([
    ...views.filter(({ lease }) => lease !== null).map(({ host }) => host),
    ...Object.keys(past.hosts).filter((host) => used.has(host)),
  ]);
  const infos = new Map(views.map(({ host, info }) => [host, info]));
  const found = [...names].sort().flatMap((name) => {
    const address = saidOf.get(name)?.address ?? infos.get(name)?.address ?? past.hosts[name]?.address;
    const port = saidOf.get(name)?.port ?? past.hosts[name]?.port ?? tunnelPort('vxlan') ?? 0;
    if (address === undefined) return [];
    const hasTrunk = trunkOf(infos.get(name), past.hosts[name]) && port !== TRUNK_PORT;
    return [[name, { address, port, ...(hasTrunk && { trunk: true as const }) }] as const];
  });
  if (found.length > 0) return Object.fromEntries(found);
  throw new LinkloomError('E_NODE_MISSING', 'no host takes part: no agent speaks for one', {
    hint: `run ${verb('daemon', '--store URL --host NAME')} on each host; ${verb('hosts', '--store URL')} lists them`,
  });
}

/** Whether a host can have a trunk, by what it says now; one that does not speak has what it had. */
function trunkOf(info: HostInfo | null | undefined, before: HostAddress | undefined): boolean {
  return info?.features.includes('trunk') ?? before?.trunk === true;
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

/** What the file says counts more than what the host says. */
function roomOf(name: HostName, views: readonly HostView[], { hosts = [] }: Topology): Room {
  const said = hosts.find((host) => host.name === name);
  const capacity = views.find(({ host }) => host === name)?.info?.capacity;
  const memoryBytes = capacity === undefined ? null : capacity.memoryMiB * BYTES_PER_MIB;
  return { name, cpus: said?.cpus ?? capacity?.cpus ?? null, memoryBytes: said?.memoryBytes ?? memoryBytes };
}

async function numbersFor(topology: Topology, spread: Spread, past: Past, options: PastOptions): Promise<Numbers> {
  const domains = numbered(new Whereabout(topology, spread));
  const taken = new Set(topology.tunnels.map(({ vni }) => vni));
  const { revision, reached } = past;
  for (let known = past.numbers; ; ) {
    const given = giveVnis({ domains, before: known, revision, reached, taken });
    if ('numbers' in given) return given.numbers;
    known = { ...known, block: [...known.block, ...(await moreBlocks(options, given.missing, known.block))] };
  }
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
