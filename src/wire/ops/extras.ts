/** Ops on what goes beyond devices: address translation, features of devices, the device of linkloom's own container. */
import type { EthtoolSetting } from '../../topology/topology.ts';
import type { OpBase } from './base.ts';

/** What arrives by a device is sent on to `to`; what leaves by it comes from `from`. Both of one family. */
export interface NatTranslation {
  readonly kind: 'nat';
  readonly dev: string;
  readonly to: string;
  readonly from: string;
}

/** A published port: what arrives by `uplink` for `outerPort` goes to `to` (IPv4) and `innerPort` by way of `bridge`, with the sender's address exchanged for our own there. */
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
 * Change the address translation of a namespace. Each translation is two rules under one comment (see net/rule-mark.ts);
 * those that are added take the place of any with the same comment. All of a job are one transaction.
 */
export interface NatSet extends OpBase {
  readonly op: 'nat.set';
  readonly lab: string;
  readonly add: readonly { readonly comment: string; readonly translation: Translation }[];
  /** Comments; without a rule is no failure. */
  readonly del: readonly string[];
}

/** Set features of a device, in order. */
export interface EthtoolSet extends OpBase {
  readonly op: 'ethtool.set';
  readonly dev: string;
  readonly settings: readonly EthtoolSetting[];
}

/** Rename a device of linkloom's own namespace that is not the lab's, and mark it; its addresses and routes stay. */
export interface UplinkRename extends OpBase {
  readonly op: 'uplink.rename';
  readonly dev: string;
  readonly ifindex: number;
  readonly to: string;
  /** The mark that it gets; null: its mark is taken off. */
  readonly alias: string | null;
}
