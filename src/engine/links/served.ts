/** Which links an operation is about. */
import { peerOf } from '../../wire/make.ts';
import type { Op } from '../../wire/op.ts';

/**
 * For the operations of a plan: the link or tunnel that each serves, the other end of the wire that it makes, and of a direct
 * link always both ends, which are made and fail together. Empty for bridges and namespaces.
 */
export function linksServed(ops: readonly Op[]): (op: Op) => readonly string[] {
  const partner = new Map<string, string>();
  for (const op of ops) {
    const other = otherEnd(op);
    if (op.link !== null && other !== null) partner.set(op.link, other).set(other, op.link);
  }
  return ({ link }) => {
    if (link === null) return [];
    const other = partner.get(link);
    return other === undefined ? [link] : [link, other];
  };
}

function otherEnd(op: Op): string | null {
  if (op.op === 'wire.patch') return op.otherLink;
  return op.op === 'link.add' ? (peerOf(op)?.link ?? null) : null;
}
