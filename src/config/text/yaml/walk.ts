/** Turns a document's nodes into plain values. */
import { type Alias, isAlias, isMap, isPair, isScalar, isSeq, parseDocument, type Scalar, type YAMLMap } from 'yaml';
import type { DiagnosticCode } from '../../../diagnostics/table.ts';
import { type Fault, keyTwice, MAX_DEPTH, tooDeep } from '../parsed.ts';
import { isMergeKey, itemsOf, keyText, type Node, startOf, type Targets, tagOf } from './positions.ts';

/**
 * The most values to which a text may expand, with aliases and merge keys: more than any real lab has, and few enough for memory.
 */
export const MAX_VALUES = 4_000_000;

/** Thrown in this folder at a fault after which going on is useless. */
export class Stop extends Error {
  readonly fault: Fault;
  constructor(code: DiagnosticCode, offset: number, message: string, hint?: string) {
    super(message);
    this.fault = { offset, code, message, ...(hint === undefined ? {} : { hint }) };
  }
}

/**
 * One walk over a document. Faults that do not end it are added to `faults`; others are thrown as Stop. What has the tag `!reset`
 * is left out.
 */
export class Walk {
  readonly #targets: Targets;
  readonly #faults: Fault[];
  /** The aliases that are being followed, to detect a value that contains itself. */
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

  /** Merges a merge key's value: a map, or a list of maps of which the first wins. Keys that are there already stay. */
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

/**
 * The value of a scalar with a tag. For an unknown tag the library returns a text, so the source is parsed again without the tag.
 */
function untagged(scalar: Scalar): unknown {
  if (scalar.type !== 'PLAIN' || scalar.source === undefined) return scalar.value;
  const { contents } = parseDocument(scalar.source);
  return isScalar(contents) ? contents.value : scalar.value;
}

/** Sets a key. `__proto__` is a key like any other, never a prototype. */
function setKey(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
  else object[key] = value;
}
