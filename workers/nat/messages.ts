/**
 * `nat/` translates addresses. It sends rules of nftables as netlink messages. If the kernel has no nftables, it runs the
 * programs of iptables. Which of the two works is found out by trying. All rules of a lab carry the lab's mark.
 *
 * This file: the messages of nf_tables (linux/netfilter/nf_tables.h, net/netfilter/nf_tables_api.c). Their numbers are in
 * network byte order.
 */
import { NLM_F_CREATE, NLM_F_DUMP } from '../netlink/constants.ts';
import type { MessageBatch } from '../netlink/message.ts';

/** linux/netlink.h. */
export const NETLINK_NETFILTER = 12;

/** linux/netfilter/nfnetlink.h. */
const NFNL_MSG_BATCH_BEGIN = 0x10;
const NFNL_MSG_BATCH_END = 0x11;
const NFNL_SUBSYS_NFTABLES = 10;
export const NFGENMSG_BYTES = 4;

/** linux/netfilter.h: `inet` holds rules of both families. */
const NFPROTO_UNSPEC = 0;
const NFPROTO_INET = 1;
export const NFPROTO = { 4: 2, 6: 10 } as const;
const HOOK = { prerouting: 0, postrouting: 4 } as const;

/** enum nf_tables_msg_types, with the number of the subsystem in the upper byte. */
const MESSAGE = {
  newTable: 0xa00,
  getTable: 0xa01,
  delTable: 0xa02,
  newChain: 0xa03,
  getChain: 0xa04,
  newRule: 0xa06,
  getRule: 0xa07,
  delRule: 0xa08,
} as const;

const NLM_F_APPEND = 0x800;

const NFTA_TABLE_NAME = 1;
const NFTA_CHAIN_TABLE = 1;
const NFTA_CHAIN_NAME = 3;
const NFTA_CHAIN_HOOK = 4;
const NFTA_CHAIN_TYPE = 7;
const NFTA_HOOK_HOOKNUM = 1;
const NFTA_HOOK_PRIORITY = 2;
const NFTA_RULE_TABLE = 1;
const NFTA_RULE_CHAIN = 2;
const NFTA_RULE_HANDLE = 3;
const NFTA_RULE_EXPRESSIONS = 4;
const NFTA_RULE_USERDATA = 7;
export const RULE_ATTRIBUTES = {
  chain: NFTA_RULE_CHAIN,
  handle: NFTA_RULE_HANDLE,
  userdata: NFTA_RULE_USERDATA,
} as const;
/** libnftnl's udata.h: what nft(8) shows as the comment. */
export const UDATA_COMMENT = 0;

export type Chain = 'prerouting' | 'postrouting';
/** Just ahead of the usual priorities (NF_IP_PRI_NAT_DST, NF_IP_PRI_NAT_SRC): only the first translation of a connection counts. */
const PRIORITY = { prerouting: -101, postrouting: 99 } as const;

/** Opens a transaction. `end` closes it. */
export function begin(batch: MessageBatch): void {
  bracket(batch, NFNL_MSG_BATCH_BEGIN);
}

export function end(batch: MessageBatch): void {
  bracket(batch, NFNL_MSG_BATCH_END);
}

function bracket(batch: MessageBatch, type: number): void {
  batch.begin(type, 0);
  header(batch, NFPROTO_UNSPEC, NFNL_SUBSYS_NFTABLES);
  batch.end();
}

/** Creates the lab's table if it does not exist. */
export function createTable(batch: MessageBatch, table: string): void {
  batch.begin(MESSAGE.newTable, NLM_F_CREATE);
  header(batch, NFPROTO_INET, 0);
  batch.attrText(NFTA_TABLE_NAME, table);
  batch.end();
}

/** Deletes the table with all its chains and rules. */
export function deleteTable(batch: MessageBatch, table: string): void {
  batch.begin(MESSAGE.delTable, 0);
  header(batch, NFPROTO_INET, 0);
  batch.attrText(NFTA_TABLE_NAME, table);
  batch.end();
}

/** Creates a chain of type `nat` if it does not exist. */
export function createChain(batch: MessageBatch, table: string, chain: Chain): void {
  batch.begin(MESSAGE.newChain, NLM_F_CREATE);
  header(batch, NFPROTO_INET, 0);
  batch.attrText(NFTA_CHAIN_TABLE, table);
  batch.attrText(NFTA_CHAIN_NAME, chain);
  const hook = batch.nest(NFTA_CHAIN_HOOK);
  batch.attrBytes(NFTA_HOOK_HOOKNUM, be32(HOOK[chain]));
  batch.attrBytes(NFTA_HOOK_PRIORITY, be32(PRIORITY[chain]));
  batch.nestEnd(hook);
  batch.attrText(NFTA_CHAIN_TYPE, 'nat');
  batch.end();
}

/** Appends a rule to a chain. `expressions` writes what the rule does. */
export function appendRule(
  batch: MessageBatch,
  table: string,
  chain: Chain,
  comment: string,
  expressions: () => void,
): void {
  batch.begin(MESSAGE.newRule, NLM_F_CREATE | NLM_F_APPEND);
  header(batch, NFPROTO_INET, 0);
  batch.attrText(NFTA_RULE_TABLE, table);
  batch.attrText(NFTA_RULE_CHAIN, chain);
  const list = batch.nest(NFTA_RULE_EXPRESSIONS);
  expressions();
  batch.nestEnd(list);
  const text = Buffer.from(`${comment}\0`);
  batch.attrBytes(NFTA_RULE_USERDATA, Buffer.concat([Buffer.from([UDATA_COMMENT, text.length]), text]));
  batch.end();
}

/** Deletes a rule by its chain and its handle. */
export function deleteRule(batch: MessageBatch, table: string, chain: string, handle: Uint8Array): void {
  batch.begin(MESSAGE.delRule, 0);
  header(batch, NFPROTO_INET, 0);
  batch.attrText(NFTA_RULE_TABLE, table);
  batch.attrText(NFTA_RULE_CHAIN, chain);
  batch.attrBytes(NFTA_RULE_HANDLE, handle);
  batch.end();
}

/** Asks for a table. The kernel answers ENOENT if there is none. */
export function getTable(batch: MessageBatch, table: string): void {
  batch.begin(MESSAGE.getTable, 0);
  header(batch, NFPROTO_INET, 0);
  batch.attrText(NFTA_TABLE_NAME, table);
  batch.end();
}

/** Asks for all rules of a table. If the table does not exist, the answer is empty. */
export function listRules(batch: MessageBatch, table: string): void {
  batch.begin(MESSAGE.getRule, NLM_F_DUMP);
  header(batch, NFPROTO_INET, 0);
  batch.attrText(NFTA_RULE_TABLE, table);
  batch.end();
}

/** Asks for all chains of all tables. */
export function listChains(batch: MessageBatch): void {
  batch.begin(MESSAGE.getChain, NLM_F_DUMP);
  header(batch, NFPROTO_UNSPEC, 0);
  batch.end();
}

/** struct nfgenmsg: family, version, resource id. */
function header(batch: MessageBatch, family: number, resource: number): void {
  batch.u8x4(family, 0, resource >>> 8, resource & 0xff);
}

export function be32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value | 0);
  return bytes;
}
