/** Reads the kernel: the workers dump each namespace that matters, and the dumps are indexed for planning. */
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

/** Namespaces in one dump task: enough to make the dispatch cheap, few enough to share the work out. */
const NAMESPACES_A_TASK = 64;
/** Fewer namespaces are not divided among workers: to start another worker takes longer than to dump these. */
const NAMESPACES_SHARED = 32;

/** The protocol of addresses (IFA_PROTO). */
const IFA_PROTO_SINCE = [5, 18] as const;

/** The lab's switch namespaces that exist, in order. */
function shardsOf(lab: string, names: readonly string[]): readonly NamedNs[] {
  const numbers = names.flatMap((name) => shardNumber(lab, namedNs(name)) ?? []);
  return numbers.sort((a, b) => a - b).map((n) => shardName(lab, n));
}

/** Nothing but devices. */
const LINKS_ONLY: DumpWants = {
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
  /** The switch namespaces to look into; null: all that the lab has. */
  readonly shards: readonly NamedNs[] | null;
  /** Look for the lab's marks in every other named namespace and in these too, so that what nothing wants any more is found. */
  readonly strays: readonly NsId[] | null;
}

/** Dump namespaces in parallel; the order of the result is that of the request. */
async function dumpAll(workers: Workers, namespaces: readonly NsId[], wants: DumpWants): Promise<NsDump[]> {
  const size = Math.max(NAMESPACES_SHARED, Math.min(NAMESPACES_A_TASK, Math.ceil(namespaces.length / workers.size)));
  const tasks: Promise<readonly NsDump[]>[] = [];
  for (let at = 0; at < namespaces.length; at += size) {
    const part = namespaces.slice(at, at + size);
    tasks.push(workers.ask({ task: 'dump', namespaces: part, wants }).then((result) => result.dumps));
  }
  return (await Promise.all(tasks)).flat();
}

/**
 * Observe all that a network is about: its nodes' namespaces and the switch side. Needs
 * CAP_SYS_ADMIN and CAP_NET_ADMIN. A container that went away meanwhile is as if it had never been
 * there, and a node that can't be entered is `unreachable`; the switch side must be read: else throws E_PRIVILEGE or E_KERNEL.
 */
export async function observe(workers: Workers, network: Network, options: ObserveOptions): Promise<Observed> {
  const names = workers.namedNamespaces();
  const existing = new Set(names);
  const shards = options.side === 'netns' ? (options.shards ?? shardsOf(network.lab, names)) : [];
  const wanted = new Set<NsId>(options.side === 'own' ? [OWN_NS] : shards);
  for (const { ns } of network.nodes) {
    const name = netnsNameOf(ns);
    if (name === null || existing.has(name)) wanted.add(ns);
  }
  // A node's own namespace, in which its parents may be, is among them if it is there.
  for (const ns of lowerNamespaces(network)) if (!isNamed(ns)) wanted.add(ns);
  const dumps = await dumpAll(workers, [...wanted], options.wants);
  const closed = closedOf(network, dumps, new Set(options.side === 'own' ? [OWN_NS] : shards));
  const strays = options.strays === null ? [] : await findStrays(workers, network.lab, wanted, options.strays);
  const ovs = await dumpOvs(workers, network.lab, options.side);
  return observedOf(network.lab, [...dumps, ...strays], shards, kernelIsAtLeast(...IFA_PROTO_SINCE), ovs, closed);
}

/** Nodes that can't be entered are their own fault alone; without the switch side, or our own namespace, there is no lab. */
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

/** Look again, at what a plan's doubts are about, where nobody looks otherwise. */
export async function observeCloser(
  workers: Workers,
  lab: string,
  observed: Observed,
  { others, farEnds }: Doubts,
  wants: DumpWants,
): Promise<Observed> {
  const namespaces = [...new Set([...others, ...farEnds.keys()])];
  const ends = Object.fromEntries([...farEnds].map(([ns, indexes]) => [ns, [...indexes]]));
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

/** Other namespaces in which something of the lab is. */
async function findStrays(
  workers: Workers,
  lab: string,
  known: ReadonlySet<NsId>,
  more: readonly NsId[],
): Promise<NsDump[]> {
  const group = groupOf(lab, ROLE.nodeEnd);
  const { dumps } = await workers.ask({
    task: 'scan',
    group,
    processes: false,
    except: [...known, ...more],
    translationsOf: lab,
  });
  const found = dumps.filter((dump) => dump.ns !== OWN_NS && !known.has(dump.ns));
  const rest = more.filter((ns) => !known.has(ns));
  const others = await dumpAll(workers, rest, { ...LINKS_ONLY, routesOf: lab, translationsOf: lab });
  return [...found, ...others];
}
