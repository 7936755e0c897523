/** The middle of the pipeline on a session: instantiate → observe → plan → execute, with their events and times. */

import { together } from '../config/diagnose.ts';
import { awaitCarriers } from '../engine/carriers.ts';
import { execute } from '../engine/execute.ts';
import { observe, observeCloser } from '../engine/observe.ts';
import { prepareOvsDirectory } from '../engine/ovs-directory.ts';
import type { ExecuteOptions, Execution } from '../engine/run.ts';
import { diagnosticOf } from '../errors.ts';
import type { Emit, Event, Failure, LinkCounts, Stage } from '../events.ts';
import { processNs } from '../net/ns-id.ts';
import { diff } from '../plan/diff.ts';
import { offloadsAsked } from '../plan/extras/ethtool.ts';
import type { Observed } from '../plan/observed.ts';
import { orphanWarnings } from '../plan/orphans/orphans.ts';
import type { Doubts, Plan, PlannedLink } from '../plan/plan.ts';
import { type Placement, place } from '../plan/switch/placement.ts';
import { linkSubject } from '../subject.ts';
import { checkNetwork } from '../topology/checks.ts';
import type { Finding } from '../topology/finding.ts';
import { type Instantiated, instantiate } from '../topology/instantiate.ts';
import { spokenPlace } from '../topology/places.ts';
import type { Container, Network, Refusal } from '../topology/topology.ts';
import type { DumpWants } from '../wire/task.ts';
import { confirmNodes } from './confirm.ts';
import { type Io, refuseErrors, type Session } from './session.ts';

/** Run one stage, telling when it begins and how long it took. */
export async function timed<T>(
  stage: Stage,
  emit: Emit,
  work: () => Promise<T> | T,
): Promise<{ readonly value: T; readonly ms: number }> {
  emit({ type: 'stage', stage, state: 'begin', elapsedMs: 0 });
  const startedMs = performance.now();
  const value = await work();
  const ms = performance.now() - startedMs;
  emit({ type: 'stage', stage, state: 'end', elapsedMs: ms });
  return { value, ms };
}

/**
 * What is wanted of the nodes that run now. Throws E_CLASH where the configuration itself can't be; nothing is touched then. What
 * shows only in the containers that run is refused link by link.
 */
export function networkOf(
  { topology, filter, host }: Pick<Session, 'topology' | 'filter' | 'host'>,
  containers: readonly Container[],
  emit: Emit,
): Network {
  const found = instantiate(topology, { containers, netns: 'all', host }, filter);
  return withoutClashes(found, emit);
}

function withoutClashes({ network, diagnostics }: Instantiated, emit: Emit): Network {
  const found: readonly Finding[] = [...diagnostics, ...checkNetwork(network)];
  const ofLinks = found.filter(({ links }) => links !== undefined);
  const isWhole = found.some(({ severity, links }) => severity === 'error' && links === undefined);
  refuseErrors('E_CLASH', together(isWhole ? found : found.filter(({ links }) => links === undefined)), emit);
  if (ofLinks.length === 0) return network;
  const refused = new Map(network.refused);
  for (const { message, hint, where, links = [] } of ofLinks) {
    const place = where === undefined ? '' : ` (${where.file}:${where.line}:${where.column})`;
    const refusal: Refusal = { code: 'E_CLASH', message: `${message}${place}`, hint: hint ?? null };
    for (const link of links) if (!refused.has(link)) refused.set(link, refusal);
  }
  return { ...network, refused };
}

/**
 * The network and what is seen of it, as one stage: the workers look while the network is checked here. Throws E_CLASH as
 * `networkOf` does; what was seen is of no interest then.
 */
export async function networkAndSnapshot(
  session: Session,
  containers: readonly Container[],
  emit: Emit,
): Promise<{ readonly network: Network; readonly snapshot: Snapshot; readonly observeMs: number }> {
  const { topology, filter, host } = session;
  const found = instantiate(topology, { containers, netns: 'all', host }, filter);
  const looking = timed('observe', emit, () => look(session, found.network, containers));
  looking.catch(() => {});
  const network = withoutClashes(found, emit);
  const { value, ms } = await looking;
  return { network, snapshot: value, observeMs: ms };
}

