/** What `--group` says: which nodes are drawn as one box. */
import type { Fold } from '../../picture/fold.ts';

/** `NAME=GLOB,GLOB` or a glob, which is then the box's name too. */
export function foldsOf(texts: readonly string[]): readonly Fold[] {
  return texts.map((text) => {
    const [, name = text, globs = text] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    const patterns = globs.split(',').map(patternOf);
    return { name, takes: (node) => patterns.some((pattern) => pattern.test(node)) };
  });
}

/** `*` is any text, `?` any character. */
function patternOf(glob: string): RegExp {
  const text = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^(?:${text})$`, 's');
}
