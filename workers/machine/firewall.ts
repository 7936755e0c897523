import { readFileSync } from 'node:fs';
import type { FirewallChain } from '../../src/wire/machine.ts';
import { listChains, NETLINK_NETFILTER, NFGENMSG_BYTES } from '../nat/messages.ts';
import { dump } from '../netlink/ask.ts';
import { attrText, eachAttribute } from '../netlink/attributes.ts';
import { NLA_HDRLEN } from '../netlink/constants.ts';
import { isAnswer } from '../netlink/fault.ts';
import { NetlinkSocket } from '../netlink/socket.ts';

/** linux/netfilter.h: families of tables by the number in struct nfgenmsg. */
const FAMILIES: Readonly<Record<number, string>> = { 1: 'inet', 2: 'ip', 3: 'arp', 7: 'bridge', 10: 'ip6' };
/** NF_INET_FORWARD, NF_BR_FORWARD (linux/netfilter.h, linux/netfilter_bridge.h). */
const HOOK_FORWARD = 2;
/** linux/netfilter/nf_tables.h. */
const CHAIN = { table: 1, name: 3, hook: 4, policy: 5, use: 6 } as const;
const HOOK_NUMBER = 1;
const NF_DROP = 0;

/** Tables of iptables that are in use, by the file that lists them (net/ipv4/netfilter/ip_tables.c). */
const LEGACY = { iptables: '/proc/net/ip_tables_names', ip6tables: '/proc/net/ip6_tables_names' } as const;

/** Chains of the thread's namespace through which forwarded or bridged packets go, and which can do something with them. */
export function firewallHere(): readonly FirewallChain[] {
  return [...nftChains(), ...legacyChains()];
}

/** A kernel without nf_tables has none. */
function nftChains(): readonly FirewallChain[] {
  try {
    using socket = new NetlinkSocket(NETLINK_NETFILTER);
    return dump(socket, 'NFT_MSG_GETCHAIN', listChains, readChain);
  } catch (error) {
    if (isAnswer(error)) return [];
    throw error;
  }
}

/** null: no such chain. One without rules that lets all pass does nothing. */
function readChain(bytes: Buffer, start: number, end: number): FirewallChain | null {
  const family = FAMILIES[bytes[start] ?? 0];
  const seen = { table: '', name: '', hook: -1, policy: -1, use: 0 };
  eachAttribute(bytes, start + NFGENMSG_BYTES, end, (type, at, length) => {
    if (type === CHAIN.table) seen.table = attrText(bytes, at, length);
    if (type === CHAIN.name) seen.name = attrText(bytes, at, length);
    if (type === CHAIN.policy) seen.policy = bytes.readUInt32BE(at + NLA_HDRLEN);
    if (type === CHAIN.use) seen.use = bytes.readUInt32BE(at + NLA_HDRLEN);
    if (type !== CHAIN.hook) return;
    eachAttribute(bytes, at + NLA_HDRLEN, at + length, (inner, place) => {
      if (inner === HOOK_NUMBER) seen.hook = bytes.readUInt32BE(place + NLA_HDRLEN);
    });
  });
  const drops = seen.policy === NF_DROP;
  const isPassed = seen.hook === HOOK_FORWARD || (family === 'bridge' && seen.hook >= 0);
  if (family === undefined || !isPassed || (seen.use === 0 && !drops)) return null;
  return { family, table: seen.table, chain: seen.name, drops };
}

/** What is in them only the program can tell; that the table is in use is enough. */
function legacyChains(): readonly FirewallChain[] {
  return Object.entries(LEGACY).flatMap(([family, file]) =>
    tablesIn(file).includes('filter') ? [{ family, table: 'filter', chain: 'FORWARD', drops: false }] : [],
  );
}

function tablesIn(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}
