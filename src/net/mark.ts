/**
 * Makes and reads linkloom's marks: the group number and the alias by which it recognises its own devices.
 *
 * `net/` has pure functions over text and numbers, below all other rooms. node:crypto is the only module of Node.js in it.
 */
import { createHash } from 'node:crypto';

/** The low two bits of a group number: what the device is to the lab. */
export const ROLE = { nodeEnd: 0, port: 1, bridge: 2, other: 3 } as const;
export type Role = (typeof ROLE)[keyof typeof ROLE];

/**
 * The protocol number of linkloom's routes and addresses (`rtm_protocol`, `IFA_PROTO`): the letter l, which iproute2's rt_protos
 * leaves free.
 */
export const PROTOCOL = 108;

const GROUP_MAGIC = 0x4c;

/** The IFLA_GROUP of a lab's devices of a role: 0x4C, 22 bits of SHA-256(lab), 2 bits of role. Unsigned 32 bits. */
export function groupOf(lab: string, role: Role): number {
  if (last.lab !== lab) last = { lab, bits22: createHash('sha256').update(lab).digest().readUInt32BE(0) >>> 10 };
  return ((GROUP_MAGIC << 24) | (last.bits22 << 2) | role) >>> 0;
}

/** The last result, since `groupOf` is called once per device and nearly always for the same lab. */
let last: { readonly lab: string | null; readonly bits22: number } = { lab: null, bits22: 0 };

/** Whether a group number is one of linkloom's, of whichever lab. */
export function isOurGroup(group: number): boolean {
  return group >>> 24 === GROUP_MAGIC;
}

/** Whether a group number is that of a port, of a bridge or of a wire. */
export function isPortGroup(group: number): boolean {
  return isOurGroup(group) && (group & 3) === ROLE.port;
}

/** The role in a group number. */
export function roleOf(group: number): number {
  return group & 3;
}

/** Whether two group numbers belong to the same lab, whatever their roles. */
export function sameLab(a: number, b: number): boolean {
  return a >>> 2 === b >>> 2;
}

/** The longest IFLA_IFALIAS that the kernel takes (IFALIASZ - 1, linux/if.h). */
export const ALIAS_MAX_BYTES = 255;
const PREFIX = 'linkloom/1';

export interface Mark {
  readonly lab: string;
  /** The node as given to `aliasOf`, or `#HASH` if it was too long. */
  readonly node: string;
  readonly dev: string;
}

/** The alias of a device: `linkloom/1 LAB NODE DEV`, percent-encoded. If it is too long, a hash stands for NODE. */
export function aliasOf(lab: string, node: string, dev: string): string {
  const alias = `${PREFIX} ${lab} ${encoded(node)} ${encoded(dev)}`;
  if (Buffer.byteLength(alias) <= ALIAS_MAX_BYTES) return alias;
  return [PREFIX, lab, nodeHash(node), encodeURIComponent(dev)].join(' ');
}

/** What is not encoded in any case, of which nearly all names are made. */
const PLAIN = /^[\w.-]*$/;

function encoded(name: string): string {
  return PLAIN.test(name) ? name : encodeURIComponent(name);
}

/** NODE in the marks of bridges and of tunnels, which belong to no node. No node can have such a name. */
export const BRIDGE_NODE = '#bridge';
export const TUNNEL_NODE = '#tunnel';

/** Whether a mark belongs to a link's device, and not to a bridge, a tunnel or a namespace. */
export function isOfLink({ node, dev }: Mark): boolean {
  return node !== BRIDGE_NODE && node !== TUNNEL_NODE && dev !== 'lo';
}

/**
 * The mark in an alias; null if the alias is not one of linkloom's. `wordOf` reads the further words, which say more of the device.
 */
export function markOf(alias: string): Mark | null {
  const words = alias.split(' ');
  const [prefix, lab, node, dev] = words;
  if (prefix !== PREFIX || !lab || !node || !dev) return null;
  if (!alias.includes('%')) return { lab, node, dev };
  try {
    return { lab, node: decodeURIComponent(node), dev: decodeURIComponent(dev) };
  } catch {
    return null;
  }
}

/** `NODE:DEV` of the mark in an alias; null if that is not one of linkloom's. */
export function linkOfMark(alias: string): string | null {
  const mark = markOf(alias);
  return mark === null ? null : `${mark.node}:${mark.dev}`;
}

/** How many words a mark has without the further ones. */
const MARK_WORDS = 4;

/** A mark without further words. */
export function bareMark(alias: string): string {
  const end = endOfMark(alias);
  return end < 0 ? alias : alias.slice(0, end);
}

/** Where the further words begin; -1: there are none. Of 100,000 marks none is taken apart to find that out. */
function endOfMark(alias: string): number {
  let end = -1;
  for (let words = 0; words < MARK_WORDS; words++) {
    end = alias.indexOf(' ', end + 1);
    if (end < 0) return -1;
  }
  return end;
}

/** The value of a further word `KEY=VALUE` of a mark; null if the mark has no such word. */
export function wordOf(alias: string, key: string): string | null {
  if (endOfMark(alias) < 0) return null;
  const word = alias
    .split(' ')
    .slice(MARK_WORDS)
    .find((each) => each.startsWith(`${key}=`));
  return word?.slice(key.length + 1) ?? null;
}

/** A mark with a further word, in place of one with the same key. */
export function withWord(alias: string, key: string, value: string): string {
  const words = alias.split(' ');
  const others = words.slice(MARK_WORDS).filter((word) => !word.startsWith(`${key}=`));
  return [...words.slice(0, MARK_WORDS), ...others, `${key}=${value}`].join(' ');
}

/** A mark without a further word. */
export function withoutWord(alias: string, key: string): string {
  const words = alias.split(' ');
  return words.filter((word, at) => at < MARK_WORDS || !word.startsWith(`${key}=`)).join(' ');
}

function nodeHash(node: string): string {
  return `#${createHash('sha256').update(node).digest('hex').slice(0, 32)}`;
}
