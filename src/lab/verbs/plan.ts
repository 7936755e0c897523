/** `plan`: what `up` would do. */
import { factsFor } from '../../engine/machine/facts.ts';
import type { Emit, Pending, ProgramReport } from '../../events.ts';
import { type Absence, notLookedFor, notRunning, pendingOf } from '../../plan/pending/pending.ts';
import type { Plan } from '../../plan/plan.ts';
import { checkPairs, MANY_BRIDGES } from '../../preflight/checks/cost.ts';
import { bridgesOfTwo, domainsOf } from '../../preflight/domains.ts';
import { madeBy } from '../../preflight/lab.ts';
import type { Network } from '../../topology/topology.ts';
import { programReports } from '../nodes/program-reports.ts';
import { programsWanted } from '../nodes/programs.ts';
import { tellOrphans } from '../orphans.ts';
import { type Pass, pass, WHOLE_LAB } from '../pass.ts';
import { CALIBRATION_PAIRS, labOf } from '../preflight/look-before.ts';
import type { Io, Request } from '../request.ts';
import { Session } from '../session.ts';

/** What a plan foresees: what would be done, and what can't be yet. */
export interface Foreseen {
  readonly plan: Plan;
  readonly network: Network;
  readonly pending: readonly Pending[];
  /** Of each program of `run:` that is wanted or known. */
  readonly programs: readonly ProgramReport[];
}

/** Throws what `Session.open` and `pass` throw; changes nothing. */
export async function plan(request: Request, io: Io): Promise<Foreseen> {
  await using session = await Session.open(request, io.emit);
  const found = await pass(session, WHOLE_LAB, io.emit);
  tellOrphans(session, found, io.emit);
  await tellBridgesOfTwo(session, found, io.emit);
  const programs = programReports(session.topology.lab, programsWanted(session.topology));
  return foreseen(found, notRunning(session.filter), programs);
}

/** Measured here only where there are so many that it matters. */
async function tellBridgesOfTwo(session: Session, found: Pass, emit: Emit): Promise<void> {
  const lab = labOf(session, found);
  const pairs = bridgesOfTwo(domainsOf(lab.network), lab.plan.ops, lab.network);
  if (pairs < MANY_BRIDGES) return;
  const facts = await factsFor(session.workers, { needs: new Map(), remotes: [], firewall: false }, CALIBRATION_PAIRS);
  for (const finding of checkPairs(madeBy(lab), pairs, facts)) emit({ type: 'diagnostic', diagnostic: finding });
}

/** `plan --offline`: against an empty kernel, without root, engines and workers. Only netns nodes can be known. Throws E_CONFIG and E_CLASH. */
export async function planOffline(request: Request, emit: Emit): Promise<Foreseen> {
  const session = await Session.offline(request, emit);
  const programs = programReports(session.topology.lab, programsWanted(session.topology), true);
  return foreseen(await pass(session, { ...WHOLE_LAB, offline: true }, emit), notLookedFor, programs);
}

function foreseen({ plan, network }: Pass, absence: Absence, programs: Foreseen['programs']): Foreseen {
  return { plan, network, pending: pendingOf(network, plan, absence), programs };
}
