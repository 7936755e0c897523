/**
 * YAML 1.2 to plain values. The library parses; the walk to plain values is our own, because it has
 * to count what aliases and merge keys expand to, find duplicate keys in linear time and give
 * `!reset` its meaning (the key is as if it were not there).
 */
import {
  type Alias,
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  type Pair,
  Parser,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import { type Fault, MAX_DEPTH, type Parsed, type Path, tooDeep } from './parsed.ts';
import { Depth } from './yaml-depth.ts';

/** Values a text may expand to, aliases and merge keys included: past any real lab, before memory runs out. */
const MAX_VALUES = 4_000_000;
/** Tags of compose's merge; they mean something to compose only, so they are no unknown tags. */
const COMPOSE_TAGS = new Set(['!reset', '!override']);

/** Thrown inside this file to stop at the first fault that makes going on useless. */
class Stop extends Error {
  readonly fault: Fault;
  constructor(offset: number, message: string, hint?: string) {
    super(message);
    this.fault = { offset, severity: 'error', message, ...(hint === undefined ? {} : { hint }) };
  }
}

/** As the library's `parseDocument` does it, with an eye on the depth before anything recurses. */
function compose(text: string): Document.Parsed {
  const options = { merge: true, uniqueKeys: false } as const;
  const composer = new Composer(options);
  let document: Document.Parsed | undefined;
  for (const next of composer.compose(tokensOf(text), true, text.length)) {
    document ??= next;
    if (next !== document) throw new Stop(next.range[0], 'a second document begins here');
  }
  return document ?? parseDocument('', options);
}

function* tokensOf(text: string): Generator<CST.Token> {
  const parser = new Parser();
  const depth = new Depth();
  for (const lexeme of new Lexer().lex(text)) {
    if (depth.see(lexeme) > MAX_DEPTH) throw new Stop(depth.offset, tooDeep(0).message);
    yield* parser.next(lexeme);
  }
  yield* parser.end();
}

/** Parses one YAML document. Never throws. */
export function parseYaml(text: string): Parsed {
  try {
    const document = compose(text);
    const faults = libraryFaults(document);
    const targets = aliasTargets(document, text);
    const walk = new Walk(targets, faults);
    const value = faults.some((fault) => fault.severity === 'error') ? undefined : walk.plain(document.contents, 0);
    return { value, faults, offsetOf: (path, part) => offsetOf(document, targets, path, part) };
  } catch (error) {
    return { value: undefined, faults: [faultOf(error)], offsetOf: () => 0 };
  }
}

function faultOf(error: unknown): Fault {
  if (error instanceof Stop) return error.fault;
  if (error instanceof RangeError) return tooDeep(0);
  return {
    offset: 0,
    severity: 'error',
    message: `not YAML: ${error instanceof Error ? error.message : String(error)}`,
  };
}

function libraryFaults(document: Document.Parsed): Fault[] {
  const faults: Fault[] = [];
  for (const error of document.errors) {
    faults.push({ offset: error.pos[0], severity: 'error', message: `not YAML: ${plainMessage(error.message)}` });
  }
  for (const warning of document.warnings) {
    const tag = warning.message.match(/^Unresolved tag: (.*)$/)?.[1];
    if (tag !== undefined && COMPOSE_TAGS.has(tag)) continue;
    faults.push({ offset: warning.pos[0], severity: 'warning', message: plainMessage(warning.message) });
  }
  return faults;
}

function plainMessage(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1).replace(/\.$/, '');
}

type Targets = ReadonlyMap<Alias, unknown>;

/** What each alias stands for: the last anchor of its name before it. One pass, and none if no text can hold an alias. */
function aliasTargets(document: Document.Parsed, text: string): Targets {
  const targets = new Map<Alias, unknown>();
  if (!text.includes('*')) return targets;
  const anchors = new Map<string, unknown>();
  visit(document, (_key, node) => {
    if (isAlias(node)) targets.set(node, anchors.get(node.source));
    else if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor) anchors.set(node.anchor, node);
  });
  return targets;
}

/** One walk from nodes to plain values. */
class Walk {
  readonly #targets: Targets;
  readonly #faults: Fault[];
  /** Aliases being followed now, against a value that holds itself. */
  readonly #open = new Set<unknown>();
  #values = 0;

  constructor(targets: Targets, faults: Fault[]) {
    this.#targets = targets;
    this.#faults = faults;
  }

