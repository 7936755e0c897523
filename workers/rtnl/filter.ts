import { attrText, attrU32, eachAttribute } from '../netlink/attributes.ts';
import { NLA_HDRLEN, NLM_F_CREATE, NLM_F_EXCL } from '../netlink/constants.ts';
import type { MessageBatch } from '../netlink/message.ts';
import * as tc from '../netlink/tc-constants.ts';
import { tcHeader } from './qdisc.ts';

/** Any priority will do: linkloom's filter is the only one of its device. */
const PRIORITY = 1;
/** Size of struct tc_mirred. */
const MIRRED_BYTES = 28;

/** Classifiers that can match every packet. Some kernels lack one of the two. `u32` does it with a key that fits every packet. */
export const MATCH_ALL_KINDS = ['u32', 'matchall'] as const;
export type MatchAllKind = (typeof MATCH_ALL_KINDS)[number];

const ACTIONS_OF: Readonly<Record<MatchAllKind, number>> = { u32: tc.TCA_U32_ACT, matchall: tc.TCA_MATCHALL_ACT };

/**
 * RTM_NEWTFILTER: redirects every packet that a device receives to another device of the same namespace, which sends it. The
 * first device needs an ingress qdisc without filters.
 */
export function redirectAll(batch: MessageBatch, ifindex: number, toIfindex: number, kind: MatchAllKind): void {
  batch.begin(tc.RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL);
  tcHeader(batch, { ifindex, handle: 0, parent: tc.INGRESS_HANDLE, info: filterInfo(PRIORITY, tc.ETH_P_ALL) });
  batch.attrText(tc.TCA_KIND, kind);
  const options = batch.nest(tc.TCA_OPTIONS);
  if (kind === 'u32') batch.attrBytes(tc.TCA_U32_SEL, matchAll());
  const actions = batch.nest(ACTIONS_OF[kind]);
  const action = batch.nest(1);
  batch.attrText(tc.TCA_ACT_KIND, 'mirred');
  const mirred = batch.nest(tc.TCA_ACT_OPTIONS);
  batch.attrBytes(tc.TCA_MIRRED_PARMS, redirection(toIfindex));
  batch.nestEnd(mirred);
  batch.nestEnd(action);
  batch.nestEnd(actions);
  batch.nestEnd(options);
  batch.end();
}

/** RTM_NEWTFILTER: gives every packet that a device receives to a program, by its descriptor. The device needs an ingress qdisc without filters. */
export function programFilter(batch: MessageBatch, ifindex: number, programFd: number, name: string): void {
  batch.begin(tc.RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL);
  tcHeader(batch, { ifindex, handle: 1, parent: tc.INGRESS_HANDLE, info: filterInfo(PRIORITY, tc.ETH_P_ALL) });
  batch.attrText(tc.TCA_KIND, 'bpf');
  const options = batch.nest(tc.TCA_OPTIONS);
  batch.attrU32(tc.TCA_BPF_FD, programFd);
  batch.attrText(tc.TCA_BPF_NAME, name);
  batch.attrU32(tc.TCA_BPF_FLAGS, tc.TCA_BPF_FLAG_ACT_DIRECT);
  batch.nestEnd(options);
  batch.end();
}

/** RTM_NEWTFILTER: a filter that matches every received packet and has no action. It comes after the filter that redirects. */
export function bareFilter(batch: MessageBatch, ifindex: number, kind: MatchAllKind, flags: number): void {
  batch.begin(tc.RTM_NEWTFILTER, flags);
  tcHeader(batch, { ifindex, handle: 0, parent: tc.INGRESS_HANDLE, info: filterInfo(PRIORITY + 1, tc.ETH_P_ALL) });
  batch.attrText(tc.TCA_KIND, kind);
  const options = batch.nest(tc.TCA_OPTIONS);
  if (kind === 'u32') batch.attrBytes(tc.TCA_U32_SEL, matchAll());
  batch.nestEnd(options);
  batch.end();
}

/** RTM_DELTFILTER: deletes all ingress filters of a device. The kernel answers ENOENT or EINVAL if there is no ingress qdisc. */
export function deleteIngressFilters(batch: MessageBatch, ifindex: number): void {
  batch.begin(tc.RTM_DELTFILTER, 0);
  tcHeader(batch, { ifindex, handle: 0, parent: tc.INGRESS_HANDLE, info: 0 });
  batch.end();
}

