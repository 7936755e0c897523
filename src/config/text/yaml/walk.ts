/** The walk from a document's nodes to plain values. */
import { type Alias, isAlias, isMap, isPair, isScalar, isSeq, parseDocument, type Scalar, type YAMLMap } from 'yaml';
import type { DiagnosticCode } from '../../../diagnostics/table.ts';
import { type Fault, keyTwice, MAX_DEPTH, tooDeep } from '../parsed.ts';
import { isMergeKey, itemsOf, keyText, type Node, startOf, type Targets, tagOf } from './places.ts';

/** Values a text may expand to, aliases and merge keys included: past any real lab, before memory runs out. */
export const MAX_VALUES = 4_000_000;

/** Thrown in this folder to stop at the first fault that makes going on useless. */
export class Stop extends Error {
  readonly fault: Fault;
  constructor(code: DiagnosticCode, offset: number, message: string, hint?: string) {
    super(message);
    this.fault = { offset, code, message, ...(hint === undefined ? {} : { hint }) };
  }
}

/** One walk. Faults that do not end it are added to `faults`; others are thrown as Stop. What bears `!reset` is as if it were not there. */
export class Walk {
  readonly #targets: Targets;
  readonly #faults: Fault[];
  /** Aliases being followed now, against a value that holds itself. */
  readonly #open = new Set<Node>();
  #values = 0;

  constructor(targets: Targets, faults: Fault[]) {
    this.#targets = targets;
    this.#faults = faults;
  }

  plain(node: Node, depth: number): unknown {
    this.#count(node);
    if (depth > MAX_DEPTH) throw new Stop('nested-too-deep', startOf(node), tooDeep(0).message);
    if (isScalar(node)) return node.tag === '!override' ? untagged(node) : node.value;
    if (isMap(node)) return this.#map(node, depth);
    if (isSeq(node))
      return itemsOf(node, this.#targets).map((item) => this.plain(isPair(item) ? null : item, depth + 1));
    if (isAlias(node)) return this.#follow(node, (target) => this.plain(target, depth + 1));
    return null;
  }

  #count(node: Node): void {
    this.#values += 1;
    if (this.#values <= MAX_VALUES) return;
    throw new Stop(
      'yaml-alias-expansion',
      startOf(node),
      `aliases expand to more than ${MAX_VALUES} values`,
      'write the values out, or generate JSON',
    );
  }

  #follow<T>(alias: Alias, use: (target: Node) => T): T {
    const target = this.#targets.get(alias);
    if (target === undefined)
      throw new Stop('yaml-alias-unknown', startOf(alias), `no anchor &${alias.source} before this alias`);
    if (this.#open.has(target)) throw new Stop('yaml-alias-circle', startOf(alias), `&${alias.source} holds itself`);
    this.#open.add(target);
    const result = use(target);
    this.#open.delete(target);
    return result;
  }

  #map(map: YAMLMap, depth: number): Record<string, unknown> {
    const plain: Record<string, unknown> = {};
    for (const pair of map.items) {
      if (isMergeKey(pair.key)) continue;
      const key = this.#key(pair.key);
      if (tagOf(pair.value, this.#targets) === '!reset') continue;
      if (Object.hasOwn(plain, key)) this.#faults.push(keyTwice(key, startOf(pair.key)));
      setKey(plain, key, this.plain(pair.value, depth + 1));
    }
    for (const pair of map.items) if (isMergeKey(pair.key)) this.#merge(plain, pair.value, depth);
    return plain;
  }

  #key(key: Node): string {
    if (isAlias(key)) return this.#follow(key, (target) => this.#key(target));
    if (isScalar(key)) return keyText(key);
    throw new Stop('yaml-key-not-text', startOf(key), 'a key must be plain text');
  }

  /** A merge key's value: a map, or a list of maps of which the first wins. Keys already there stay. */
  #merge(into: Record<string, unknown>, value: Node, depth: number): void {
    if (isAlias(value)) {
      this.#follow(value, (target) => this.#merge(into, target, depth + 1));
    } else if (isMap(value)) {
      const from = this.plain(value, depth + 1) as Record<string, unknown>;
      for (const key of Object.keys(from)) if (!Object.hasOwn(into, key)) setKey(into, key, from[key]);
    } else if (isSeq(value) && depth <= MAX_DEPTH) {
      for (const item of value.items) this.#merge(into, item, depth + 1);
    } else {
      throw new Stop(
        'yaml-merge-value',
        startOf(value),
        '<< takes a map, or a list of maps',
        'name an anchor of a map, as in `<<: *base`',
      );
    }
  }
}

/** A tag that the library does not know makes a text of all that is no map and no list. */
function untagged(scalar: Scalar): unknown {
  if (scalar.type !== 'PLAIN' || scalar.source === undefined) return scalar.value;
  const { contents } = parseDocument(scalar.source);
  return isScalar(contents) ? contents.value : scalar.value;
}

/** `__proto__` is a key like any other, never a prototype. */
function setKey(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
  else object[key] = value;
}
