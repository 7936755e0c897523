/** `down`: take a lab away, known by its name and its marks alone. */
import { rmSync } from 'node:fs';
import { assertPrivilege } from '../../engine/machine/privilege.ts';
import { removeBareNames } from '../../engine/named-namespaces.ts';
import { prepareOvsDirectory } from '../../engine/ovs-directory.ts';
import { inStage } from '../../engine/stage.ts';
import { type NodesIn, teardown } from '../../engine/teardown.ts';
import { WorkersOnDemand } from '../../engine/threads/on-demand.ts';
import type { Workers } from '../../engine/workers.ts';
import type { Summary } from '../../events.ts';
import { apiSocketPath, removalLogPath } from '../../net/run-directory.ts';
import { enginesWithin } from '../../runtime/connect.ts';
import type { ContainerEngine } from '../../runtime/engine.ts';
import { endCommands } from '../commands/end.ts';
import { hostNamespace } from '../inside.ts';
import { containersIn } from '../nodes/by-namespace.ts';
import { endNodes, removeNodes } from '../nodes/take-down.ts';
import { removeParked } from '../override/parked.ts';
import type { Io, Request } from '../request.ts';
import { type HandOver, lockOrHandOver, patiently } from './hand-over.ts';

/** Throws E_PRIVILEGE and E_LOCKED; what can't be removed is in the summary. `handOver`: where a daemon has the lab. */
export async function down(
  lab: string,
  { workers: size, sockets }: Pick<Request, 'workers' | 'sockets'>,
  io: Io,
  handOver?: HandOver<Summary, string>,
): Promise<Summary> {
  assertPrivilege();
  await using workers = new WorkersOnDemand(size);
  const patience = { ...patiently(lab, io), task: 'down' } as const;
  const { lock, done } = await lockOrHandOver(workers, lab, handOver, lab, patience);
  if (done !== null) return done;
  using _lock = lock;
  // Nobody listens there, as the lock was free: a daemon that was killed has left it.
  rmSync(apiSocketPath(lab), { force: true });
  const summary = await remove(workers, lab, await enginesWithin(sockets), io);
  if (summary.failures.length === 0) rmSync(removalLogPath(lab), { force: true });
  return summary;
}

/** The same with workers and a lock that the caller has. `totalMs` counts from `sinceMs` of `performance.now()`, since a daemon has run for long. */
export async function remove(
  workers: Workers,
  lab: string,
  engines: readonly ContainerEngine[],
  { emit, links: heard }: Pick<Io, 'emit' | 'links'>,
  sinceMs = 0,
): Promise<Summary> {
  await inStage('end', emit, () => Promise.all([endCommands(lab, emit), endNodes(lab)]));
  const host = hostNamespace();
  const nodesIn: NodesIn = (dumps) => containersIn(dumps, engines);
  const { links, nodes, failures: left, observeMs, applyMs } = await teardown(workers, lab, host, emit, heard, nodesIn);
  const containers = await inStage('containers', emit, () => removeNodes(workers, lab, engines, emit));
  const failures = [...left, ...containers.failures];
  prepareOvsDirectory(lab, false, emit);
  await removeParked(lab);
  removeBareNames(lab);
  const counts = {
    ...{ desired: 0, created: 0, changed: 0, unchanged: 0, pending: 0 },
    removed: links.length,
    failed: left.length - nodes.failed,
  };
  const nodeCounts = {
    ...{ desired: 0, created: 0, changed: 0, unchanged: 0 },
    removed: nodes.removed + containers.removed,
    failed: nodes.failed + containers.failures.length,
  };
  const timings = { loadMs: 0, observeMs, planMs: 0, applyMs, totalMs: performance.now() - sinceMs };
  const summary = { lab, links: counts, nodes: nodeCounts, timings, failures, pending: [], commands: [], orphans: [] };
  emit({ type: 'summary', verb: 'down', summary });
  return summary;
}
