/** What a plan is: operations with causes, a verdict per link, and what stands in the way. */
import type { Failure } from '../events.ts';
import type { NsId } from '../net/ns-id.ts';
import { peerOf } from '../wire/make.ts';
import type { Op } from '../wire/op.ts';

/** What will happen to a link of the configuration. */
export type Verdict =
  /** Missing: made. */
  | 'create'
  /** There, differs in something the kernel can change in place. */
  | 'change'
  /** There, differs in something only a new device can have. */
  | 'recreate'
  | 'unchanged'
  /** Its other end, or its parent, is not there yet; its own device may be made, as that of a wire of mode `patch` is. */
  | 'waits'
  /** Something that is not ours to touch is in the way: see `failures`. */
  | 'blocked';

/** A link (`NODE:DEV`), what will happen to it, and why, for people. */
export type PlannedLink =
  | { readonly link: string; readonly verdict: 'unchanged'; readonly cause: null }
  | { readonly link: string; readonly verdict: Difference; readonly cause: string };

/** A verdict that has a cause. */
export type Difference = Exclude<Verdict, 'unchanged'>;

export interface Plan {
  readonly lab: string;
  readonly ops: readonly Op[];
  readonly links: readonly PlannedLink[];
  /** Marks of links on devices that are to go since nothing wants them, `NODE:DEV`. */
  readonly removed: readonly string[];
  /** What other files made and these do not describe, and what therefore stays: `NODE:DEV`, `bridge NAME`, `tunnel NAME`, `netns NAME`. */
  readonly orphans: readonly string[];
  /** Links that can't be planned (foreign devices in the way, devices of ours moved by the user). */
  readonly failures: readonly Failure[];
  /** Observations worth telling that are no failures (foreign addresses and routes on our devices). */
  readonly notes: readonly string[];
  /** What has to be seen before the plan can be relied on; null: it was seen. */
  readonly doubts: Doubts | null;
}

/** What is not looked at unless a plan depends on it. */
export interface Doubts {
  /** Namespaces in which changes may take along what others made. */
  readonly others: ReadonlySet<NsId>;
  /** Devices of which the other end is not where it should be, by index. */
  readonly farEnds: ReadonlyMap<NsId, ReadonlySet<number>>;
}

/** Links whose devices the plan makes, also of those that wait then. */
export function linksMade({ ops }: Pick<Plan, 'ops'>): ReadonlySet<string> {
  const made = new Set<string>();
  for (const op of ops) {
    if (op.op !== 'link.add') continue;
    if (op.link !== null) made.add(op.link);
    const peer = peerOf(op);
    if (peer?.link) made.add(peer.link);
  }
  return made;
}

/** Whether carrying out the plan would change nothing. */
export function isEmpty(plan: Plan): boolean {
  return plan.ops.length === 0;
}
