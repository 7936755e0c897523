/**
 * `kinds/` defines each kind of link, bridge and tunnel: a file per kind of link, a row per mode of a bridge and per type of
 * tunnel. All other code asks here, and compares no kind's word. The kernel's messages for each kind are in the tables of
 * `workers/rtnl/`.
 *
 * This file: what every kind of link must define.
 */

/** The keys of a link in the configuration that have a meaning for some kinds only. */
export interface WrittenLink {
  readonly bridge?: string | undefined;
  readonly 'outer-dev'?: string | undefined;
  readonly base?: 'host' | 'local' | undefined;
  readonly mode?: string | undefined;
  readonly vlanid?: number | undefined;
}

/** A key, and the hint for a user who got it wrong. */
export interface KeyRule {
  readonly key: keyof WrittenLink;
  readonly hint: string;
}

/** The parent device, and whose namespace it is in: the host's, or the node's own. */
export interface Parent {
  readonly dev: string;
  readonly base: 'host' | 'local';
}

/** What the kernel reports of a device's kind, apart from its name. `null` if it reports nothing. */
export interface SeenKind {
  readonly mode: string | null;
  readonly vlanId: number | null;
}

/** A difference between the wanted device and the actual one that the kernel can change in place. */
export interface KindChange<D> {
  /** The difference for people: `mode vepa → bridge`. */
  readonly cause: string;
  readonly data: D;
}

/**
 * Whom a link reaches by frames of its own. `bridge`: the other links of its bridge. `tagged`: those whose VLAN is the same, through
 * its parent. `siblings`: all that its parent reaches, and the parent's other children that do the same. `beyond`: all that its
 * parent reaches, and no sibling. `addresses`: siblings, by their IP addresses; it has no layer 2 of its own. `nobody`: nobody that
 * the configuration names.
 */
export type Reach = 'bridge' | 'tagged' | 'siblings' | 'beyond' | 'addresses' | 'nobody';

/**
 * A kind of link. `P` is what a link of the kind has in addition to what all links have. `D` is what the kernel must know of it.
 * The methods are pure.
 */
export interface LinkKind<P, D> {
  /** Keys that a link of this kind needs. */
  readonly needs: readonly KeyRule[];
  /** Keys that a link of this kind can't have. */
  readonly refuses: readonly KeyRule[];
  /** Keys that have no meaning for a link of this kind. They are accepted with a warning, as conlink accepts them. */
  readonly ignores: readonly (keyof WrittenLink)[];
  /** The values of `mode`, as in ip-link(8); empty if the kind has no modes. */
  readonly modes: readonly string[];
  /** Whether the device is one of two ends. The other end is a bridge's port, or another node's device. */
  readonly isPaired: boolean;
  /** The MTU of a link that gives none: the lab's default, or the kernel's choice (the parent's). */
  readonly defaultMtu: 'lab' | 'kernel';
  /** Whether published ports can be forwarded to it. */
  readonly takesForward: boolean;
  /**
   * Whether the kernel sets it up and down together with its parent, and sets it up only if its parent is up (vlan_dev_open,
   * ENETDOWN).
   */
  readonly followsParent: boolean;
  /** Who receives the parent's frames in its place (netdev_rx_handler_register); null for nobody. A parent can have only one. */
  readonly receiver: string | null;
  /** Whether the mode belongs to the parent, so that all links on one parent have the same. */
  readonly sharesMode: boolean;
  /** The part of a written link that belongs to the kind; null if a key of `needs` is missing. */
  part(written: WrittenLink): P | null;
  /** What the kernel must know of it. */
  data(part: P): D;
  /** Whom it reaches. */
  reach(part: P): Reach;
  /** Whether it has a MAC address of its own. If not, it has its parent's. */
  hasOwnMac(part: P): boolean;
  /** Whether nothing else can be on its parent. */
  takesParentWhole(part: P): boolean;
  /** Why an existing device of this kind can't become this one, for people; null if it can. */
  whyAnew(part: P, seen: SeenKind): string | null;
  /** What must be changed in place of an existing device; null if nothing. */
  change(part: P, seen: SeenKind): KindChange<D> | null;
  /** The link's keys in `--show-config`, without the bridge. */
  shown(part: P): Readonly<Record<string, unknown>>;
  /** A few words for a drawing: `vlan 5`. */
  label(part: P): string;
  /** How a plan prints the data, as words: `mode bridge`. */
  words(data: D): readonly string[];
}

/** The defaults: a kind without a parent and without modes. Other kinds override what differs. */
export const PLAIN = {
  needs: [],
  refuses: [],
  ignores: [],
  modes: [],
  isPaired: false,
  defaultMtu: 'lab',
  takesForward: false,
  followsParent: false,
  receiver: null,
  sharesMode: false,
  reach: (): Reach => 'nobody',
  hasOwnMac: () => true,
  takesParentWhole: () => false,
  whyAnew: () => null,
  change: () => null,
  words: () => [],
} as const;

/** A kind without a bridge refuses it. */
export const NO_BRIDGE: KeyRule = { key: 'bridge', hint: 'remove it, or make the link a veth' };
/** A kind without a parent refuses the key that says where the parent is. */
export const NO_BASE: KeyRule = { key: 'base', hint: 'it says where the parent of a vlan or its kin is' };

/** What all kinds with a parent have in common. `type` is the word of the kind. */
export function onParent(type: string) {
  return {
    ...PLAIN,
    needs: [{ key: 'outer-dev', hint: `type ${type} needs the parent device, as outer-dev: enp1s0` }],
    refuses: [NO_BRIDGE],
    defaultMtu: 'kernel',
  } as const;
}

/** The parent that a written link names; null if it names none. */
export function parentOfWritten(written: WrittenLink): Parent | null {
  const dev = written['outer-dev'];
  return dev === undefined ? null : { dev, base: written.base ?? 'host' };
}
