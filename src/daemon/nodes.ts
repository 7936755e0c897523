/** Entries of `nodes:`: what is missing is made as `up` makes it, before the loop follows the nodes, and when the files have changed. */
import type { Failure } from '../events.ts';
import { bringNodes, hostsWriter, onlyNotices } from '../lab/nodes/bring.ts';
import { containerDefinitions } from '../lab/nodes/containers.ts';
import { removeHosts } from '../lab/nodes/hosts.ts';
import { isNews, NodeTally } from '../lab/nodes/node-tally.ts';
import { runPrograms, watchPrograms } from '../lab/nodes/programs.ts';
import { WHOLE_LAB } from '../lab/pass.ts';
import { type Reconciled, reconcile } from '../lab/pipeline.ts';
import type { PreflightMode } from '../lab/preflight/look-before.ts';
import type { Io } from '../lab/request.ts';
import type { Session } from '../lab/session.ts';
import type { Tally } from '../lab/tally.ts';
import type { Topology } from '../topology/topology.ts';
import { failuresOf } from './result.ts';

export interface NodesIo extends Io {
  readonly signal: AbortSignal;
  /** What becomes of what preflight finds. */
  readonly preflight: PreflightMode;
  /** Takes what becomes of nodes and links. Default: nobody does. */
  readonly tally?: Tally | undefined;
}

/** Must not be called during a pass. Throws what a pass throws, E_ENGINE and E_TOOL; the fault of one node is told as its own. */
export async function makeNodes(session: Session, io: NodesIo): Promise<void> {
  const { topology } = session;
  if (topology.nodes === undefined || topology.nodes.length === 0) return followNodes(topology, io);
  const onPlan = hostsWriter(session, io.emit);
  const tally = io.tally?.nodes ?? new NodeTally(topology);
  const add = (reconciled: Reconciled): void => (io.tally ?? tally).add(reconciled);
  if (containerDefinitions(topology).length > 0) {
    await bringNodes(session, { ...io, onPlan, tally, onReconciled: add });
  } else {
    const look = { emit: onlyNotices(io.emit), emitPreflight: io.emit };
    add(await reconcile(session, WHOLE_LAB, { ...io, ...look, onPlan }));
  }
  const { counts } = tally;
  if (isNews(counts)) io.emit({ type: 'nodes', lab: topology.lab, counts });
  if (!io.signal.aborted) await followNodes(topology, io);
}

/** Takes away the names and programs of nodes that the configuration no longer has, and starts the programs that it has. */
async function followNodes(topology: Topology, io: NodesIo): Promise<void> {
  removeHosts(topology.lab, 'gone');
  await startPrograms(topology, io);
}

/** Starts the programs of namespaces. What becomes of them is told later, so that nothing waits for that. */
export async function startPrograms(
  topology: Topology,
  { emit, signal }: Pick<NodesIo, 'emit' | 'signal'>,
): Promise<void> {
  const tell = (failed: Awaited<ReturnType<typeof watchPrograms>>): void => {
    if (!signal.aborted) for (const { failure } of failed) emit({ type: 'failure', failure });
  };
  tell(await runPrograms(topology));
  void watchPrograms(topology.lab, signal).then(tell);
}

/** Makes the nodes of changed files. What it throws is told and returned, and the daemon goes on. */
export async function makeChangedNodes(session: Session, io: NodesIo): Promise<readonly Failure[]> {
  try {
    await makeNodes(session, io);
    return [];
  } catch (error) {
    const failures = failuresOf(error);
    if (!io.signal.aborted) for (const failure of failures) io.emit({ type: 'failure', failure });
    return failures;
  }
}
