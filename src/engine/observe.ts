/** Reads the kernel's state: the workers dump each namespace that matters, and the dumps are indexed for planning. */
import { LinkloomError } from '../errors.ts';
import { groupOf, ROLE } from '../net/mark.ts';
import { isNamed, type NamedNs, type NsId, namedNs, netnsNameOf, OWN_NS } from '../net/ns-id.ts';
import { type Observed, observedOf, withDumps } from '../plan/observed.ts';
import { lowerNamespaces } from '../plan/parents/namespaces.ts';
import type { Doubts } from '../plan/plan.ts';
import { type SwitchSide, shardName, shardNumber } from '../plan/switch/placement.ts';
import { spokenPlace } from '../topology/places.ts';
import type { Network, Refusal } from '../topology/topology.ts';
import type { OpFailure } from '../wire/failure.ts';
import type { NsDump } from '../wire/seen.ts';
import type { DumpWants } from '../wire/task.ts';
import { describe } from './failure.ts';
import { kernelIsAtLeast } from './machine/kernel.ts';
import { dumpOvs } from './machine/openvswitch.ts';
import { unreachable } from './reach.ts';
import type { Workers } from './workers.ts';

/** Namespaces in one dump task: enough to make the dispatch cheap, and few enough to spread the work over the workers. */
const NAMESPACES_A_TASK = 64;
/** Fewer namespaces than this are dumped by one worker: to start another worker takes longer. */
const NAMESPACES_SHARED = 32;

/** The first kernel (major, minor) that stores an address's protocol (IFA_PROTO). */
const IFA_PROTO_SINCE = [5, 18] as const;

/** The lab's switch namespaces that exist, in order. */
function shardsOf(lab: string, names: readonly string[]): readonly NamedNs[] {
  const numbers = names.flatMap((name) => shardNumber(lab, namedNs(name)) ?? []);
  return numbers.sort((a, b) => a - b).map((n) => shardName(lab, n));
}

/** Dump devices and nothing else. */
export const LINKS_ONLY: DumpWants = {
  addresses: false,
  routes: false,
  counters: false,
  traffic: false,
  translationsOf: null,
  offloads: [],
};

export interface ObserveOptions {
  readonly side: SwitchSide;
  readonly wants: DumpWants;
  /** The switch namespaces to dump; null for all that the lab has. */
  readonly shards: readonly NamedNs[] | null;
  /** The namespace of bridges that others made; null where no link joins one. */
  readonly external: NsId | null;
  /** The host's namespace, if ports of the lab in the host's own Open vSwitch matter. null: they do not. */
  readonly host: NsId | null;
  /**
   * If not null, every other named namespace is searched for the lab's marks, and so are these. That finds what no configuration
   * wants any more.
   */
  readonly strays: readonly NsId[] | null;
}

/** Dumps namespaces in parallel. The result has the order of `namespaces`. */
async function dumpAll(workers: Workers, namespaces: readonly NsId[], wants: DumpWants): Promise<NsDump[]> {
  const size = Math.max(NAMESPACES_SHARED, Math.min(NAMESPACES_A_TASK, Math.ceil(namespaces.length / workers.size)));
  const tasks: Promise<readonly NsDump[]>[] = [];
  for (let at = 0; at < namespaces.length; at += size) {
    const part = namespaces.slice(at, at + size);
    tasks.push(workers.ask({ task: 'dump', namespaces: part, wants }).then(({ dumps }) => dumps));
  }
  return (await Promise.all(tasks)).flat();
}

/**
 * Reads the state of everything that a network consists of: the namespaces of its nodes, and the switch side. A container that has
 * gone away is left out, and a node that can't be entered is marked `unreachable`. If the switch side can't be read, throws
 * E_PRIVILEGE or E_KERNEL. Needs CAP_SYS_ADMIN and CAP_NET_ADMIN.
 */