/** What diff sees: everything the network is about, and the lab's strays elsewhere. */
export interface Snapshot {
  readonly observed: Observed;
  readonly placement: Placement;
}

export async function look(
  session: Session,
  network: Network,
  containers: readonly Container[],
  wants: Partial<DumpWants> = {},
): Promise<Snapshot> {
  const strays = containers.map(({ pid }) => processNs(pid));
  const observed = await observe(session.pool, network, {
    side: session.side,
    wants: { ...wantsOf(network), ...wants },
    shards: null,
    strays,
  });
  const placement = place(network.lab, session.side, network.bridges, network.links, observed);
  return { observed, placement: { ...placement, uplinkMac: session.uplink?.mac ?? null } };
}

/** What has to be read for `diff` to see all that a network describes. */
export function wantsOf({ lab, links }: Network): DumpWants {
  return {
    addresses: true,
    routes: true,
    counters: false,
    traffic: true,
    translationsOf: lab,
    offloads: offloadsAsked(links),
  };
}

/** Plan with everything observed: what nothing wants any more goes. */
export function planOf({ files }: Pick<Session, 'files'>, network: Network, { observed, placement }: Snapshot): Plan {
  return diff(network, observed, placement, { prune: true, ...files });
}

/** Tell what stays since other files made it, each once for as long as it does. `plan` is of the whole lab. */
export function tellOrphans({ orphansTold }: Pick<Session, 'orphansTold'>, { lab, orphans }: Plan, emit: Emit): void {
  const news = orphans.filter((orphan) => !orphansTold.has(orphan));
  const now = new Set(orphans);
  for (const told of orphansTold) if (!now.has(told)) orphansTold.delete(told);
  for (const orphan of news) orphansTold.add(orphan);
  for (const diagnostic of orphanWarnings(lab, news)) emit({ type: 'diagnostic', diagnostic });
}

/** Plan, and once more where the plan turns on what is not looked at otherwise: what its changes take along, where a missing end is. */
export async function planSurely(
  session: Session,
  network: Network,
  snapshot: Snapshot,
  planBy: (snapshot: Snapshot) => Plan,
  more: Partial<DumpWants> = {},
): Promise<Planned> {
  const closer = (observed: Observed, doubts: Doubts): Promise<Observed> =>
    observeCloser(session.pool, network.lab, observed, doubts, { ...wantsOf(network), ...more });
  const first = planBy(snapshot);
  if (first.doubts === null) return { plan: first, observed: snapshot.observed };
  const observed = await closer(snapshot.observed, first.doubts);
  const second = planBy({ ...snapshot, observed });
  // What is seen closer can bring something else into doubt, once.
  if (second.doubts === null) return { plan: second, observed };
  const last = await closer(observed, joinedDoubts(first.doubts, second.doubts));
  return { plan: planBy({ ...snapshot, observed: last }), observed: last };
}

function joinedDoubts(a: Doubts, b: Doubts): Doubts {
  const farEnds = new Map(a.farEnds);
  for (const [ns, indexes] of b.farEnds) farEnds.set(ns, new Set([...(farEnds.get(ns) ?? []), ...indexes]));
  return { others: new Set([...a.others, ...b.others]), farEnds };
}

/** A plan against what was seen for it. */
export interface Planned {
  readonly plan: Plan;
  readonly observed: Observed;
}

/** What was planned in the end, and what became of it. */
export interface CarriedOut {
  readonly plan: Plan;
  readonly execution: Execution;
}

/**
 * Carry out a plan, once the containers in it were seen to be the ones that were observed; what could not even be planned
 * counts among the failures. If a worker dies over it, nobody knows how far it came: `again` looks and plans anew, and that
 * is carried out, once. The same, some times, where another lab makes or removes a namespace that this one uses too.
 */
