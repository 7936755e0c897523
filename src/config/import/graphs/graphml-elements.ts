/** Collects the elements of a GraphML file (graphml.graphdrawing.org) while it is parsed. */
import type { SaxesTagPlain } from 'saxes';
import type { spansOf } from '../../text/source.ts';
import type { Where } from '../notes.ts';

const TAGS = ['graph', 'node', 'edge', 'hyperedge', 'port'] as const;
type Tag = (typeof TAGS)[number];

/** An element of the file, with its data by the name of the data's key. */
export interface Element {
  readonly tag: Tag;
  readonly attributes: Readonly<Record<string, string>>;
  readonly data: Map<string, string>;
  /** The element around it; null for a graph that is in none. */
  readonly parent: Element | null;
  readonly where: Where;
}

interface Key {
  readonly name: string;
  /** What it is a key of; `all` of everything. */
  readonly of: string;
  /** Whether it only holds how yEd draws a thing. */
  readonly isGraphics: boolean;
}

/** The most text of the file that one value has: more is no label. */
const VALUE_MOST = 4096;

export class GraphmlElements {
  readonly found: Element[] = [];
  readonly #spanAt: ReturnType<typeof spansOf>;
  /** The keys by their ids: Topology Zoo's `d33` is `label`. */
  readonly #keys = new Map<string, Key>();
  /** What an element has that says nothing of a key. */
  readonly #defaults: { readonly key: Key; readonly value: string }[] = [];
  readonly #open: Element[] = [];
  /** The key whose value is read; null outside of values. */
  #key: Key | null = null;
  #value = '';

  constructor(spanAt: ReturnType<typeof spansOf>) {
    this.#spanAt = spanAt;
  }

  open({ name, attributes }: SaxesTagPlain, position: number): void {
    const tag = plain(name);
    const known = TAGS.find((one) => one === tag);
    if (known !== undefined) {
      const where = () => this.#spanAt(Math.max(0, position - 1));
      const element = { tag: known, attributes, data: new Map(), parent: this.#open.at(-1) ?? null, where };
      this.found.push(element);
      this.#open.push(element);
    } else if (tag === 'key') this.#key = this.#addKey(attributes);
    else if (tag === 'data') {
      const id = attributes['key'] ?? '';
      this.#key = this.#keys.get(id) ?? { name: id, of: 'all', isGraphics: false };
      this.#value = '';
    } else if (tag === 'default' || isLabel(tag)) this.#value = '';
    else if (tag === 'Geometry') this.#geometry(attributes);
  }

  text(value: string): void {
    if (this.#key !== null && this.#value.length < VALUE_MOST) this.#value += value;
  }

  close(name: string): void {
    const tag = plain(name);
    const value = this.#value.trim();
    if (isLabel(tag)) {
      // yEd writes an empty label beside the one that is seen.
      this.#set('label', value);
      this.#value = '';
    } else if (tag === 'default' && this.#key !== null) this.#defaults.push({ key: this.#key, value });
    else if (tag === 'data') {
      if (this.#key?.isGraphics === false) this.#set(this.#key.name, value);
      this.#key = null;
    } else if (tag === 'key') this.#key = null;
    else if (tag === this.#open.at(-1)?.tag) this.#open.pop();
  }

  /** What an element says of a key, or the file of all such elements. */
  get(element: Element, name: string): string | undefined {
    const isOf = ({ key }: { readonly key: Key }) => key.name === name && [element.tag, 'all'].includes(key.of);
    return element.data.get(name) ?? this.#defaults.find(isOf)?.value;
  }

  #addKey(attributes: Readonly<Record<string, string>>): Key {
    const { id = '', 'attr.name': name, 'yfiles.type': graphics = '', for: of = 'all' } = attributes;
    const key = { name: name ?? graphics, of, isGraphics: name === undefined };
    this.#keys.set(id, key);
    return key;
  }

  #set(name: string, value: string): void {
    const data = this.#open.at(-1)?.data;
    if (value !== '' && !data?.has(name)) data?.set(name, value);
  }

  /** yEd's place of a node on the page. An edge's geometry is of no use. */
  #geometry(attributes: Readonly<Record<string, string>>): void {
    const last = this.#open.at(-1);
    if (last?.tag !== 'node') return;
    for (const axis of ['x', 'y']) this.#set(axis, attributes[axis] ?? '');
  }
}

/** Where yEd writes what people see of a node or an edge. */
const isLabel = (tag: string): boolean => tag === 'NodeLabel' || tag === 'EdgeLabel';

/** The name of an element without its namespace: `y:NodeLabel` is `NodeLabel`. */
const plain = (name: string): string => name.slice(name.indexOf(':') + 1);
