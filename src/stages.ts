/** The middle of the pipeline on a session: instantiate → observe → plan → execute, with their events and times. */
import { type Execution, execute } from './engine/execute.ts';
import { observe } from './engine/observe.ts';
import type { DumpWants } from './engine/protocol.ts';
import type { Emit, LinkCounts, Stage } from './events.ts';
import { diff } from './plan/diff.ts';
import type { Observed } from './plan/observed.ts';
import { type Placement, place } from './plan/placement.ts';
import type { Plan, PlannedLink } from './plan/plan.ts';
import { type Io, refuseErrors, type Session } from './session.ts';
import { checkNetwork } from './topology/checks.ts';
import { instantiate } from './topology/instantiate.ts';
import type { Container, Network, NsId } from './topology/topology.ts';

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

/** What is wanted of the nodes that run now. Throws E_CLASH for names that can't be together; nothing is touched then. */
export function networkOf(
  session: Pick<Session, 'topology' | 'filter'>,
  containers: readonly Container[],
  emit: Emit,
): Network {
  const { network, diagnostics } = instantiate(session.topology, { containers, netns: 'all' }, session.filter);
  refuseErrors('E_CLASH', [...diagnostics, ...checkNetwork(network)], emit);
  return network;
}

/** What diff sees: everything the network is about, and the lab's strays elsewhere. */
export interface Sight {
  readonly observed: Observed;
  readonly placement: Placement;
}

export async function look(
  session: Session,
  network: Network,
  containers: readonly Container[],
  wants: Partial<DumpWants> = {},
): Promise<Sight> {
  const strays = containers.map(({ pid }): NsId => `pid/${pid}`);
  const observed = await observe(session.pool, network, {
    side: session.side,
    wants: { addresses: true, routes: true, counters: false, ...wants },
    shards: null,
    strays,
  });
  return { observed, placement: place(network.lab, session.side, network.bridges, network.links, observed) };
}

/** Plan with everything observed: what nothing wants any more goes. */
export function planOf(network: Network, { observed, placement }: Sight): Plan {
  return diff(network, observed, placement, { prune: true });
}

/** Carry a plan out; what could not even be planned counts among the failures. */
export async function carryOut(session: Session, plan: Plan, observed: Observed, io: Io): Promise<Execution> {
  for (const failure of plan.failures) io.emit({ type: 'failure', failure });
  for (const message of plan.notes) io.emit({ type: 'detail', message });
  const execution = await execute(plan, observed, session.pool, { emit: io.emit, signal: io.signal });
  return { ...execution, failures: [...plan.failures, ...execution.failures] };
}

/** Links by what became of them. */
export function countLinks(network: Network, plan: Plan, { failed, skipped }: Execution): LinkCounts {
  const done = plan.links.filter(({ link }) => !failed.has(link) && !skipped.has(link));
  const count = (...verdicts: readonly PlannedLink['verdict'][]): number =>
    done.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const pending = network.pending.reduce((sum, { links }) => sum + links, 0);
  return {
    desired: network.links.length + pending,
    created: count('create'),
    changed: count('change', 'recreate'),
    unchanged: count('unchanged'),
    removed: plan.removed.length,
    failed: plan.links.filter(({ link, verdict }) => failed.has(link) || verdict === 'blocked').length,
    pending,
  };
}