export async function applyPlan(
  session: Session,
  network: Network,
  planned: Planned,
  io: Io & Pick<ExecuteOptions, 'spares'>,
  again: () => Promise<Planned>,
): Promise<CarriedOut> {
  let current = planned;
  let all: Plan | null = null;
  let applyMs = 0;
  for (let tries = 1, crashes = 0; ; tries++) {
    const plan = await confirmNodes(session, network, current.plan);
    all = all === null ? plan : joined(all, plan);
    const execution = await execute(plan, current.observed, session.pool, {
      emit: io.emit,
      signal: io.signal,
      nodes: network.nodes,
      onDispatch: io.onDispatch,
      spares: tries === 1 ? (io.spares ?? null) : null,
      onCrash: crashes === 0 ? 'leave' : 'fail',
      onChange: tries < MOST_TRIES ? 'leave' : 'fail',
    });
    applyMs += execution.applyMs;
    const why = reasonToPlanAgain(execution, crashes === 0);
    if (why === null) {
      if (session.own !== null) prepareOvsDirectory(network.lab, session.side === 'own', io.emit);
      const whole = withPlanned(plan, { ...execution, applyMs }, io.emit);
      return { plan: all, execution: await withCarriers(session, whole, plan, io) };
    }
    io.emit(why);
    crashes += execution.crashes.length > 0 ? 1 : 0;
    current = await again();
  }
}

/** How often is planned at most while other labs make and remove the same namespaces. */
const MOST_TRIES = 12;

/** null: there is none. */
function reasonToPlanAgain({ crashes, changed }: Execution, afterCrash: boolean): Event | null {
  if (crashes.length > 0 && afterCrash) {
    const message = `a worker died (${crashes[0]}): looking and planning again`;
    return { type: 'diagnostic', diagnostic: diagnosticOf('worker-died', message) };
  }
  if (changed[0] === undefined) return null;
  return {
    type: 'detail',
    message: `other labs make or remove ${spokenPlace(changed[0])} too: looking and planning again`,
  };
}

function withPlanned(plan: Plan, execution: Execution, emit: Emit): Execution {
  for (const failure of plan.failures) emit({ type: 'failure', failure });
  for (const message of plan.notes) emit({ type: 'detail', message });
  return { ...execution, failures: [...plan.failures, ...execution.failures] };
}

/** A link that was made is up once it carries: wait for that, and count what does not among the failures. */
async function withCarriers(session: Session, execution: Execution, plan: Plan, io: Io): Promise<Execution> {
  const gone = new Set([...execution.failed, ...execution.skipped]);
  const down = await awaitCarriers(session.pool, plan.ops, gone, io.signal);
  const failures = down.map(
    (link): Failure => ({
      subject: linkSubject(link),
      code: 'E_KERNEL',
      message: 'made, but it has no carrier',
      hint: 'was an end of it set down meanwhile? `status` tells; `up` again mends it',
    }),
  );
  for (const failure of failures) io.emit({ type: 'failure', failure });
  return {
    ...execution,
    failed: new Set([...execution.failed, ...down]),
    failures: [...execution.failures, ...failures],
  };
}

/** What was made before the worker died is there when the second plan looks: it was made in this run nevertheless. */
function joined(first: Plan, second: Plan): Plan {
  const before = new Map(first.links.map((planned) => [planned.link, planned]));
  const links = second.links.map((planned) => {
    const earlier = before.get(planned.link);
    const isOlder =
      planned.verdict === 'unchanged' ||
      (earlier?.verdict === 'create' && planned.verdict !== 'blocked' && planned.verdict !== 'waits');
    return isOlder ? (earlier ?? planned) : planned;
  });
  const removed = [...new Set([...first.removed, ...second.removed])];
  return { ...second, ops: [...first.ops, ...second.ops], links, removed };
}

/** Links by what became of them. */
export function countLinks(network: Network, plan: Plan, { failed, skipped }: Execution): LinkCounts {
  const done = plan.links.filter(({ link }) => !failed.has(link) && !skipped.has(link));
  const count = (...verdicts: readonly PlannedLink['verdict'][]): number =>
    done.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const missing = network.pending.reduce((sum, { links }) => sum + links.length, 0);
  return {
    desired: network.links.length + missing,
    created: count('create'),
    changed: count('change', 'recreate'),
    unchanged: count('unchanged'),
    removed: plan.removed.length,
    failed: plan.links.filter(({ link, verdict }) => failed.has(link) || verdict === 'blocked').length,
    pending: missing + count('waits'),
  };
}