/** RTM_GETTFILTER: asks for all ingress filters of a device. */
export function getIngressFilters(batch: MessageBatch, ifindex: number, flags: number): void {
  batch.begin(tc.RTM_GETTFILTER, flags);
  tcHeader(batch, { ifindex, handle: 0, parent: tc.INGRESS_HANDLE, info: 0 });
  batch.end();
}

/** tcm_info of a filter: priority, and the protocol in network byte order. */
function filterInfo(priority: number, protocol: number): number {
  return ((priority << 16) | ((protocol & 0xff) << 8) | (protocol >> 8)) >>> 0;
}

/** struct tc_u32_sel with one struct tc_u32_key that fits every packet: the first word, masked with 0, equals 0. */
function matchAll(): Buffer {
  const bytes = Buffer.alloc(16 + 16);
  bytes.writeUInt8(tc.TC_U32_TERMINAL, 0);
  bytes.writeUInt8(1, 2);
  return bytes;
}

/** struct tc_mirred: tc_gen's index, capabilities, action and counts, then the mirred action and its device. */
function redirection(toIfindex: number): Buffer {
  const bytes = Buffer.alloc(MIRRED_BYTES);
  bytes.writeInt32LE(tc.TC_ACT_STOLEN, 8);
  bytes.writeInt32LE(tc.TCA_EGRESS_REDIR, 20);
  bytes.writeUInt32LE(toIfindex, 24);
  return bytes;
}

export interface FilterDump {
  readonly ifindex: number;
  readonly kind: string;
  readonly priority: number;
  /** Index of the device that the filter redirects to, or 0 if that device is gone. Null: the filter does something else. */
  readonly redirectsTo: number | null;
  /** The id of the program that it is, and its name; null: it is none. */
  readonly program: { readonly id: number; readonly name: string } | null;
}

/**
 * Reads the payload of one RTM_NEWTFILTER; null if it is too short. The kernel also dumps a u32 filter's hash tables, which
 * read as filters without an action.
 */
export function readFilter(bytes: Buffer, start: number, end: number): FilterDump | null {
  if (start + tc.TCMSG_BYTES > end) return null;
  let kind = '';
  let redirectsTo: number | null = null;
  let program: FilterDump['program'] = null;
  eachAttribute(bytes, start + tc.TCMSG_BYTES, end, (type, at, length) => {
    if (type === tc.TCA_KIND) kind = attrText(bytes, at, length);
    const known = MATCH_ALL_KINDS.find((name) => name === kind);
    if (type === tc.TCA_OPTIONS && known) redirectsTo = readTarget(bytes, at, length, ACTIONS_OF[known]);
    if (type === tc.TCA_OPTIONS && kind === 'bpf') program = readProgram(bytes, at, length);
  });
  return {
    ifindex: bytes.readInt32LE(start + 4),
    kind,
    priority: bytes.readUInt16LE(start + 18),
    redirectsTo,
    program,
  };
}

/** null: these are the options of no program, as of the entry that stands for all filters of one priority. */
function readProgram(bytes: Buffer, options: number, length: number): FilterDump['program'] {
  let id = 0;
  let name = '';
  eachAttribute(bytes, options + NLA_HDRLEN, options + length, (type, at, size) => {
    if (type === tc.TCA_BPF_ID) id = attrU32(bytes, at, size);
    else if (type === tc.TCA_BPF_NAME) name = attrText(bytes, at, size);
  });
  return id === 0 ? null : { id, name };
}

/** The nested attributes from a filter's actions down to struct tc_mirred. Actions are numbered from 1. */
const MIRRED_PATH = [1, tc.TCA_ACT_OPTIONS, tc.TCA_MIRRED_PARMS] as const;

function readTarget(bytes: Buffer, options: number, optionsLength: number, actions: number): number | null {
  let place = { at: options, length: optionsLength };
  for (const wanted of [actions, ...MIRRED_PATH]) {
    const inner = { at: 0, length: 0 };
    eachAttribute(bytes, place.at + NLA_HDRLEN, place.at + place.length, (type, at, length) => {
      if (type === wanted) Object.assign(inner, { at, length });
    });
    if (inner.length === 0) return null;
    place = inner;
  }
  const start = place.at + NLA_HDRLEN;
  if (place.length < NLA_HDRLEN + MIRRED_BYTES || bytes.readInt32LE(start + 20) !== tc.TCA_EGRESS_REDIR) return null;
  return bytes.readUInt32LE(start + 24);
}
