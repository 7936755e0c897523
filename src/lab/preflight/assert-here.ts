/** Refuses a run on a lab that another linkloom has in a namespace of its own: nothing of it is compared, nothing is touched. */
import { type Elsewhere, findElsewhere, ownInode } from '../../engine/elsewhere.ts';
import { LinkloomError } from '../../errors.ts';
import { pidOf } from '../../net/ns-id.ts';
import type { Observed } from '../../plan/observed.ts';
import { spokenPlace } from '../../topology/places.ts';
import type { Network } from '../../topology/topology.ts';
import { bareCommandLine, verb } from '../../verb-names.ts';
import { inodeOf } from '../nodes/by-namespace.ts';
import type { Session } from '../session.ts';

/** Throws E_ELSEWHERE, which says where the lab's bridges are. */
export async function assertHere(session: Session, { lab, nodes }: Network, observed: Observed): Promise<void> {
  const { workers, host } = session;
  const sight = { lab, observed, nodes: new Set(nodes.map(({ ns }) => ns)), ownInode: ownInode(), host };
  const elsewhere = await findElsewhere(workers, sight);
  if (elsewhere === null) return;
  const { place, hint } = await spoken(session, elsewhere);
  // Only that which this machine's processes or names lead to is found by its marks.
  const takeAway =
    elsewhere.by === 'dump' ? `; ${verb('down', `--lab ${lab}`)} takes the lab away, wherever it is` : '';
  throw new LinkloomError('E_ELSEWHERE', `the bridges of lab ${lab} are in ${place}; nothing has been touched`, {
    hint: `${hint}${takeAway}`,
  });
}

async function spoken(
  session: Session,
  elsewhere: Elsewhere,
): Promise<{ readonly place: string; readonly hint: string }> {
  if (elsewhere.by === 'nothing')
    return {
      place: 'a network namespace that no process here is in',
      hint: 'call linkloom where the lab was made: on the host, if this is a container',
    };
  if (elsewhere.by === 'name') {
    const { pid, name } = elsewhere;
    const place = `namespace ${name} of the mount namespace of process ${pid}`;
    return {
      place,
      hint: `call linkloom there, as in \`nsenter --target ${pid} --mount ${bareCommandLine('status')}\``,
    };
  }
  const { ns, inode } = elsewhere.dump;
  const pid = pidOf(ns);
  if (pid === null) return { place: spokenPlace(ns), hint: 'call linkloom in that namespace, with `--switch own`' };
  const container = await containerIn(session, inode);
  if (container === null) {
    const hint = 'call linkloom where that process runs, or end it first';
    return { place: pid === 1 ? spokenPlace(ns) : `the network namespace of process ${pid}`, hint };
  }
  const { name, kind } = container;
  return {
    place: `the network namespace of container ${name} (process ${pid})`,
    hint: `call linkloom in there, as in \`${kind} exec ${name} ${bareCommandLine('status')}\`, or end that container first`,
  };
}

/** The first container with a network namespace, and the kind of its engine. */
async function containerIn(session: Session, inode: number | null) {
  for (const { id, pid, name } of await session.containers()) {
    if (inode !== null && inodeOf(pid) === inode) return { name, kind: session.engineOf(id)?.kind ?? 'docker' };
  }
  return null;
}
