/** Observe: the workers read the present state of a network from the kernel. */

import { LINKS_ONLY, observe, observeCloser } from '../engine/observe.ts';
import type { Workers } from '../engine/workers.ts';
import { bridgeOf, reachOf } from '../kinds/links/link-kinds.ts';
import { isNamed, type NamedNs, type NsId, OWN_NS, processNs } from '../net/ns-id.ts';
import { offloadsAsked } from '../plan/extras/ethtool.ts';
import type { Observed } from '../plan/observed.ts';
import type { Doubts } from '../plan/plan.ts';
import { type Placement, place } from '../plan/switch/placement.ts';
import type { Container, Link, Network } from '../topology/topology.ts';
import type { DumpWants } from '../wire/task.ts';
import { assertHere } from './preflight/assert-here.ts';
import type { Session } from './session.ts';
import type { Snapshot } from './snapshot.ts';

/** No bridge has a place before the first pass over the whole lab. */
const NO_PLACEMENT: Placement = { nsOfBridge: new Map(), shards: [], externalNs: null, uplinkMac: null };

/**
 * Observes everything that the network describes, and finds what the lab has left in other named namespaces and in containers. Throws
 * what `observe` and `assertHere` throw, as the look for a proof does.
 */
export async function lookAtAll(
  session: Session,
  network: Network,
  containers: readonly Container[],
  counters: boolean,
): Promise<Snapshot> {
  return await lookFor(session, network, containers, wantsOf(network, counters));
}

/** The same of devices alone, with what is done to their packets. */
export async function lookAtDevices(
  session: Session,
  network: Network,
  containers: readonly Container[],
): Promise<Snapshot> {
  return await lookFor(session, network, containers, { ...LINKS_ONLY, traffic: true });
}

async function lookFor(
  session: Session,
  network: Network,
  containers: readonly Container[],
  wants: DumpWants,
): Promise<Snapshot> {
  const observed = await observe(session.workers, network, {
    side: session.side,
    wants,
    shards: null,
    external: externalOf(session, network.links),
    host: session.host,
    // Ours is looked into in any case.
    strays: [...(session.host === OWN_NS ? [] : [session.host]), ...containers.map(({ pid }) => processNs(pid))],
  });
  await assertHere(session, network, observed);
  const placement = place(network.lab, session.side, network.bridges, network.links, observed, session.host);
  return { observed, placement: { ...placement, uplinkMac: session.uplink?.mac ?? null } };
}

/**
 * Observes the nodes of a part of the lab, and the switch namespaces in which it has bridges. `ended`: links whose node is gone. An
 * earlier pass over the whole lab has found that its bridges are here; a part has ends on bridges that it does not look at.
 */
export async function lookAtPart(
  session: Session,
  network: Network,
  ended: readonly Link[],
  counters: boolean,
): Promise<Snapshot> {
  const placement = session.wholeLab.placement ?? NO_PLACEMENT;
  const shards = new Set<NamedNs>();
  for (const { spec } of [...network.links, ...ended]) {
    const ns = placement.nsOfBridge.get(bridgeOf(spec) ?? '');
    if (ns !== undefined && isNamed(ns)) shards.add(ns);
  }
  const { side, workers } = session;
  const wants = wantsOf(network, counters);
  const external = externalOf(session, [...network.links, ...ended]);
  const observed = await observe(workers, network, {
    ...{ side, wants, shards: [...shards], external },
    ...{ host: external, strays: null },
  });
  return { observed, placement: { ...placement, shards: [...shards] } };
}

/** Observes what a plan's doubts are about. */
export async function lookCloser(
  session: Session,
  network: Network,
  { observed, placement }: Snapshot,
  doubts: Doubts,
  counters: boolean,
): Promise<Snapshot> {
  const wants = wantsOf(network, counters);
  return { observed: await observeCloser(session.workers, network.lab, observed, doubts, wants), placement };
}

/** Observes what a proof of wiring needs: the devices of the nodes and of the switch side. */
export async function lookForProof(session: Session, network: Network): Promise<Observed> {
  const external = externalOf(session, network.links);
  const wants = { ...LINKS_ONLY, addresses: network.links.some(({ spec }) => reachOf(spec) === 'addresses') };
  const observed = await observe(session.workers, network, {
    ...{ side: session.side, wants },
    ...{ shards: null, external, host: external, strays: null },
  });
  await assertHere(session, network, observed);
  const impaired = network.nodes.filter(({ ns }) =>
    observed.namespaces.get(ns)?.dump.links.some(({ qdisc }) => IMPAIRING.has(qdisc)),
  );
  if (impaired.length === 0) return observed;
  const doubts = { others: new Set(impaired.map(({ ns }) => ns)), farEnds: new Map() };
  return await observeCloser(session.workers, network.lab, observed, doubts, { ...wants, traffic: true });
}

/** Root qdiscs that may have been set by hand, which their handles tell. */
const IMPAIRING: ReadonlySet<string> = new Set(['netem', 'tbf']);

/** Observes some namespaces again, with all that shows why frames do not pass. `farEnds`: devices whose other ends are looked for. */
export async function lookAgain(
  workers: Workers,
  lab: string,
  observed: Observed,
  namespaces: ReadonlySet<NsId>,
  farEnds: Doubts['farEnds'] = new Map(),
): Promise<Observed> {
  const doubts = { others: namespaces, farEnds };
  return await observeCloser(workers, lab, observed, doubts, { ...LINKS_ONLY, traffic: true });
}

/** The host's namespace, if any of these links is on a bridge there; null: none is. */
function externalOf({ topology, host }: Session, links: readonly Link[]): NsId | null {
  const names = new Set(topology.bridges.flatMap(({ name, isExternal }) => (isExternal ? [name] : [])));
  return names.size > 0 && links.some(({ spec }) => names.has(bridgeOf(spec) ?? '')) ? host : null;
}

/** What has to be read for `diff` to see all that a network describes. */
function wantsOf({ lab, links }: Network, counters: boolean): DumpWants {
  return {
    addresses: true,
    routes: true,
    counters,
    traffic: true,
    translationsOf: lab,
    offloads: offloadsAsked(links),
  };
}
