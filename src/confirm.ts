/**
 * A container is reached by the id of its process, and that id can pass to a stranger between the engine's answer and its
 * use. So: the namespace is opened and noted first (observe), then the container is looked at again (here), and what is
 * carried out is carried out only in the namespace that was noted (`Job.inode`).
 */
import type { Op } from './plan/op.ts';
import type { Plan } from './plan/plan.ts';
import { isProcessOf } from './runtime/process-owner.ts';
import type { Session } from './session.ts';
import type { Network, Node } from './topology/topology.ts';

/** Engines are asked about so many containers at a time. */
const ASKED_AT_ONCE = 32;

/** The plan without what concerns containers that are not any more what was observed: their links fail as E_NODE_CHANGED. */
export async function confirmNodes(session: Session, network: Network, plan: Plan): Promise<Plan> {
  const touched = new Set(plan.ops.flatMap((op) => namespacesOf(op)));
  const containers = network.nodes.filter(({ kind, ns }) => kind === 'container' && touched.has(ns));
  const changed = new Set<Node>();
  for (let from = 0; from < containers.length; from += ASKED_AT_ONCE) {
    const some = containers.slice(from, from + ASKED_AT_ONCE);
    await Promise.all(some.map(async (node) => void ((await isStill(session, node)) || changed.add(node))));
  }
  return changed.size === 0 ? plan : without(network, plan, changed);
}

function namespacesOf(op: Op): readonly string[] {
  return op.op === 'link.add' && op.peer !== null ? [op.ns, op.peer.ns] : [op.ns];
}

async function isStill(session: Session, { id, ns }: Node): Promise<boolean> {
  const pid = Number(ns.slice('pid/'.length));
  if (id === null || isProcessOf(pid, id)) return true;
  const container = await session.engineOf(id)?.inspect(id);
  return container?.pid === pid;
}

function without(network: Network, plan: Plan, changed: ReadonlySet<Node>): Plan {
  const gone = new Set([...changed].map(({ ns }) => ns));
  const lost = new Map<string, string>();
  for (const { id, node } of network.links) if (changed.has(node)) lost.set(id, node.name);
  for (const op of plan.ops) {
    if (op.op !== 'link.add' || !op.link || !op.peer?.link) continue;
    const name = lost.get(op.link) ?? lost.get(op.peer.link);
    if (name !== undefined) lost.set(op.link, name).set(op.peer.link, name);
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
      ...[...lost].flatMap(([link, node]) =>
        wasPlanned.has(link)
          ? [
              {
                link,
                code: 'E_NODE_CHANGED' as const,
                message: `container ${node} ended or was restarted while linkloom looked at it`,
                hint: 'run `up` again; the daemon does so by itself',
              },
            ]
          : [],
      ),
    ],
  };
}
