/** A node as its commands need it. */
import { type NsId, netnsNameOf, pidOf } from '../../net/ns-id.ts';
import { identify, type ProcessId } from '../../runtime/process.ts';

/** Where commands run: a node, or a container as its engine describes it. */
export interface CommandNode {
  readonly kind: 'container' | 'netns' | 'host';
  readonly name: string;
  /** Of a container. */
  readonly id: string | null;
  /** Of a container that of its first process; of a namespace left out if its name is the node's. */
  readonly ns?: NsId;
}

/** null: it is no container, or its processes are not to be seen. */
export function firstProcessOf({ kind, ns }: CommandNode): ProcessId | null {
  const pid = kind === 'container' && ns !== undefined ? pidOf(ns) : null;
  return pid === null ? null : identify(pid);
}

/** The name of the namespace of a node that is one. */
export function namespaceOf({ ns, name }: CommandNode): string {
  return (ns === undefined ? null : netnsNameOf(ns)) ?? name;
}