  plain(node: unknown, depth: number): unknown {
    this.#count(node);
    if (depth > MAX_DEPTH) throw new Stop(startOf(node), tooDeep(0).message);
    if (isScalar(node)) return node.value;
    if (isMap(node)) return this.#map(node, depth);
    if (isSeq(node)) return node.items.map((item) => this.plain(isPair(item) ? null : item, depth + 1));
    if (isAlias(node)) return this.#follow(node, (target) => this.plain(target, depth + 1));
    return null;
  }

  #count(node: unknown): void {
    this.#values += 1;
    if (this.#values <= MAX_VALUES) return;
    throw new Stop(
      startOf(node),
      `aliases expand to more than ${MAX_VALUES} values`,
      'write the values out, or generate JSON',
    );
  }

  #follow<T>(alias: Alias, use: (target: unknown) => T): T {
    const target = this.#targets.get(alias);
    if (target === undefined) throw new Stop(startOf(alias), `no anchor &${alias.source} before this alias`);
    if (this.#open.has(target)) throw new Stop(startOf(alias), `&${alias.source} holds itself`);
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
      if (isReset(pair)) continue;
      if (Object.hasOwn(plain, key)) this.#duplicate(pair.key, key);
      setKey(plain, key, this.plain(pair.value, depth + 1));
    }
    for (const pair of map.items) if (isMergeKey(pair.key)) this.#merge(plain, pair.value, depth);
    return plain;
  }

  #key(key: unknown): string {
    if (isAlias(key)) return this.#follow(key, (target) => this.#key(target));
    if (isScalar(key)) return key.value === null ? '' : String(key.value);
    throw new Stop(startOf(key), 'a key must be plain text');
  }

  #duplicate(node: unknown, key: string): void {
    this.#faults.push({
      offset: startOf(node),
      severity: 'error',
      message: `the key ${JSON.stringify(key)} is there twice`,
      hint: 'remove one of the two, or join them',
    });
  }

  /** A merge key's value: a map, or a list of maps of which the first wins. Keys already there stay. */
  #merge(into: Record<string, unknown>, value: unknown, depth: number): void {
    if (isAlias(value)) {
      this.#follow(value, (target) => this.#merge(into, target, depth + 1));
    } else if (isMap(value)) {
      const from = this.plain(value, depth + 1) as Record<string, unknown>;
      for (const key of Object.keys(from)) if (!Object.hasOwn(into, key)) setKey(into, key, from[key]);
    } else if (isSeq(value) && depth <= MAX_DEPTH) {
      for (const item of value.items) this.#merge(into, item, depth + 1);
    } else {
      throw new Stop(startOf(value), '<< takes a map, or a list of maps', 'name an anchor of a map, as in `<<: *base`');
    }
  }
}

/** `__proto__` is a key like any other, never a prototype. */
function setKey(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
  else object[key] = value;
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && typeof key.value === 'symbol';
}

function isReset(pair: Pair): boolean {
  const value = pair.value;
  return (isScalar(value) || isMap(value) || isSeq(value)) && value.tag === '!reset';
}

function startOf(node: unknown): number {
  return (node as { range?: readonly number[] } | null | undefined)?.range?.[0] ?? 0;
}

function offsetOf(document: Document.Parsed, targets: Targets, path: Path, part: 'key' | 'value'): number {
  let node: unknown = document.contents;
  let offset = startOf(node);
  for (const [depth, step] of path.entries()) {
    const container = resolved(node, targets);
    if (isSeq(container) && typeof step === 'number') {
      node = container.items[step];
      if (node === undefined) return offset;
      offset = startOf(node);
      continue;
    }
    const pair = isMap(container) ? pairOf(container, String(step), targets, 0) : undefined;
    if (pair === undefined) return offset;
    node = pair.value;
    const wantKey = (part === 'key' && depth === path.length - 1) || node === null;
    offset = startOf(wantKey ? pair.key : node);
  }
  return offset;
}

function resolved(node: unknown, targets: Targets): unknown {
  let current = node;
  for (let hops = 0; isAlias(current) && hops < MAX_DEPTH; hops++) current = targets.get(current);
  return current;
}

/** The pair that gives a map its key: its own (the last one, as that one counts), else one of a merged map. */
function pairOf(map: YAMLMap, key: string, targets: Targets, depth: number): Pair | undefined {
  const own = map.items.findLast(
    (pair) => isScalar(pair.key) && !isMergeKey(pair.key) && String(pair.key.value) === key,
  );
  if (own !== undefined || depth > MAX_DEPTH) return own;
  for (const pair of map.items) {
    if (!isMergeKey(pair.key)) continue;
    const value = resolved(pair.value, targets);
    for (const item of isSeq(value) ? value.items : [value]) {
      const merged = resolved(item, targets);
      const found = isMap(merged) ? pairOf(merged, key, targets, depth + 1) : undefined;
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
