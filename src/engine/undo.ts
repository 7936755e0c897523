/** Removes a new link again if one of its later ops fails. If the op that creates it fails, the worker itself undoes that. */
import { MADE } from '../wire/device-ref.ts';
import { peerOf } from '../wire/make.ts';
import type { Op } from '../wire/op.ts';
import type { NatSet } from '../wire/ops/extras.ts';
import type { RouteSet } from '../wire/ops/ip.ts';
import type { LinkAdd } from '../wire/ops/links.ts';

/** Ops that follow a link's creation. Without any of these the link is incomplete. */
const FINISHING: ReadonlySet<Op['op']> = new Set([
  'link.set',
  'ip.add',
  'nat.set',
  'route.set',
  'ethtool.set',
] as const);

export class Undoing {
  /** The op that makes the device of each new link. A direct wire's op is listed for both of its links. */
  readonly #creations = new Map<string, LinkAdd>();
  readonly #otherOps = new Map<string, (NatSet | RouteSet)[]>();

  constructor(ops: readonly Op[]) {
    for (const op of ops) {
      if (op.link === null) continue;
      if (op.op === 'link.add') {
        this.#creations.set(op.link, op);
        const peer = peerOf(op)?.link;
        if (peer) this.#creations.set(peer, op);
      }
      if (op.op === 'nat.set' || op.op === 'route.set') {
        const others = this.#otherOps.get(op.link);
        if (others) others.push(op);
        else this.#otherOps.set(op.link, [op]);
      }
    }
  }

  /** The ops that undo a link of which an op has failed; none if the link existed before, or was never created. */
  after(failed: Op): readonly Op[] {
    const made = failed.link === null ? undefined : this.#creations.get(failed.link);
    if (!made || failed.link === null || !FINISHING.has(failed.op)) return [];
    const { ns, dev } = made;
    return [
      {
        op: 'link.del',
        ns,
        link: failed.link,
        cause: 'undo',
        dev,
        ifindex: MADE,
        seen: { group: made.settings.group, alias: null },
        isBridge: false,
      },
      ...(this.#otherOps.get(failed.link) ?? []).map(inverse),
    ];
  }
}

function inverse(op: NatSet | RouteSet): Op {
  if (op.op === 'route.set') return { ...op, cause: 'undo', add: [], del: op.add };
  return { ...op, cause: 'undo', add: [], del: op.add.map(({ comment }) => comment) };
}
