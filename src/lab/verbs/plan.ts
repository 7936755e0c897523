/** `plan`: what `up` would do. */
import type { Emit, Pending } from '../../events.ts';
import { type Absence, notLookedFor, notRunning, pendingOf } from '../../plan/pending/pending.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Network } from '../../topology/topology.ts';
import { tellOrphans } from '../orphans.ts';
import { type Pass, pass, WHOLE_LAB } from '../pass.ts';
import type { Io, Request } from '../request.ts';
import { Session } from '../session.ts';

/** What a plan foresees: what would be done, and what can't be yet. */
export interface Foreseen {
  readonly plan: Plan;
  readonly network: Network;
  readonly pending: readonly Pending[];
}

/** Throws what `Session.open` and `pass` throw; changes nothing. */
export async function plan(request: Request, io: Io): Promise<Foreseen> {
  await using session = await Session.open(request, io.emit);
  const found = await pass(session, WHOLE_LAB, io.emit);
  tellOrphans(session, found, io.emit);
  return foreseen(found, notRunning(session.filter));
}

/** `plan --offline`: against an empty kernel, without root, engines and workers. Only netns nodes can be known. Throws E_CONFIG and E_CLASH. */
export async function planOffline(request: Request, emit: Emit): Promise<Foreseen> {
  const session = await Session.offline(request, emit);
  return foreseen(await pass(session, { ...WHOLE_LAB, offline: true }, emit), notLookedFor);
}

function foreseen({ plan, network }: Pass, absence: Absence): Foreseen {
  return { plan, network, pending: pendingOf(network, plan, absence) };
}
