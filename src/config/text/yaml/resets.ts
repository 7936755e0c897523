/** Finds the paths of a document that have the tags `!reset` or `!override`. */
import { type Document, isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Path } from '../parsed.ts';
import { isMergeKey, keyText, type Node, resolved, startOf, type Targets, tagOf } from './positions.ts';
import { MAX_VALUES, Stop } from './walk.ts';

/** Returns `Parsed.resets`. A merge key adds no step to a path. Below such a tag nothing more is searched. */
export function resetsOf(document: Document, targets: Targets): readonly Path[] {
  const resets: Path[] = [];
  const open = new Set<Node>();
  let values = 0;
  const look = (node: Node, path: Path): void => {
    const tag = tagOf(node, targets);
    if (tag === '!reset' || tag === '!override') {
      resets.push(path);
      return;
    }
    const target = resolved(node, targets);
    values += 1;
    if (values > MAX_VALUES)
      throw new Stop('yaml-alias-expansion', startOf(node), `aliases expand to more than ${MAX_VALUES} values`);
    if ((!isMap(target) && !isSeq(target)) || open.has(target)) return;
    open.add(target);
    if (isSeq(target)) for (const [index, item] of target.items.entries()) look(item, [...path, index]);
    else for (const { key, value } of target.items) lookPair(key, value, path);
    open.delete(target);
  };
  const lookPair = (key: Node, value: Node, path: Path): void => {
    const name = isAlias(key) ? resolved(key, targets) : key;
    if (!isMergeKey(name)) {
      if (isScalar(name)) look(value, [...path, keyText(name)]);
      return;
    }
    const merged = resolved(value, targets);
    for (const item of isSeq(merged) ? merged.items : [merged]) look(item, path);
  };
  look(document.contents, []);
  return resets;
}
