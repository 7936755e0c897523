/** Makes the containers of a lab and their links, for `up`, and for the daemon before it follows the engine. */
import type { Emit } from '../../events.ts';
import { type Pass, type Scope, WHOLE_LAB } from '../pass.ts';
import { type Reconciled, reconcile } from '../pipeline.ts';
import type { PreflightMode } from '../preflight/look-before.ts';
import type { Io } from '../request.ts';
import type { Session } from '../session.ts';
import { bringContainers, containerDefinitions } from './containers.ts';
import { writeHosts } from './hosts.ts';
import type { NodeTally } from './node-tally.ts';

export interface BringIo extends Io {
  /** Called once a plan shows that the lab can be made at all. */
  readonly onPlan: (found: Pass) => void;
  /** What the first pass does with preflight's findings. */
  readonly preflight: PreflightMode;
  readonly onReconciled?: (reconciled: Reconciled) => void;
  /** Takes what becomes of the containers. What the passes do is not recorded in it: that is `onReconciled`'s. */
  readonly tally: NodeTally;
}

/**
 * Makes the links of what runs already, then the missing containers, and the links of each as soon as it runs. Its passes report only
 * notices; the caller has to make a pass over the whole lab afterwards, which reports the rest. Does nothing in a lab without entries
 * that are containers. Throws what `bringContainers` throws.
 */
export async function bringNodes(session: Session, io: BringIo): Promise<void> {
  if (containerDefinitions(session.topology).length === 0) return;
  const look = { emit: onlyNotices(io.emit), emitPreflight: io.emit };
  let { preflight } = io;
  const link = async (scope: Scope): Promise<Reconciled> => {
    const reconciled = await reconcile(session, scope, { ...io, ...look, preflight });
    preflight = 'skip';
    io.onReconciled?.(reconciled);
    return reconciled;
  };
  await bringContainers(session, await link(WHOLE_LAB), { ...io, link });
}

/** Returns a function that writes the lab's hosts files the first time that it is called. */
export function hostsWriter(session: Session, emit: Emit): () => void {
  let isDone = false;
  return () => {
    if (!isDone) writeHosts(session, emit);
    isDone = true;
  };
}

/** Passes on notices and details, and nothing else. */
export function onlyNotices(emit: Emit): Emit {
  return (event) => {
    if (event.type === 'notice' || event.type === 'detail') emit(event);
  };
}
