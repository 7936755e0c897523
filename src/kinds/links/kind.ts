/**
 * `kinds/` says what each kind of link, bridge and tunnel is: a file per kind of link, a row per mode of a bridge and per type
 * of tunnel. All other code asks here and compares no kind's word. How the kernel's messages say it stands in the tables of
 * `workers/rtnl/`.
 *
 * This file: what a kind of link has to tell.
 */

/** The keys of a link in the configuration that mean something to some kinds only. */
export interface WrittenLink {
  readonly bridge?: string | undefined;
  readonly 'outer-dev'?: string | undefined;
  readonly base?: 'host' | 'local' | undefined;
  readonly mode?: string | undefined;
  readonly vlanid?: number | undefined;
}

/** A key, and the advice for whoever got it wrong. */
export interface KeyRule {
  readonly key: keyof WrittenLink;
  readonly hint: string;
}

/** The device that another one is made on, and whose namespace it is in: the host's, or the node's own. */
export interface Parent {
  readonly dev: string;
  readonly base: 'host' | 'local';
}

/** What the kernel tells of a device's kind beside the word for it. `null`: nothing. */
export interface SeenKind {
  readonly mode: string | null;
  readonly vlanId: number | null;
}

/** A difference between what is wanted of a device's kind and what is seen, that the kernel can mend in place. */
export interface KindChange<D> {
  /** For people: `mode vepa → bridge`. */
  readonly cause: string;
  readonly data: D;
}

/**
 * A kind of link. `P` is what a link of the kind has beside what all links have, `D` is what the kernel is told of it.
 * The methods are pure.
 */
export interface LinkKind<P, D> {
  /** Keys that a link of this kind can't do without. */
  readonly needs: readonly KeyRule[];
  /** Keys that such a link can't have. */
  readonly refuses: readonly KeyRule[];
  /** Keys that say nothing about such a link: accepted with a warning, as conlink accepts them. */
  readonly ignores: readonly (keyof WrittenLink)[];
  /** The words that `mode` takes, as ip-link(8) has them; empty: the kind has no modes. */
  readonly modes: readonly string[];
  /** Whether it is one of two ends, the other of which is a bridge's port or another node's. */
  readonly isPaired: boolean;
  /** MTU of a link that gives none: the lab's default, or whatever the kernel chooses (the parent's). */
  readonly defaultMtu: 'lab' | 'kernel';
  /** Published ports can be led to it. */
  readonly takesForward: boolean;
  /** The kernel raises it and sets it down with its parent, and raises it only on one that is up (vlan_dev_open, ENETDOWN). */
  readonly followsParent: boolean;
  /** Who receives the parent's frames in its place (netdev_rx_handler_register): a parent has one such; null: nobody. */
  readonly receiver: string | null;
  /** Its mode is the parent's: all links on one parent have the same. */
  readonly sharesMode: boolean;
  /** The kind's own part of a link as written; null: a key of `needs` is missing. */
  part(written: WrittenLink): P | null;
  /** What the kernel is told of it. */
  data(part: P): D;
  /** Whether its MAC is its own to set; else it has its parent's. */
  hasOwnMac(part: P): boolean;
  /** Whether nothing else can be on its parent. */
  takesParentWhole(part: P): boolean;
  /** Why a device of this kind that is there can't become this one, for people; null: it can. */
  whyAnew(part: P, seen: SeenKind): string | null;
  /** What of such a device has to be changed in place; null: nothing. */
  change(part: P, seen: SeenKind): KindChange<D> | null;
  /** Its keys in `--show-config`, without the bridge. */
  shown(part: P): Readonly<Record<string, unknown>>;
  /** A few words for a drawing: `vlan 5`. */
  label(part: P): string;
  /** What a plan says of the data: `mode bridge`, as words. */
  words(data: D): readonly string[];
}

/** A kind without a parent and without modes is so; others say what of it is different. */
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
  hasOwnMac: () => true,
  takesParentWhole: () => false,
  whyAnew: () => null,
  change: () => null,
  words: () => [],
} as const;

/** A kind without a bridge refuses it. */
export const NO_BRIDGE: KeyRule = { key: 'bridge', hint: 'remove it, or make the link a veth' };
/** A kind without a parent refuses to be told where that is. */
export const NO_BASE: KeyRule = { key: 'base', hint: 'it says where the parent of a vlan or its kin is' };

/** What all kinds have in common that stand on a parent; `type` is the kind's word. */
export function onParent(type: string) {
  return {
    ...PLAIN,
    needs: [{ key: 'outer-dev', hint: `type ${type} needs the parent device, as outer-dev: enp1s0` }],
    refuses: [NO_BRIDGE],
    defaultMtu: 'kernel',
  } as const;
}

/** Null: none is named. */
export function parentOfWritten(written: WrittenLink): Parent | null {
  const dev = written['outer-dev'];
  return dev === undefined ? null : { dev, base: written.base ?? 'host' };
}
