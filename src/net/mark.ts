/**
 * linkloom's marks: the group number and the alias by which it knows its own devices again.
 * `net/` is leaf arithmetic: pure functions over text and numbers; of Node it uses only node:crypto.
 */
import { createHash } from 'node:crypto';

/** Low two bits of a group: what the device is to the lab. */
export const ROLE = { nodeEnd: 0, port: 1, bridge: 2, other: 3 } as const;
export type Role = (typeof ROLE)[keyof typeof ROLE];

/** Routes and addresses of ours carry this number (`rtm_protocol`, `IFA_PROTO`): 'l' of linkloom, unused by iproute2's rt_protos. */
export const PROTOCOL = 108;

const GROUP_MAGIC = 0x4c;

/** IFLA_GROUP of the lab's devices of a role: 0x4C, 22 bits of SHA-256(lab), 2 bits of role. Unsigned 32 bits. */
export function groupOf(lab: string, role: Role): number {
  if (last.lab !== lab) last = { lab, bits22: createHash('sha256').update(lab).digest().readUInt32BE(0) >>> 10 };
  return ((GROUP_MAGIC << 24) | (last.bits22 << 2) | role) >>> 0;
}

/** Asked for once per device, and nearly always of the same lab. */
let last: { readonly lab: string | null; readonly bits22: number } = { lab: null, bits22: 0 };

/** Whether a group number is of linkloom at all, whichever lab. */
export function isOurGroup(group: number): boolean {
  return group >>> 24 === GROUP_MAGIC;
}

/** Whether a device is the lab's end of a link, to be tied to others: a port of a bridge or of a wire. */
export function isPortGroup(group: number): boolean {
  return isOurGroup(group) && (group & 3) === ROLE.port;
}

/** The role in a group number. */
export function roleOf(group: number): number {
  return group & 3;
}

/** Whether two group numbers are of the same lab (roles aside). */
export function sameLab(a: number, b: number): boolean {
  return a >>> 2 === b >>> 2;
}

/** Longest IFLA_IFALIAS the kernel takes (IFALIASZ - 1, linux/if.h). */
export const ALIAS_MAX_BYTES = 255;
const PREFIX = 'linkloom/1';

export interface Mark {
  readonly lab: string;
  /** As given to `aliasOf`, or `#HASH` where it was too long. */
  readonly node: string;
  readonly dev: string;
}

/** Alias text for a device: `linkloom/1 LAB NODE DEV`, percent-encoded; an over-long NODE by its hash. */
export function aliasOf(lab: string, node: string, dev: string): string {
  const alias = [PREFIX, lab, encodeURIComponent(node), encodeURIComponent(dev)].join(' ');
  if (Buffer.byteLength(alias) <= ALIAS_MAX_BYTES) return alias;
  return [PREFIX, lab, nodeHash(node), encodeURIComponent(dev)].join(' ');
}

/** NODE in the marks of bridges and of tunnels, which are no node's: nothing that is one can be called so. */
export const BRIDGE_NODE = '#bridge';
export const TUNNEL_NODE = '#tunnel';

/** Whether a mark is of a link's device (and not of a bridge, a tunnel or a namespace). */
export function isOfLink({ node, dev }: Mark): boolean {
  return node !== BRIDGE_NODE && node !== TUNNEL_NODE && dev !== 'lo';
}

/** The mark in an alias, or null if it is not one of ours. Further words, which say more of the device, are left to `wordOf`. */
export function markOf(alias: string): Mark | null {
  const words = alias.split(' ');
  const [prefix, lab, node, dev] = words;
  if (prefix !== PREFIX || !lab || !node || !dev) return null;
  try {
    return { lab, node: decodeURIComponent(node), dev: decodeURIComponent(dev) };
  } catch {
    return null;
  }
}

/** How many words a mark has before those that say more. */
const MARK_WORDS = 4;

/** A mark without further words. */
export function bareMark(alias: string): string {
  return alias.split(' ', MARK_WORDS).join(' ');
}

/** The value of a further word of a mark, `KEY=VALUE`; null: it has none. */
export function wordOf(alias: string, key: string): string | null {
  const word = alias
    .split(' ')
    .slice(MARK_WORDS)
    .find((each) => each.startsWith(`${key}=`));
  return word?.slice(key.length + 1) ?? null;
}

/** A mark with a further word, instead of one with the same key. */
export function withWord(alias: string, key: string, value: string): string {
  const words = alias.split(' ');
  const others = words.slice(MARK_WORDS).filter((word) => !word.startsWith(`${key}=`));
  return [...words.slice(0, MARK_WORDS), ...others, `${key}=${value}`].join(' ');
}

function nodeHash(node: string): string {
  return `#${createHash('sha256').update(node).digest('hex').slice(0, 32)}`;
}