export async function observe(workers: Workers, network: Network, options: ObserveOptions): Promise<Observed> {
  const names = workers.namedNamespaces();
  const existing = new Set(names);
  const shards = options.side === 'netns' ? (options.shards ?? shardsOf(network.lab, names)) : [];
  const switchSide = new Set<NsId>(options.side === 'own' ? [OWN_NS] : shards);
  if (options.external !== null) switchSide.add(options.external);
  const wanted = new Set(switchSide);
  for (const { ns } of network.nodes) {
    const name = netnsNameOf(ns);
    if (name === null || existing.has(name)) wanted.add(ns);
  }
  // Parents of links are in named namespaces, or in a node's own namespace, which is dumped if it exists.
  for (const ns of lowerNamespaces(network)) if (!isNamed(ns)) wanted.add(ns);
  const dumps = await dumpAll(workers, [...wanted], options.wants);
  const closed = closedOf(network, dumps, switchSide);
  const { strays: more, wants } = options;
  const strays = more === null ? [] : await findStrays(workers, network.lab, wanted, more, wants.counters);
  const ovs = await dumpOvs(workers, network.lab, options);
  return observedOf(network.lab, [...dumps, ...strays], shards, kernelIsAtLeast(...IFA_PROTO_SINCE), ovs, closed);
}

/**
 * The nodes that can't be entered; only their own links fail. Throws if the switch side or linkloom's own namespace can't be read,
 * since there is no lab without them.
 */
function closedOf(
  { nodes }: Network,
  dumps: readonly NsDump[],
  switchSide: ReadonlySet<NsId>,
): ReadonlyMap<NsId, Refusal> {
  const closed = new Map<NsId, Refusal>();
  for (const { failure, ns } of dumps) {
    if (failure === null) continue;
    if (switchSide.has(ns) || ns === OWN_NS) throw unreadable(failure, ns);
    closed.set(ns, unreachable(failure, ns, nodes.find((node) => node.ns === ns) ?? null));
  }
  return closed;
}

/** Whether a namespace has a device of one of these names. */
export async function hasDevice(workers: Workers, ns: NsId, names: ReadonlySet<string>): Promise<boolean> {
  const [dump] = await dumpAll(workers, [ns], LINKS_ONLY);
  return dump?.links.some(({ ifname }) => names.has(ifname)) ?? false;
}

/**
 * Reads more of the kernel, to settle the doubts of a plan about namespaces that a pass does not read as a rule. What takes the place of an
 * earlier look answers what that was asked of far ends, too.
 */
export async function observeCloser(
  workers: Workers,
  lab: string,
  observed: Observed,
  { others, farEnds }: Doubts,
  wants: DumpWants,
): Promise<Observed> {
  const namespaces = [...new Set([...others, ...farEnds.keys()])];
  const endsOf = (ns: NsId): readonly number[] => {
    const before = observed.namespaces.get(ns)?.dump.farEnds?.keys() ?? [];
    return [...new Set([...before, ...(farEnds.get(ns) ?? [])])];
  };
  const ends = Object.fromEntries(namespaces.map((ns) => [ns, endsOf(ns)]));
  const dumps = await dumpAll(workers, namespaces, { ...wants, others: others.size > 0, farEnds: ends });
  return withDumps(
    lab,
    observed,
    dumps.filter(({ failure }) => failure === null),
  );
}

function unreadable(failure: OpFailure, ns: NsId): LinkloomError {
  const { code, message, hint } = describe(failure, null, ns);
  const text = `cannot look into ${spokenPlace(ns)}: ${message}`;
  return new LinkloomError(code, text, hint === undefined ? {} : { hint });
}

/** Dumps other namespaces that have something of the lab in them: devices alone, or with `details` addresses and counters too. */
async function findStrays(
  workers: Workers,
  lab: string,
  known: ReadonlySet<NsId>,
  more: readonly NsId[],
  details: boolean,
): Promise<NsDump[]> {
  const group = groupOf(lab, ROLE.nodeEnd);
  const { dumps } = await workers.ask({
    task: 'scan',
    group,
    processes: false,
    except: [...known, ...more],
    translationsOf: lab,
    ...(details && { details: 'all' }),
  });
  const found = dumps.filter((dump) => !known.has(dump.ns));
  const rest = more.filter((ns) => !known.has(ns));
  const wants = { ...LINKS_ONLY, addresses: details, counters: details, routesOf: lab, translationsOf: lab };
  const others = await dumpAll(workers, rest, wants);
  return [...found, ...others];
}
