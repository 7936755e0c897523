/** What is there without a configuration to compare with: a lab, or all labs of the host, by their marks alone. */

import { keepHeapTightFor } from '../../engine/machine/heap.ts';
import { dumpOvs } from '../../engine/machine/openvswitch.ts';
import { assertPrivilege } from '../../engine/machine/privilege.ts';
import { WorkersOnDemand } from '../../engine/threads/on-demand.ts';
import type { Workers } from '../../engine/workers.ts';
import type { Emit } from '../../events.ts';
import { groupOf, ROLE } from '../../net/mark.ts';
import { type NsId, OWN_NS } from '../../net/ns-id.ts';
import { type Observed, observedOf } from '../../plan/observed.ts';
import { type ContainerNames, statusByMarks } from '../../plan/status/by-marks.ts';
import { type LabSeen, labsIn } from '../../plan/status/labs.ts';
import type { StatusReport } from '../../plan/status/status.ts';
import { type EngineSockets, enginesWithin } from '../../runtime/connect.ts';
import { inWords, spokenPlace } from '../../topology/places.ts';
import type { ScanResult, ScanTask } from '../../wire/task.ts';
import { recordedReports } from '../commands/nodes.ts';
import { hostNamespace } from '../inside.ts';
import { containersByNamespace } from '../nodes/by-namespace.ts';
import { programReports } from '../nodes/program-reports.ts';
import { timed } from '../timed.ts';
import { tellRemoval } from './removal.ts';

/** How to look. */
export interface SurveyRequest {
  readonly workers: number;
  /** Engines tell the names of containers; one that does not answer is no fault. */
  readonly sockets: EngineSockets;
}

/** A lab by its marks. Throws E_PRIVILEGE. */
export async function statusOfLab(lab: string, request: SurveyRequest, emit: Emit): Promise<StatusReport> {
  assertPrivilege();
  tellRemoval(lab, emit);
  await using workers = new WorkersOnDemand(request.workers);
  return await lookForLab(lab, request.sockets, workers, emit);
}

/** The same with workers that are there already. */
export async function lookForLab(
  lab: string,
  sockets: EngineSockets,
  workers: Workers,
  emit: Emit,
): Promise<StatusReport> {
  const { report } = await lookByMarks(lab, sockets, workers, emit);
  return {
    ...report,
    programs: programReports(lab, null),
    commands: await recordedReports(lab),
  };
}

/** The same, with what was observed for it; without programs and commands. `details`: with `traffic`, addresses and counters are left out. */
export async function lookByMarks(
  lab: string,
  sockets: EngineSockets,
  workers: Workers,
  emit: Emit,
  details: Details = 'all',
): Promise<{ readonly report: StatusReport; readonly observed: Observed; readonly names: ContainerNames }> {
  const { dumps, names } = await survey(groupOf(lab, ROLE.nodeEnd), sockets, workers, emit, details);
  const ovs = await dumpOvs(workers, lab, { side: 'any', host: hostNamespace() });
  const observed = observedOf(lab, dumps, [], true, ovs);
  return { report: statusByMarks(lab, observed, names), observed, names };
}

/** Every lab of which something is found on this host, by name. Throws E_PRIVILEGE. */
export async function labsOfHost(request: SurveyRequest, emit: Emit): Promise<readonly LabSeen[]> {
  assertPrivilege();
  await using workers = new WorkersOnDemand(request.workers);
  const { dumps, names } = await survey(null, request.sockets, workers, emit, 'all');
  const labs = labsIn(dumps, names);
  for (const { lab } of labs) tellRemoval(lab, emit);
  return labs;
}

type Details = NonNullable<ScanTask['details']>;

interface Survey extends Pick<ScanResult, 'dumps'> {
  readonly names: ContainerNames;
}

/** Namespaces that could not be looked into are told, in detail: they may hold more. */
async function survey(
  group: number | null,
  sockets: EngineSockets,
  workers: Workers,
  emit: Emit,
  details: Details,
): Promise<Survey> {
  keepHeapTightFor(workers.namedNamespaces().length);
  const task: ScanTask = { task: 'scan', group, processes: true, except: [], translationsOf: null, details };
  const [{ value }, containers] = await Promise.all([
    timed('observe', emit, () => workers.ask(task)),
    enginesWithin(sockets).then(containersByNamespace),
  ]);
  for (const { subject, call, errnoName } of value.failures) {
    emit({
      type: 'detail',
      message: `could not look into ${inWords(subject, (ns) => spokenPlace(ns))}: ${call} ${errnoName}`,
    });
  }
  const names = value.dumps.flatMap(({ ns, inode }) => {
    const name = inode === null ? undefined : containers.get(inode);
    return name === undefined || ns === OWN_NS ? [] : [[ns, name] as const];
  });
  return { dumps: value.dumps, names: new Map<NsId, string>(names) };
}
