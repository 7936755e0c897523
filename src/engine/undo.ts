/** Removes a new link again if one of its later operations failed. If its creation fails, the worker undoes that by itself. */
import { MADE } from '../wire/device-ref.ts';
import { peerOf } from '../wire/make.ts';
import type { Op } from '../wire/op.ts';
import type { NatSet } from '../wire/ops/extras.ts';
import type { RouteSet } from '../wire/ops/ip.ts';
import type { LinkAdd } from '../wire/ops/links.ts';

/** Ops that come after a link's creation and without which it is not whole. */
const FINISHING: ReadonlySet<Op['op']> = new Set([
  'link.set',
  'ip.add',
  'nat.set',
  'route.set',
  'ethtool.set',
] as const);

export class Undoing {
  /** The operation that makes the device of each new link; a direct link's stands under both of its ends. */
  readonly #creations = new Map<string, LinkAdd>();
  readonly #beside = new Map<string, (NatSet | RouteSet)[]>();

  constructor(ops: readonly Op[]) {
    for (const op of ops) {
      if (op.link === null) continue;
      if (op.op === 'link.add') {
        this.#creations.set(op.link, op);
        const peer = peerOf(op)?.link;
        if (peer) this.#creations.set(peer, op);
      }
      if (op.op === 'nat.set' || op.op === 'route.set') {
        const beside = this.#beside.get(op.link);
        if (beside) beside.push(op);
        else this.#beside.set(op.link, [op]);
      }
    }
  }

  /** Ops for after a failed one; none if the link was there before, or never came to be. */
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
      },
      ...(this.#beside.get(failed.link) ?? []).map(inverse),
    ];
  }
}

function inverse(op: NatSet | RouteSet): Op {
  if (op.op === 'route.set') return { ...op, cause: 'undo', add: [], del: op.add };
  return { ...op, cause: 'undo', add: [], del: op.add.map(({ comment }) => comment) };
}
