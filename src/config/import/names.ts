/** Gives nodes and interfaces of other tools names that linkloom and the kernel take. */
import { createHash } from 'node:crypto';
import { checkIfname, IFNAME_MAX_BYTES } from '../../net/ifname.ts';
import { nodeNameFault } from '../schema.ts';
import { quote } from '../text/excerpt.ts';
import type { Notes, Where } from './notes.ts';

/** The longest name of a node, so that a number still fits behind it. */
const NODE_MOST = 58;
/** How many characters of an over-long interface name stay in front of its hash. */
const KEPT = 9;

/** The names of one lab. The same name of the file always becomes the same name, and two never become one. */
export class Names {
  readonly #notes: Notes;
  readonly #nodes = new Map<string, string>();
  readonly #devices = new Map<string, Map<string, string>>();

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  /** The node's name in the lab. `id` tells apart nodes of one name; it is the name unless given. */
  node(written: string, where?: Where, id = written): string {
    const known = this.#nodes.get(id);
    if (known !== undefined) return known;
    const name = free(nodeNameOf(written), new Set(this.#nodes.values()));
    this.#nodes.set(id, name);
    if (name !== written) this.#renamed('node', written, name, nodeNameFault(written), where);
    return name;
  }

  /** The interface's name in a node of the lab. */
  device(node: string, written: string, where?: Where): string {
    const known = this.#devices.get(node) ?? new Map<string, string>();
    this.#devices.set(node, known);
    const before = known.get(written);
    if (before !== undefined) return before;
    const fault = checkIfname(written);
    const name = free(fault === null ? written : deviceNameOf(written), new Set(known.values()));
    known.set(written, name);
    if (name !== written) this.#renamed(`interface of ${node}`, written, name, fault, where);
    return name;
  }

  /** Whether a node has an interface of this name. */
  hasDevice(node: string, name: string): boolean {
    return [...(this.#devices.get(node)?.values() ?? [])].includes(name);
  }

  /** The first of `PREFIX1`, `PREFIX2`… that no interface of the node is called. */
  nextDevice(node: string, prefix: string, first: number): string {
    const used = new Set(this.#devices.get(node)?.values());
    let number = first;
    while (used.has(`${prefix}${number}`)) number++;
    return this.device(node, `${prefix}${number}`);
  }

  #renamed(what: string, from: string, to: string, fault: string | null, where?: Where): void {
    const why = fault === null ? 'that name is taken' : `the name ${fault}`;
    this.#notes.add('import-renamed', `${what} ${quote(from)} is called ${to}: ${why}`, where);
  }
}

/** The nearest text that can be the name of a node. */
function nodeNameOf(written: string): string {
  const plain = ascii(written)
    .replaceAll(/[^A-Za-z0-9_.-]+/g, '-')
    .replace(/^[.-]+/, '')
    .replace(/[.-]+$/, '');
  const name = plain.slice(0, NODE_MOST) || 'node';
  return nodeNameFault(name) === null ? name : `${name}-node`;
}

/** The nearest text that can be the name of an interface. */
function deviceNameOf(written: string): string {
  const plain = ascii(written).replaceAll(/[^A-Za-z0-9_.-]+/g, '-');
  const bare = plain.replace(/^-+/, '').replace(/-+$/, '') || 'dev';
  if (bare.length <= IFNAME_MAX_BYTES) return checkIfname(bare) === null ? bare : `${bare.replaceAll('.', '')}0`;
  return `${bare.slice(0, KEPT)}-${createHash('sha256').update(written).digest('hex').slice(0, 5)}`;
}

/** The text without accents. */
function ascii(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}+/gu, '');
}

function free(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  for (let number = 2; ; number++) {
    const tail = `-${number}`;
    const numbered = `${name.slice(0, Math.max(1, (name.length <= IFNAME_MAX_BYTES ? IFNAME_MAX_BYTES : 63) - tail.length))}${tail}`;
    if (!taken.has(numbered)) return numbered;
  }
}
