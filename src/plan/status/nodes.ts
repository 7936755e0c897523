/** What a plan does to the nodes themselves, as their status: their namespaces and the addresses of their `lo`. Pure. */

import type { Network, Node } from '../../topology/topology.ts';
import type { Op } from '../../wire/op.ts';
import { isOfNode, type Plan } from '../plan.ts';
import type { NodeStatus } from './status.ts';

/** The nodes that run or are namespaces, then the namespaces of the lab that are in no configuration. */
export function nodeStatus({ nodes }: Network, { ops }: Plan): readonly NodeStatus[] {
  const found = new Map<string, Op[]>();
  for (const op of ops) {
    if (!isOfNode(op)) continue;
    const ofNode = found.get(op.ns);
    if (ofNode === undefined) found.set(op.ns, [op]);
    else ofNode.push(op);
  }
  const wanted = nodes.map((node) => statusOfNode(node, found.get(node.ns) ?? []));
  const extra = ops.filter((op) => op.op === 'netns.del' && op.role === 'node');
  return [...wanted, ...extra.map(({ ns, cause }): NodeStatus => ({ node: null, ns, state: 'extra', drift: [cause] }))];
}

function statusOfNode({ name, ns }: Node, ops: readonly Op[]): NodeStatus {
  const made = ops.find(({ op }) => op === 'netns.add');
  if (made !== undefined) return { node: name, ns, state: 'missing', drift: [made.cause] };
  return { node: name, ns, state: ops.length > 0 ? 'differs' : 'ok', drift: ops.map(({ cause }) => cause) };
}
