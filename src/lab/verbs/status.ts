/** `status`: each link as wanted and as it is. */
import type { Emit } from '../../events.ts';
import { notRunning } from '../../plan/pending/pending.ts';
import { statusOf } from '../../plan/status/compare.ts';
import type { StatusReport } from '../../plan/status/status.ts';
import { commandReports } from '../commands/nodes.ts';
import { programReports } from '../nodes/program-reports.ts';
import { programsWanted } from '../nodes/programs.ts';
import { pass, WHOLE_LAB } from '../pass.ts';
import type { Io, Request } from '../request.ts';
import { Session } from '../session.ts';
import { tellRemoval } from './removal.ts';

/** Throws what `Session.open` and `pass` throw; changes nothing. */
export async function status(request: Request, io: Io): Promise<StatusReport> {
  await using session = await Session.open(request, io.emit);
  tellRemoval(session.topology.lab, io.emit);
  return await statusIn(session, io.emit);
}

/** The same in a session that is open. Must not be called during a pass. */
export async function statusIn(session: Session, emit: Emit): Promise<StatusReport> {
  const { network, snapshot, plan, containers } = await pass(session, { ...WHOLE_LAB, counters: true }, emit);
  const report = statusOf(network, snapshot.observed, snapshot.placement, plan, notRunning(session.filter));
  const programs = programReports(session.topology.lab, programsWanted(session.topology));
  return { ...report, programs, commands: await commandReports(session, network.nodes, containers) };
}
