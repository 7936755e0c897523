/** `check`: whether a lab does what its file says of it. */
import { chooseChecks } from '../../check/choose.ts';
import type { CheckReport } from '../../check/report.ts';
import { assertPrivilege } from '../../engine/machine/privilege.ts';
import { LinkloomError } from '../../errors.ts';
import { OWN_NS } from '../../net/ns-id.ts';
import { type CheckOptions, checkLab } from '../check/check.ts';
import { type FarNodes, type LabNow, placedNodes, withFarNodes } from '../check/nodes.ts';
import type { Io, Request } from '../request.ts';
import { Session } from '../session.ts';
import { isNamedAlone, nodesOfLab, nodesOfTopology } from '../with-nodes/of-lab.ts';

export interface CheckRequest extends CheckOptions {
  /** Names and patterns of checks. Empty: all of the configuration, but none with `allPairs`. */
  readonly names: readonly string[];
}

/** Throws what `Session.open`, `chooseChecks` and `checkLab` throw; changes nothing. */
export async function check(request: Request, asked: CheckRequest, io: Io): Promise<CheckReport> {
  if (isNamedAlone(request)) return await checkByMarks(request, asked, io);
  await using session = await Session.open(request, io.emit);
  return await checkSession(session, asked, io);
}

/** The same on a session that is open. `far`: nodes of the lab that are on other hosts. */
export async function checkSession(
  session: Session,
  asked: CheckRequest,
  io: Io,
  far: FarNodes = NO_FAR_NODES,
): Promise<CheckReport> {
  const { topology } = session;
  const checks = chooseChecks(topology.checks ?? [], asked.names, asked.allPairs);
  return await checkLab(checks, async () => withFarNodes(await nodesOfSession(session), far), asked, io);
}

const NO_FAR_NODES: FarNodes = { nodes: [], missing: [] };

/** The nodes that checks of a session are made on. */
export async function nodesOfSession({ topology, engines, filter, host }: Session): Promise<LabNow> {
  return placedNodes(await nodesOfTopology(topology, engines, filter), host);
}

/** A lab that is known by its name alone: what is configured is not known, so only every pair can be tried. */
async function checkByMarks(request: Request, asked: CheckRequest, io: Io): Promise<CheckReport> {
  assertPrivilege();
  if (!asked.allPairs || asked.names.length > 0) {
    throw new LinkloomError('E_USAGE', 'what is to be checked stands in the configuration, and none is given', {
      hint: 'name it by -f FILE, or give --all-pairs',
    });
  }
  const look = async () => placedNodes(await nodesOfLab(request, io.emit), OWN_NS);
  const { lab, nodes } = await look();
  // The host itself is always there.
  if (nodes.length <= 1) throw new LinkloomError('E_NODE_MISSING', `nothing of a lab ${lab} is there`);
  return await checkLab([], look, asked, io);
}
