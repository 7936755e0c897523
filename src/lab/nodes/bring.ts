/** The containers of a lab and their links, for `up`, and for the daemon before it follows them. */
import type { Emit } from '../../events.ts';
import { type Scope, WHOLE_LAB } from '../pass.ts';
import { type Reconciled, reconcile } from '../pipeline.ts';
import type { PreflightMode } from '../preflight/look-before.ts';
import type { Io } from '../request.ts';
import type { Session } from '../session.ts';
import { bringContainers, containerDefinitions } from './containers.ts';
import { writeHosts } from './hosts.ts';
import type { NodeTally } from './node-tally.ts';

export interface BringIo extends Io {
  /** Called once a plan shows that the lab can be made at all. */
  readonly onPlan: () => void;
  /** Of the first pass: what becomes of what preflight finds. */
  readonly preflight: PreflightMode;
  readonly onReconciled?: (reconciled: Reconciled) => void;
  /** Takes what becomes of the containers. What the passes do is not recorded in it: that is `onReconciled`'s. */
  readonly tally: NodeTally;
}

/**
 * Makes the links of what runs, then the containers that are missing, each linked as soon as it runs. Of links only notices are told: a
 * pass over the whole lab, which must follow, tells all else. Does nothing in a lab without such nodes. Throws as `bringContainers`.
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

/** What writes the names of the nodes for each other, the first time that it is called. */
export function hostsWriter(session: Session, emit: Emit): () => void {
  let isDone = false;
  return () => {
    if (!isDone) writeHosts(session, emit);
    isDone = true;
  };
}

export function onlyNotices(emit: Emit): Emit {
  return (event) => {
    if (event.type === 'notice' || event.type === 'detail') emit(event);
  };
}
