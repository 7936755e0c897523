import { ruleTable } from '../../src/net/rule-mark.ts';
import type { TranslationDump } from '../../src/wire/seen.ts';
import type { Namespace } from '../namespaces.ts';
import { ask, dump } from '../netlink/ask.ts';
import { attrText, eachAttribute } from '../netlink/attributes.ts';
import { NLA_HDRLEN } from '../netlink/constants.ts';
import { ERRNO } from '../netlink/errors.ts';
import { SystemFault } from '../netlink/fault.ts';
import type { MessageBatch } from '../netlink/message.ts';
import { type Refused, sendWhole } from '../netlink/send-each.ts';
import { type Nack, NetlinkSocket } from '../netlink/socket.ts';
import { type Change, countByComment, outdated, type Refusal, type Translator, withoutRefused } from './change.ts';
import { writeArrival, writeDeparture } from './expressions.ts';
import * as nf from './messages.ts';

/** Most tries of a change. The rules are read again if somebody changed them before the transaction. */
const TRIES = 5;

interface Rule {
  readonly chain: string;
  readonly handle: Uint8Array;
  readonly comment: string;
}

/** Translates by rules of nftables, over netlink. The kernel needs nf_tables, nft_chain_nat, nft_nat, nft_masq and nft_ct. */
export const nftables: Translator = { name: 'nftables', read, change };

/** The lab's rules. A kernel without nf_tables has none. */
function read(space: Namespace, lab: string): readonly TranslationDump[] {
  if (isAbsent) return [];
  try {
    using socket = open(space);
    return hasTable(socket, lab) ? countByComment(listRules(socket, lab)) : [];
  } catch (error) {
    if (!(error instanceof SystemFault) || !ABSENT.has(error.errno)) throw error;
    isAbsent = true;
    return [];
  }
}

/** Whether the kernel lacks nf_tables, kept for the thread: each request for it would make the kernel look for the module again. */
let isAbsent = false;
const ABSENT: ReadonlySet<number> = new Set([ERRNO.EPROTONOSUPPORT, ERRNO.EOPNOTSUPP, ERRNO.EINVAL]);

function change(space: Namespace, lab: string, changes: readonly Change[]): readonly Refusal[] {
  using socket = open(space);
  return withoutRefused(changes, (some) => {
    for (let tries = 1; ; tries++) {
      const refused = transact(socket, lab, some);
      if (tries === TRIES || !refused.some(({ item }) => item.what === 'deletion')) return refusalsOf(some, refused);
    }
  });
}

function open(space: Namespace): NetlinkSocket {
  return space.enter(() => new NetlinkSocket(nf.NETLINK_NETFILTER));
}

/** Whether the lab has a table. This takes a tenth of the time of listing rules. */
function hasTable(socket: NetlinkSocket, lab: string): boolean {
  const write = (batch: MessageBatch): void => nf.getTable(batch, ruleTable(lab));
  const { errno, message } = ask(socket, write, () => {});
  if (errno !== 0 && errno !== ERRNO.ENOENT) throw new SystemFault('NFT_MSG_GETTABLE', ruleTable(lab), errno, message);
  return errno === 0;
}

function listRules(socket: NetlinkSocket, lab: string): readonly Rule[] {
  return dump(
    socket,
    'NFT_MSG_GETRULE',
    (batch) => nf.listRules(batch, ruleTable(lab)),
    (bytes, start, end) => readRule(bytes, start + nf.NFGENMSG_BYTES, end),
  );
}

function readRule(bytes: Buffer, start: number, end: number): Rule {
  let chain = '';
  let handle: Uint8Array = new Uint8Array();
  let comment = '';
  eachAttribute(bytes, start, end, (type, at, length) => {
    if (type === nf.RULE_ATTRIBUTES.chain) chain = attrText(bytes, at, length);
    if (type === nf.RULE_ATTRIBUTES.handle) handle = Uint8Array.from(bytes.subarray(at + NLA_HDRLEN, at + length));
    if (type === nf.RULE_ATTRIBUTES.userdata) comment = readComment(bytes, at + NLA_HDRLEN, at + length);
  });
  return { chain, handle, comment };
}

/** The comment in a rule's user data, which is a list of types, lengths and values. */
function readComment(bytes: Buffer, start: number, end: number): string {
  for (let at = start; at + 2 <= end; at += 2 + (bytes[at + 1] ?? 0)) {
    if (bytes[at] === nf.UDATA_COMMENT) {
      const text = bytes.toString('utf8', at + 2, Math.min(end, at + 2 + (bytes[at + 1] ?? 0)));
      return text.replace(/\0+$/, '');
    }
  }
  return '';
}

/** A message, and what it belongs to: one change, the removal of outdated rules, or the whole transaction. */
interface Message {
  readonly what: Change | 'deletion' | 'all';
  readonly write: (batch: MessageBatch) => void;
}

/** Makes all changes in one transaction. Deletes the table if no rule is left. */
function transact(socket: NetlinkSocket, lab: string, changes: readonly Change[]): readonly Refused<Message>[] {
  const comments = outdated(changes);
  const rules = listRules(socket, lab);
  const doomed = rules.filter(({ comment }) => comments.has(comment));
  const isLast = doomed.length === rules.length && changes.every(({ op }) => op.add.length === 0);
  if (isLast && rules.length === 0) return [];
  const table = ruleTable(lab);
  const messages: readonly Message[] = [
    { what: 'all', write: nf.begin },
    ...(isLast
      ? [{ what: 'deletion' as const, write: (batch: MessageBatch) => nf.deleteTable(batch, table) }]
      : alterations(table, doomed, changes)),
    { what: 'all', write: nf.end },
  ];
  return sendWhole(socket, messages, (batch, { write }) => write(batch));
}

function alterations(table: string, doomed: readonly Rule[], changes: readonly Change[]): readonly Message[] {
  return [
    { what: 'all', write: (batch) => nf.createTable(batch, table) },
    { what: 'all', write: (batch) => nf.createChain(batch, table, 'prerouting') },
    { what: 'all', write: (batch) => nf.createChain(batch, table, 'postrouting') },
    ...doomed.map(({ chain, handle }): Message => {
      return { what: 'deletion', write: (batch) => nf.deleteRule(batch, table, chain, handle) };
    }),
    ...changes.map((what): Message => ({ what, write: (batch) => appendRules(batch, table, what) })),
  ];
}

/** Appends the two rules of a translation. */
function appendRules(batch: MessageBatch, table: string, { op }: Change): void {
  for (const { comment, translation } of op.add) {
    nf.appendRule(batch, table, 'prerouting', comment, () => writeArrival(batch, translation));
    nf.appendRule(batch, table, 'postrouting', comment, () => writeDeparture(batch, translation));
  }
}

/** The refusals of the transaction by change. A refusal of the whole transaction is a refusal of every change. */
function refusalsOf(changes: readonly Change[], refused: readonly Refused<Message>[]): readonly Refusal[] {
  const common = refused.find(({ item }) => typeof item.what === 'string')?.nack;
  const first = new Map<Change, Nack>();
  for (const { item, nack } of refused) {
    if (common === undefined && typeof item.what === 'object' && !first.has(item.what)) first.set(item.what, nack);
  }
  if (common !== undefined) for (const each of changes) first.set(each, common);
  return [...first].map(([each, { errno, message }]) => ({ change: each, call: 'nf_tables', errno, message }));
}
