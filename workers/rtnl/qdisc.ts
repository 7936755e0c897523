import { distributionsIn, netemHandle } from '../../src/net/netem-qdisc.ts';
import type { Netem } from '../../src/topology/topology.ts';
import { attrText, eachAttribute } from '../netlink/attributes.ts';
import { NLA_HDRLEN, NLM_F_CREATE, NLM_F_REPLACE } from '../netlink/constants.ts';
import type { MessageBatch } from '../netlink/message.ts';
import * as tc from '../netlink/tc-constants.ts';
import { netemOptions } from './netem.ts';
import { readNetem } from './netem-dump.ts';

/**
 * RTM_NEWQDISC: netem at a device's root, for all that leaves it. Where the root has that handle already the netem is
 * changed and keeps the packets it holds; anything else is replaced in one step (tc_modify_qdisc). As the kernel does not
 * tell which distributions a netem has, they are in the handle: one with others is replaced.
 */
export function setNetem(batch: MessageBatch, ifindex: number, netem: Netem): void {
  const handle = netemHandle({ ...netem, slotDistribution: netem.slot?.distribution ?? null });
  batch.begin(tc.RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE);
  tcHeader(batch, { ifindex, handle, parent: tc.TC_H_ROOT, info: 0 });
  batch.attrText(tc.TCA_KIND, 'netem');
  netemOptions(batch, netem);
  batch.end();
}

/**
 * RTM_DELQDISC at a device's root: the kernel's own default comes back. ENOENT if it is that already, EINVAL if it has
 * another handle (0: whichever).
 */
export function deleteRootQdisc(batch: MessageBatch, ifindex: number, handle: number | null): void {
  batch.begin(tc.RTM_DELQDISC, 0);
  tcHeader(batch, { ifindex, handle: handle ?? 0, parent: tc.TC_H_ROOT, info: 0 });
  batch.end();
}

/** RTM_NEWQDISC: the place for filters on what a device receives. One that is there stays, with its filters. */
export function createIngress(batch: MessageBatch, ifindex: number): void {
  batch.begin(tc.RTM_NEWQDISC, NLM_F_CREATE);
  tcHeader(batch, { ifindex, handle: tc.INGRESS_HANDLE, parent: tc.TC_H_INGRESS, info: 0 });
  batch.attrText(tc.TCA_KIND, 'ingress');
  batch.end();
}

/** RTM_DELQDISC of the ingress qdisc, and of all its filters. ENOENT or EINVAL if there is none. */
export function deleteIngress(batch: MessageBatch, ifindex: number): void {
  batch.begin(tc.RTM_DELQDISC, 0);
  tcHeader(batch, { ifindex, handle: tc.INGRESS_HANDLE, parent: tc.TC_H_INGRESS, info: 0 });
  batch.end();
}

/** The only message of a dump of a namespace's qdiscs. */
export function getQdiscs(batch: MessageBatch, flags: number): void {
  batch.begin(tc.RTM_GETQDISC, flags);
  tcHeader(batch, { ifindex: 0, handle: 0, parent: 0, info: 0 });
  batch.end();
}

/** struct tcmsg, of no family. */
export function tcHeader(
  batch: MessageBatch,
  fields: { readonly ifindex: number; readonly handle: number; readonly parent: number; readonly info: number },
): void {
  batch.u32x4(0, fields.ifindex, fields.handle, fields.parent);
  batch.u32(fields.info);
}

export interface QdiscDump {
  readonly ifindex: number;
  /** `netem`, `ingress`, `noqueue`, `fq_codel`… */
  readonly kind: string;
  readonly handle: number;
  /** `TC_H_ROOT`, `TC_H_INGRESS` or a class. */
  readonly parent: number;
  /** Of a netem qdisc, with the distributions that a handle of ours tells; else null. */
  readonly netem: Netem | null;
}

/** One RTM_NEWQDISC's payload; null if it is too short to be one. */
export function readQdisc(bytes: Buffer, start: number, end: number): QdiscDump | null {
  if (start + tc.TCMSG_BYTES > end) return null;
  let kind = '';
  let netem: Netem | null = null;
  eachAttribute(bytes, start + tc.TCMSG_BYTES, end, (type, at, length) => {
    if (type === tc.TCA_KIND) kind = attrText(bytes, at, length);
    // The kernel writes the kind first (tc_fill_qdisc).
    if (type === tc.TCA_OPTIONS && kind === 'netem') netem = readNetem(bytes, at + NLA_HDRLEN, at + length);
  });
  const handle = bytes.readUInt32LE(start + 8);
  return {
    ifindex: bytes.readInt32LE(start + 4),
    kind,
    handle,
    parent: bytes.readUInt32LE(start + 12),
    netem: withDistributions(netem, handle),
  };
}

function withDistributions(netem: Netem | null, handle: number): Netem | null {
  const told = distributionsIn(handle);
  if (netem === null || told === null) return netem;
  const { distribution, slotDistribution } = told;
  return { ...netem, distribution, slot: netem.slot && { ...netem.slot, distribution: slotDistribution } };
}
