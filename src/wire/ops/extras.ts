/** Ops on address translation, device features, and the uplink of linkloom's own container. */
import type { EthtoolSetting } from '../../topology/values.ts';
import type { OpBase } from './base.ts';

/**
 * What arrives on a device is sent on to `to`; what leaves by it has the source `from`. Both addresses are of one
 * family.
 */
export interface NatTranslation {
  readonly kind: 'nat';
  readonly dev: string;
  readonly to: string;
  readonly from: string;
}

/**
 * A published port. Packets that arrive on `uplink` for `outerPort` are sent to `to` (IPv4) and `innerPort` through
 * `bridge`, and the sender's address is replaced by linkloom's own on that bridge.
 */
export interface ForwardTranslation {
  readonly kind: 'forward';
  readonly uplink: string;
  readonly bridge: string;
  readonly protocol: 'tcp' | 'udp';
  readonly outerPort: number;
  readonly to: string;
  readonly innerPort: number;
}

export type Translation = NatTranslation | ForwardTranslation;

/**
 * Change the address translation of a namespace. Each translation is two rules with one comment (see net/rule-mark.ts).
 * An added translation replaces any that has the same comment. All changes of a job are one transaction.
 */
export interface NatSet extends OpBase {
  readonly op: 'nat.set';
  readonly lab: string;
  readonly add: readonly { readonly comment: string; readonly translation: Translation }[];
  /** Comments of the rules to remove. A comment without a rule is no failure. */
  readonly del: readonly string[];
}

/** Set features of a device, in order. */
export interface EthtoolSet extends OpBase {
  readonly op: 'ethtool.set';
  readonly dev: string;
  readonly settings: readonly EthtoolSetting[];
}

/** Rename a foreign device in linkloom's own namespace, and mark it. Its addresses and routes stay. */
export interface UplinkRename extends OpBase {
  readonly op: 'uplink.rename';
  readonly dev: string;
  readonly ifindex: number;
  readonly to: string;
  /** The device's new mark. null: its mark is removed. */
  readonly alias: string | null;
}
