/** What `--group` says: which nodes are drawn as one box. */
import { patternOf } from '../../config/nodes/pattern.ts';
import type { Fold } from '../../picture/fold.ts';

/** `NAME=GLOB,GLOB` or a glob, which is then the box's name too. */
export function foldsOf(texts: readonly string[]): readonly Fold[] {
  return texts.map((text) => {
    const [, name = text, globs = text] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    const pattern = patternOf(globs.split(','));
    return { name, takes: (node) => pattern.test(node) };
  });
}
