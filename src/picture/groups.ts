/** What is written to have nodes drawn as one box: `--group` of a command line, a field of the page. */
import { patternOf } from '../config/nodes/pattern.ts';
import type { Fold } from './fold.ts';

/** `NAME=GLOB,GLOB` or a glob, which is then the box's name too. */
export function foldsOf(texts: readonly string[]): readonly Fold[] {
  return texts.map((text) => {
    const [, name = text, globs = text] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    const pattern = patternOf(globs.split(','));
    return { name, takes: (node) => pattern.test(node) };
  });
}

/** Groups that no node goes into, with the reason. */
export function idleFolds(
  nodes: readonly { readonly name: string }[],
  folds: readonly Fold[],
): readonly { readonly name: string; readonly why: string }[] {
  const used = new Set(nodes.map(({ name }) => folds.find(({ takes }) => takes(name))));
  return folds
    .filter((fold) => !used.has(fold))
    .map(({ name, takes }) => {
      const isTaken = nodes.some((node) => takes(node.name));
      return { name, why: isTaken ? 'a group before it has them all' : 'no node has such a name' };
    });
}
