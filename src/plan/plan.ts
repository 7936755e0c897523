/** The shape of a plan: operations with causes, a verdict for each link, and what blocks links. */
import type { Failure } from '../events.ts';
import type { NsId } from '../net/ns-id.ts';
import { peerOf } from '../wire/make.ts';
import type { Op } from '../wire/op.ts';

/** What the plan does about a link of the configuration. */
export type Verdict =
  /** The link is missing and is made. */
  | 'create'
  /** The link exists, and the kernel can change what differs in place. */
  | 'change'
  /** The link exists, and only a new device can have what differs. */
  | 'recreate'
  | 'unchanged'
  /**
   * The link's other end or its parent does not exist yet. Its own device may be made, as that of a wire of mode
   * `patch` is.
   */
  | 'waits'
  /** Something that linkloom must not touch is in the way; see `failures`. */
  | 'blocked';

/** A link (`NODE:DEV`), its verdict, and the causes for people. */
export type PlannedLink =
  | { readonly link: string; readonly verdict: 'unchanged'; readonly cause: null }
  | { readonly link: string; readonly verdict: Difference; readonly cause: string };

/** A verdict that has a cause. */
export type Difference = Exclude<Verdict, 'unchanged'>;

/** A setting of one end of a link that was set by hand. */
export interface Override {
  /** `node`: the device in the node. `port`: the other end, on the switch side. */
  readonly end: 'node' | 'port';
  readonly setting: 'state' | 'mtu' | 'impair';
  /** The configured value: `up`, `9000`, `delay 10ms`, `none`. null: it is not known, or the kernel chooses. */
  readonly wanted: string | null;
  /** The value that the device has. */
  readonly actual: string;
}

export interface LinkOverride extends Override {
  /** `NODE:DEV`. */
  readonly link: string;
}

/** What leads from the kernel as it is to the lab as it is wanted, with a verdict for each link. */
export interface Plan {
  readonly lab: string;
  readonly ops: readonly Op[];
  readonly links: readonly PlannedLink[];
  /** Links, as `NODE:DEV`, whose devices are removed because nothing wants them. */
  readonly removed: readonly string[];
  /**
   * What other files made and these files do not describe. It stays: `NODE:DEV`, `bridge NAME`, `tunnel NAME`, `netns
   * NAME`.
   */
  readonly orphans: readonly string[];
  /** Links that can't be planned, because a foreign device is in the way or somebody moved a device of the lab. */
  readonly failures: readonly Failure[];
  /** Remarks that are no failures, such as foreign addresses and routes on the lab's devices. */
  readonly notes: readonly string[];
  /** What was set by hand on links of the configuration, and stays. */
  readonly overrides: readonly LinkOverride[];
  /** What has to be observed before the plan can be relied on. null: nothing more. */
  readonly doubts: Doubts | null;
}

/** Details that are observed only if a plan depends on them. */
export interface Doubts {
  /** Namespaces in which the kernel may remove foreign addresses and routes because of the plan. */
  readonly others: ReadonlySet<NsId>;
  /** Indexes of devices whose other end is not where it should be. */
  readonly farEnds: ReadonlyMap<NsId, ReadonlySet<number>>;
}

/** Links whose devices the plan makes, including links that wait afterwards. */
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

/** Whether an operation is about a node itself, its namespace or its `lo`, and not about one of its links. */
export function isOfNode(op: Op): boolean {
  if (op.op === 'netns.add' || op.op === 'netns.del') return op.role === 'node';
  return (op.op === 'link.set' || op.op === 'ip.del') && op.link === null && op.dev === 'lo';
}

/** Whether the plan changes nothing. */
export function isEmpty(plan: Plan): boolean {
  return plan.ops.length === 0;
}
