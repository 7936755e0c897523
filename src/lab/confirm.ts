/**
 * Makes sure that a plan's containers are still the ones that were observed. A container is reached by the id of its process, and the
 * kernel can give that id to another process after the engine has told it. So a pass first notes the inode of the namespace (observe),
 * then the engine is asked about the container again (here), and a worker carries out operations only in a namespace of that inode
 * (`Job.inode`).
 */

import { LinkloomError } from '../errors.ts';
import type { Failure } from '../events.ts';
import { type NsId, pidOf } from '../net/ns-id.ts';
import type { Plan } from '../plan/plan.ts';
import { isProcessOf } from '../runtime/process-owner.ts';
import { linkSubject } from '../subject.ts';
import type { ContainerNode, Network, Node } from '../topology/topology.ts';
import { verb } from '../verb-names.ts';
import { peerOf } from '../wire/make.ts';
import type { Op } from '../wire/op.ts';
import type { Session } from './session.ts';

/** How many containers the engines are asked about at the same time. */
const ASKED_AT_ONCE = 32;

/** Why nothing is done for a container: the part of the failure that is the same for each of its links. */
type Doubt = Pick<Failure, 'code' | 'message' | 'hint'>;

/**
 * The plan without the operations for containers that were restarted or ended since they were observed, or of which the engine does not
 * tell it. Their links fail with E_NODE_CHANGED or E_ENGINE; the operations of all others stay.
 */
export async function confirmNodes(session: Session, network: Network, plan: Plan): Promise<Plan> {
  const touched = new Set(plan.ops.flatMap((op) => namespacesOf(op)));
  const containers = network.nodes.filter((node) => node.kind === 'container').filter(({ ns }) => touched.has(ns));
  const doubts = new Map<Node, Doubt>();
  for (let from = 0; from < containers.length; from += ASKED_AT_ONCE) {
    const some = containers.slice(from, from + ASKED_AT_ONCE);
    await Promise.all(
      some.map(async (node) => {
        const doubt = await doubtOf(session, node);
        if (doubt !== null) doubts.set(node, doubt);
      }),
    );
  }
  return doubts.size === 0 ? plan : without(network, plan, doubts);
}

function namespacesOf(op: Op): readonly NsId[] {
  const peer = op.op === 'link.add' ? peerOf(op) : null;
  return peer === null ? [op.ns] : [op.ns, peer.ns];
}

async function doubtOf(session: Session, { id, name, ns }: ContainerNode): Promise<Doubt | null> {
  const pid = pidOf(ns);
  if (isProcessOf(pid, id)) return null;
  const hint = `run ${verb('up')} again; the daemon does so by itself`;
  try {
    if (await isListed(session, id, pid)) return null;
    return {
      code: 'E_NODE_CHANGED',
      message: `container ${name} ended or was restarted while linkloom looked at it`,
      hint,
    };
  } catch (error) {
    if (!(error instanceof LinkloomError)) throw error;
    const message = `container ${name} may have ended or been restarted, and that can't be asked: ${error.message}`;
    return { code: error.code, message, hint };
  }
}

/** Whether an engine says that the container's process is this one. Throws E_ENGINE where none says so and one does not answer. */
async function isListed(session: Session, id: string, pid: number): Promise<boolean> {
  const owner = session.engineOf(id);
  // The daemon's containers come from events, not from a list.
  const asked = owner === undefined ? session.engines : [owner];
  const answers = await Promise.allSettled(asked.map((engine) => engine.inspect(id)));
  if (answers.some((answer) => answer.status === 'fulfilled' && answer.value?.pid === pid)) return true;
  for (const answer of answers) if (answer.status === 'rejected') throw answer.reason;
  return false;
}

function without(network: Network, plan: Plan, doubts: ReadonlyMap<Node, Doubt>): Plan {
  const gone = new Set<NsId>([...doubts.keys()].map(({ ns }) => ns));
  const lost = new Map<string, Doubt>();
  for (const { id, node } of network.links) {
    const doubt = doubts.get(node);
    if (doubt !== undefined) lost.set(id, doubt);
  }
  for (const op of plan.ops) {
    const peer = op.op === 'link.add' ? peerOf(op)?.link : null;
    if (!op.link || !peer) continue;
    const doubt = lost.get(op.link) ?? lost.get(peer);
    if (doubt !== undefined) lost.set(op.link, doubt).set(peer, doubt);
  }
  const isLost = (op: Op): boolean => gone.has(op.ns) || (op.link !== null && lost.has(op.link));
  const wasPlanned = new Set(plan.ops.filter(isLost).map(({ link }) => link));
  return {
    ...plan,
    ops: plan.ops.filter((op) => !isLost(op)),
    links: plan.links.map((planned) =>
      wasPlanned.has(planned.link) ? { ...planned, verdict: 'blocked', cause: 'its container has changed' } : planned,
    ),
    failures: [
      ...plan.failures,
      ...[...lost].flatMap(([link, doubt]) => (wasPlanned.has(link) ? [{ subject: linkSubject(link), ...doubt }] : [])),
    ],
  };
}
