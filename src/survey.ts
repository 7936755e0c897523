/** What is there without a configuration to compare with: a lab, or all labs of the host, by their marks alone. */
import { recordedReports } from './commands/nodes.ts';
import { dumpOvs } from './engine/openvswitch.ts';
import { assertPrivilege } from './engine/privilege.ts';
import type { ScanTask } from './engine/protocol.ts';
import { WorkerPool } from './engine/threads/pool.ts';
import type { Emit } from './events.ts';
import { groupOf, ROLE } from './net/mark.ts';
import { type LabSeen, labsIn, statusByMarks } from './plan/compare.ts';
import { observedOf } from './plan/observed.ts';
import type { StatusReport } from './plan/status.ts';
import { timed } from './stages.ts';

/** A lab by its marks. Throws E_PRIVILEGE. */
export async function statusOfLab(lab: string, workers: number, emit: Emit): Promise<StatusReport> {
  assertPrivilege();
  await using pool = await WorkerPool.start(workers);
  const { dumps } = await scan(
    { task: 'scan', group: groupOf(lab, ROLE.nodeEnd), processes: true, except: [], translationsOf: null },
    pool,
    emit,
  );
  const report = statusByMarks(lab, observedOf(lab, dumps, [], true, await dumpOvs(pool, lab, 'any')));
  return { ...report, commands: await recordedReports(lab) };
}

/** Every lab of which something is found on this host, by name. Throws E_PRIVILEGE. */
export async function labsOfHost(workers: number, emit: Emit): Promise<readonly LabSeen[]> {
  assertPrivilege();
  await using pool = await WorkerPool.start(workers);
  const { dumps } = await scan(
    { task: 'scan', group: 0, processes: true, except: [], translationsOf: null },
    pool,
    emit,
  );
  return labsIn(dumps);
}

/** Namespaces that could not be looked into are told, in detail: they may hold more. */
async function scan(task: ScanTask, pool: WorkerPool, emit: Emit): Promise<Awaited<ReturnType<WorkerPool['scan']>>> {
  const { value } = await timed('observe', emit, () => pool.scan(task));
  for (const { subject, call, errnoName } of value.failures) {
    emit({ type: 'detail', message: `could not look into ${subject}: ${call} ${errnoName}` });
  }
  return value;
}
