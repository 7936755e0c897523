/** Finds the positions of the parts of a document, and what its aliases stand for. */
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { MAX_DEPTH, type Path, type TextRange } from '../parsed.ts';

/** A node of the YAML library, or null or undefined. */
export type Node = unknown;

/** What each alias stands for. */
export type Targets = ReadonlyMap<Alias, Node>;

/**
 * What each alias of a document stands for: the last anchor of its name before it, in this document or an earlier one. `anchors` is
 * updated. It takes one pass, or none if the text contains no alias.
 */
export function targetsOf(document: Document, text: string, anchors: Map<string, Node>): Targets {
  const targets = new Map<Alias, Node>();
  if (!text.includes('*')) return targets;
  visit(document, (_key, node) => {
    if (isAlias(node)) targets.set(node, anchors.get(node.source));
    else if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor) anchors.set(node.anchor, node);
  });
  return targets;
}

/** What an alias stands for, through further aliases; any other node itself. */
export function resolved(node: Node, targets: Targets): Node {
  let current = node;
  for (let hops = 0; isAlias(current) && hops < MAX_DEPTH; hops++) current = targets.get(current);
  return current;
}

export function isMergeKey(key: Node): boolean {
  return isScalar(key) && typeof key.value === 'symbol';
}

/** The tag of a node, or of the node that an alias stands for. */
export function tagOf(node: Node, targets: Targets): string | undefined {
  const target = resolved(node, targets);
  return isScalar(target) || isMap(target) || isSeq(target) ? target.tag : undefined;
}

/** A key as it was written: `0123` is not 123. */
export function keyText(key: { readonly value: unknown; readonly source?: string | undefined }): string {
  if (key.value === null) return '';
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}

/** The items of a list, without those that have the tag `!reset`. */
export function itemsOf(list: YAMLSeq, targets: Targets): readonly Node[] {
  const known = counting.get(list);
  if (known !== undefined) return known;
  const counts = (item: Node): boolean => tagOf(item, targets) !== '!reset';
  const items = list.items.every(counts) ? list.items : list.items.filter(counts);
  counting.set(list, items);
  return items;
}

/** The results of `itemsOf`, which is called for each position in a list. */
const counting = new WeakMap<YAMLSeq, readonly Node[]>();

export function startOf(node: Node): number {
  return (node as { range?: readonly number[] } | null | undefined)?.range?.[0] ?? 0;
}

/** The offset after a node. The library counts line breaks and comments after a block as part of it; this does not. */
function endOf(node: Node): number {
  if (isMap(node) && !node.flow) {
    const last = node.items.at(-1);
    if (last !== undefined) return Math.max(endOf(last.key), endOf(last.value));
  }
  if (isSeq(node) && !node.flow && node.items.length > 0) return endOf(node.items.at(-1));
  return (node as { range?: readonly number[] } | null | undefined)?.range?.[1] ?? 0;
}

function nodeRange(node: Node): TextRange {
  return { start: startOf(node), end: endOf(node) };
}

/** As `Parsed.rangeOf`. */
export function rangeOf(document: Document, targets: Targets, path: Path, part: 'key' | 'value'): TextRange {
  let node: Node = document.contents;
  let range = nodeRange(node);
  for (const [depth, step] of path.entries()) {
    const container = resolved(node, targets);
    if (isSeq(container) && typeof step === 'number') {
      node = itemsOf(container, targets)[step];
      if (node === undefined) return range;
      range = nodeRange(node);
      continue;
    }
    const pair = isMap(container) ? pairOf(container, String(step), targets, 0) : undefined;
    if (pair === undefined) return range;
    node = pair.value;
    const wantKey = (part === 'key' && depth === path.length - 1) || node === null;
    range = nodeRange(wantKey ? pair.key : node);
  }
  return range;
}

/** As `Parsed.written`. */
export function writtenAt(document: Document, targets: Targets, path: Path): string | undefined {
  let node: Node = document.contents;
  for (const step of path) {
    const container = resolved(node, targets);
    if (isSeq(container) && typeof step === 'number') node = itemsOf(container, targets)[step];
    else node = isMap(container) ? pairOf(container, String(step), targets, 0)?.value : undefined;
  }
  const scalar = resolved(node, targets);
  return isScalar(scalar) ? scalar.source : undefined;
}

/** A map's own pairs by key. Of duplicates the last one counts. */
function ownPairs(map: YAMLMap): ReadonlyMap<string, Pair> {
  const known = keyed.get(map);
  if (known !== undefined) return known;
  const pairs = new Map<string, Pair>();
  for (const pair of map.items) if (isScalar(pair.key) && !isMergeKey(pair.key)) pairs.set(keyText(pair.key), pair);
  keyed.set(map, pairs);
  return pairs;
}

/** The results of `ownPairs`, which is called for each entry of a large map. */
const keyed = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

/** The pair of a key in a map: its own (of duplicates the last), else that of a merged map. */
function pairOf(map: YAMLMap, key: string, targets: Targets, depth: number): Pair | undefined {
  const own = ownPairs(map).get(key);
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
