import { distributionsIn, netemHandle, type SetBy, TBF_HANDLE } from '../../src/net/netem-qdisc.ts';
import type { Netem } from '../../src/topology/values.ts';
import { attrText, eachAttribute } from '../netlink/attributes.ts';
import { NLA_HDRLEN, NLM_F_CREATE, NLM_F_REPLACE } from '../netlink/constants.ts';
import type { MessageBatch } from '../netlink/message.ts';
import * as tc from '../netlink/tc-constants.ts';
import { netemOptions } from './netem.ts';
import { readNetem } from './netem-dump.ts';
import { readTbf, type TbfDump, type TbfSettings, tbfOptions } from './tbf.ts';

/**
 * RTM_NEWQDISC: sets netem as the root qdisc of a device, for every packet that the device sends. If the root qdisc has the
 * same handle, the kernel changes it and it keeps its queued packets. Otherwise the kernel replaces it in one step
 * (tc_modify_qdisc). The kernel does not report the distributions of a netem, so they are encoded in the handle: a netem
 * with other distributions is replaced.
 */
export function setNetem(batch: MessageBatch, ifindex: number, netem: Netem, by: SetBy): void {
  const handle = netemHandle({ ...netem, slotDistribution: netem.slot?.distribution ?? null }, by);
  batch.begin(tc.RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE);
  tcHeader(batch, { ifindex, handle, parent: tc.TC_H_ROOT, info: 0 });
  batch.attrText(tc.TCA_KIND, 'netem');
  netemOptions(batch, netem);
  batch.end();
}

/**
 * RTM_NEWQDISC: sets a tbf as the root qdisc of a device. If there is one with linkloom's handle, the kernel changes it, and it keeps
 * its queued packets. Otherwise the kernel replaces what is there in one step.
 */
export function setTbf(batch: MessageBatch, ifindex: number, settings: TbfSettings): void {
  batch.begin(tc.RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE);
  tcHeader(batch, { ifindex, handle: TBF_HANDLE, parent: tc.TC_H_ROOT, info: 0 });
  batch.attrText(tc.TCA_KIND, 'tbf');
  tbfOptions(batch, settings);
  batch.end();
}

/**
 * RTM_DELQDISC: deletes the root qdisc of a device, and the kernel's default qdisc comes back. The kernel answers ENOENT if
 * the root is the default already, and EINVAL if the root has another handle (0 fits every handle).
 */
export function deleteRootQdisc(batch: MessageBatch, ifindex: number, handle: number | null): void {
  batch.begin(tc.RTM_DELQDISC, 0);
  tcHeader(batch, { ifindex, handle: handle ?? 0, parent: tc.TC_H_ROOT, info: 0 });
  batch.end();
}

/** RTM_NEWQDISC: adds the ingress qdisc, to which filters for received packets attach. An existing one stays, with its filters. */
export function createIngress(batch: MessageBatch, ifindex: number): void {
  batch.begin(tc.RTM_NEWQDISC, NLM_F_CREATE);
  tcHeader(batch, { ifindex, handle: tc.INGRESS_HANDLE, parent: tc.TC_H_INGRESS, info: 0 });
  batch.attrText(tc.TCA_KIND, 'ingress');
  batch.end();
}

/** RTM_DELQDISC: deletes the ingress qdisc and all its filters. The kernel answers ENOENT or EINVAL if there is none. */
export function deleteIngress(batch: MessageBatch, ifindex: number): void {
  batch.begin(tc.RTM_DELQDISC, 0);
  tcHeader(batch, { ifindex, handle: tc.INGRESS_HANDLE, parent: tc.TC_H_INGRESS, info: 0 });
  batch.end();
}

/** RTM_GETQDISC: asks for all qdiscs of the namespace. */
export function getQdiscs(batch: MessageBatch, flags: number): void {
  batch.begin(tc.RTM_GETQDISC, flags);
  tcHeader(batch, { ifindex: 0, handle: 0, parent: 0, info: 0 });
  batch.end();
}

/** struct tcmsg with AF_UNSPEC. */
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
  /** The options of a netem qdisc, with the distributions that linkloom's handle encodes; null for other kinds. */
  readonly netem: Netem | null;
  /** The options of a tbf; null for other kinds. */
  readonly tbf: TbfDump | null;
}

/** Reads the payload of one RTM_NEWQDISC; null if it is too short. */
export function readQdisc(bytes: Buffer, start: number, end: number): QdiscDump | null {
  if (start + tc.TCMSG_BYTES > end) return null;
  let kind = '';
  let netem: Netem | null = null;
  let tbf: TbfDump | null = null;
  eachAttribute(bytes, start + tc.TCMSG_BYTES, end, (type, at, length) => {
    if (type === tc.TCA_KIND) kind = attrText(bytes, at, length);
    // The kernel writes the kind first (tc_fill_qdisc).
    if (type === tc.TCA_OPTIONS && kind === 'netem') netem = readNetem(bytes, at + NLA_HDRLEN, at + length);
    if (type === tc.TCA_OPTIONS && kind === 'tbf') tbf = readTbf(bytes, at + NLA_HDRLEN, at + length);
  });
  const handle = bytes.readUInt32LE(start + 8);
  return {
    ifindex: bytes.readInt32LE(start + 4),
    kind,
    handle,
    parent: bytes.readUInt32LE(start + 12),
    netem: withDistributions(netem, handle),
    tbf,
  };
}

function withDistributions(netem: Netem | null, handle: number): Netem | null {
  const told = distributionsIn(handle);
  if (netem === null || told === null) return netem;
  const { distribution, slotDistribution } = told;
  return { ...netem, distribution, slot: netem.slot && { ...netem.slot, distribution: slotDistribution } };
}
