/**
 * The way of the data; the file to read first. Each line is a call, and the stages are in the file that it names:
 *
 *     load → validate → normalise            Session.open   load.ts      files become a Topology
 *     instantiate → observe → diff → plan    pass           pass.ts      a Topology and the kernel become a Plan
 *     does it fit on this machine?           lookBefore     preflight/   a Pass becomes findings, of which errors refuse
 *     jobs → execute in workers              apply          apply.ts     a Plan becomes operations, and what became of them
 *     report                                 io.emit        src/report/  events become text, as they happen
 *
 * The verbs (verbs/) go this way as far as they need: `plan` and `status` to the plan, `up` to the end, again and again with `--wait`
 * and in the daemon.
 */
import { LinkEvents } from '../engine/links/link-events.ts';
import { SparePool } from '../engine/threads/spares.ts';
import type { Emit } from '../events.ts';
import { netnsNameOf } from '../net/ns-id.ts';
import { shardName } from '../plan/switch/placement.ts';
import type { Container } from '../topology/topology.ts';
import { type Applied, apply } from './apply.ts';
import { linksOfEnded } from './network.ts';
import { type Pass, pass, type Scope } from './pass.ts';
import { lookBefore, type PreflightMode } from './preflight/look-before.ts';
import type { Io } from './request.ts';
import type { Session } from './session.ts';
import { timed } from './timed.ts';

/** A pass that was carried out. `plan` is what was carried out, over all tries; `execution` is the result. */
export type Reconciled = Pass & Applied;

/** `onPlan` is called with a pass before its plan is carried out. */
export interface ReconcileIo extends Io {
  readonly onPlan?: (found: Pass) => void;
  /** Containers of which a process has ended: their links are told as removed. Default: none. */
  readonly gone?: readonly Container[];
  /** What becomes of what preflight finds. Default `skip`. */
  readonly preflight?: PreflightMode;
  /** Where that is told. Default: `emit`. */
  readonly emitPreflight?: Emit;
}

/**
 * Make the nodes of a scope as described: one pass, carried out. Throws what `pass` and `lookBefore` throw, before anything is
 * touched; what the kernel refuses is in the result.
 */
export async function reconcile(session: Session, scope: Scope, io: ReconcileIo): Promise<Reconciled> {
  // Threads that make what is missing take a while to start: they do so while the kernel is observed.
  if (scope.nodes === 'all' && isNew(session)) session.workers.ready().catch(() => {});
  await using spares = scope.nodes === 'all' ? SparePool.expect(session.topology, session.workers) : null;
  const found = await pass(session, scope, io.emit);
  await lookBefore(session, found, io.preflight ?? 'skip', io.emitPreflight ?? io.emit);
  const links = io.links ? new LinkEvents(io.links, found.network, session.revision) : null;
  links?.wanted(linksOfEnded(session, io.gone ?? []));
  io.onPlan?.(found);
  const { value } = await timed('apply', io.emit, () => apply(session, found, { ...io, spares }, links));
  return { ...found, ...value };
}

/** Whether links that this pass has held back may rise in the next one, since nothing else is missing. */
export function mayRise({ held, network, plan, execution, scope }: Reconciled): boolean {
  const hasFaults = execution.failures.length > 0 || plan.failures.length > 0 || network.pending.length > 0;
  return held > 0 && !scope.holdsLate && !hasFaults && plan.links.every(({ verdict }) => verdict !== 'waits');
}

/** Whether nothing of the lab is there, as far as the names of namespaces tell. */
function isNew({ topology, side, workers }: Session): boolean {
  return side === 'netns' && !workers.namedNamespaces().includes(netnsNameOf(shardName(topology.lab, 0)));
}
