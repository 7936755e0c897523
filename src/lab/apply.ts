/** Jobs → execute: a pass's plan is carried out by the workers. */

import { awaitCarriers } from '../engine/carriers.ts';
import { execute } from '../engine/execute.ts';
import type { LinkEvents } from '../engine/links/link-events.ts';
import { prepareOvsDirectory } from '../engine/ovs-directory.ts';
import type { ExecuteOptions, Execution } from '../engine/run.ts';
import { inStage } from '../engine/stage.ts';
import { diagnosticOf } from '../errors.ts';
import type { Emit, Event, Failure } from '../events.ts';
import { notRunning } from '../plan/pending/pending.ts';
import type { Plan } from '../plan/plan.ts';
import { linkSubject, subjectText } from '../subject.ts';
import { spokenPlace } from '../topology/places.ts';
import { verb } from '../verb-names.ts';
import { confirmNodes } from './confirm.ts';
import { joinedPlans } from './outcome.ts';
import { type Pass, passAgain } from './pass.ts';
import type { Io } from './request.ts';
import type { Session } from './session.ts';

/** The final plan, and its result. */
export interface Applied {
  /** Includes what was carried out of earlier plans. */
  readonly plan: Plan;
  readonly execution: Execution;
}

/** Most plans of a pass while other labs make and remove the same namespaces. */
const MOST_TRIES = 12;

/**
 * Carries out the plan of a pass, after checking that its containers are still the ones that were observed. Links that could not be
 * planned count as failures. If a worker crashes, nobody knows how far it came, so the pass is made and carried out once more. The
 * same happens, up to a limit, if another lab makes or removes a namespace that this lab uses too.
 */
export async function apply(
  session: Session,
  found: Pass,
  io: Io & Pick<ExecuteOptions, 'spares'>,
  links: LinkEvents | null = null,
): Promise<Applied> {
  const { network } = found;
  let current = found;
  let all: Plan | null = null;
  let applyMs = 0;
  for (let tries = 1, crashes = 0; ; tries++) {
    const plan = await confirmNodes(session, network, current.plan);
    all = all === null ? plan : joinedPlans(all, plan);
    links?.planned(plan);
    const execution = await execute(plan, current.snapshot.observed, session.workers, {
      emit: io.emit,
      signal: io.signal,
      nodes: network.nodes,
      links,
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
      links?.settled(plan, whole, notRunning(session.filter));
      return { plan: all, execution: await withCarriers(session, whole, plan, io, links) };
    }
    io.emit(why);
    crashes += execution.crashes.length > 0 ? 1 : 0;
    current = await passAgain(session, found);
  }
}

/** The event that explains why a new plan is needed; null: none is needed. */
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

/** Waits until the links that were made have a carrier. Those without one become failures. */
async function withCarriers(
  session: Session,
  execution: Execution,
  plan: Plan,
  io: Io,
  links: LinkEvents | null,
): Promise<Execution> {
  const gone = new Set([...execution.failed, ...execution.skipped]);
  const waiting = (): Promise<readonly string[]> => awaitCarriers(session.workers, plan.ops, gone, io.signal);
  const down = await inStage('carriers', io.emit, waiting);
  const failures = down.map(
    (link): Failure => ({
      subject: linkSubject(link),
      code: 'E_KERNEL',
      message: 'made, but it has no carrier',
      hint: `was an end of it set down meanwhile? ${verb('status')} tells; ${verb('up')} again mends it`,
    }),
  );
  for (const failure of failures) {
    io.emit({ type: 'failure', failure });
    links?.lost(subjectText(failure.subject), failure);
  }
  return {
    ...execution,
    failed: new Set([...execution.failed, ...down]),
    failures: [...execution.failures, ...failures],
  };
}
