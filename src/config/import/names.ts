/** Gives nodes and interfaces of other tools names that linkloom and the kernel take. */
import { createHash } from 'node:crypto';
import { checkIfname, IFNAME_MAX_BYTES } from '../../net/ifname.ts';
import { nodeNameFault } from '../schema.ts';
import { quote } from '../text/excerpt.ts';
import type { Notes, Where } from './notes.ts';

/** The longest name of a node, so that a number still fits behind it. */
const NODE_MOST = 58;
/** The longest name of a node with a number behind it. */
const NAME_MOST = 63;
/** How many characters of an over-long interface name stay in front of its hash. */
const KEPT = 9;

/** The names of one lab. The same name of the file always becomes the same name, and two never become one. */
export class Names {
  readonly #notes: Notes;
  readonly #nodes = new Given();
  readonly #devices = new Map<string, Given>();

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  /** The node's name in the lab. `id` tells apart nodes of one name; it is the name unless given. */
  node(written: string, where?: Where, id = written): string {
    const known = this.#nodes.of(id);
    if (known !== undefined) return known;
    const name = this.#nodes.give(id, nodeNameOf(written));
    if (name !== written) this.#renamed('node', written, name, nodeNameFault(written), where);
    return name;
  }

  /** The interface's name in a node of the lab. */
  device(node: string, written: string, where?: Where): string {
    const given = this.#devicesOf(node);
    const before = given.of(written);
    if (before !== undefined) return before;
    const fault = checkIfname(written);
    const name = given.give(written, fault === null ? written : deviceNameOf(written));
    if (name !== written) this.#renamed(`interface of ${node}`, written, name, fault, where);
    return name;
  }

  /** Whether a node has an interface of this name. */
  hasDevice(node: string, name: string): boolean {
    return this.#devicesOf(node).has(name);
  }

  /** The first of `PREFIX1`, `PREFIX2`… that no interface of the node is called. */
  nextDevice(node: string, prefix: string, first: number): string {
    return this.device(node, this.#devicesOf(node).next(prefix, first));
  }

  #devicesOf(node: string): Given {
    const known = this.#devices.get(node) ?? new Given();
    this.#devices.set(node, known);
    return known;
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

/** The names that were given, each once. Giving one costs the same however many there are. */
class Given {
  readonly #names = new Map<string, string>();
  readonly #taken = new Set<string>();
  /** The number with which the search for a free name goes on. */
  readonly #next = new Map<string, number>();

  /** The name that was given for `key`. */
  of(key: string): string | undefined {
    return this.#names.get(key);
  }

  has(name: string): boolean {
    return this.#taken.has(name);
  }

  /** Gives the name or, if it is taken, the first with a number behind it that is free. */
  give(key: string, wanted: string): string {
    const most = wanted.length <= IFNAME_MAX_BYTES ? IFNAME_MAX_BYTES : NAME_MOST;
    const numbered = (number: number): string => {
      const tail = `-${number}`;
      return `${wanted.slice(0, Math.max(1, most - tail.length))}${tail}`;
    };
    const name = this.#taken.has(wanted) ? this.#firstFree(wanted, numbered, 2) : wanted;
    this.#names.set(key, name);
    this.#taken.add(name);
    return name;
  }

  /** The first of `PREFIX0`, `PREFIX1`… from `first` on that is free. */
  next(prefix: string, first: number): string {
    return this.#firstFree(`${prefix}${first}…`, (number) => `${prefix}${number}`, first);
  }

  #firstFree(search: string, numbered: (number: number) => string, first: number): string {
    let number = this.#next.get(search) ?? first;
    while (this.#taken.has(numbered(number))) number++;
    this.#next.set(search, number);
    return numbered(number);
  }
}
