/** Operations that were refused, for links that are removed: those operations serve no link by name. */
import type { Failure } from '../../events.ts';
import { isOfLink, markOf } from '../../net/mark.ts';
import { netnsNameOf } from '../../net/ns-id.ts';
import { linkSubject } from '../../subject.ts';
import type { Op } from '../../wire/op.ts';

export class Refusals {
  readonly #devices = new Map<string, Failure>();
  readonly #nodes = new Map<string, Failure>();
  #switch: Failure | undefined;

  add(op: Op, failure: Failure): void {
    if (op.op === 'link.del') {
      const mark = markOf(op.seen.alias ?? '');
      if (mark !== null && isOfLink(mark)) this.#devices.set(`${mark.node}:${mark.dev}`, failure);
    }
    if (op.op !== 'netns.del') return;
    if (op.role === 'switch') this.#switch = failure;
    else this.#nodes.set(netnsNameOf(op.ns) ?? '', failure);
  }

  /** What kept a link that is not wanted any more from going: its device, its node's namespace, or the one with its port. */
  ofRemoval(link: string): Failure | undefined {
    return this.#devices.get(link) ?? this.#nodes.get(linkSubject(link).node) ?? this.#switch;
  }
}
