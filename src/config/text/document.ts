/** Prints a plain value as a file that is read back as the same value. */
import { indentedJsonPieces } from '../../pieces.ts';
import { yamlPieces } from './emit.ts';
import type { Format } from './source.ts';

/** The text, with a newline at its end. Every `$` is doubled, since variables are filled in when the text is read. */
export function printDocument(document: object, format: Format): string {
  return [...documentPieces(document, format)].join('');
}

/** The same in pieces. */
export function* documentPieces(document: object, format: Format): Generator<string> {
  const value = escaped(document) as object;
  if (format === 'yaml') return yield* yamlPieces(value);
  yield* indentedJsonPieces(value);
  yield '\n';
}

/** The same value where there is nothing to escape in it. */
function escaped(value: unknown): unknown {
  if (typeof value === 'string') return value.includes('$') ? value.replaceAll('$', '$$$$') : value;
  if (typeof value !== 'object' || value === null) return value;
  const changes = Object.entries(value).flatMap(([key, item]): readonly (readonly [string, unknown])[] => {
    const after = escaped(item);
    return after === item ? [] : [[key, after]];
  });
  if (changes.length === 0) return value;
  if (!Array.isArray(value)) return { ...value, ...Object.fromEntries(changes) };
  const list: unknown[] = [...value];
  for (const [at, item] of changes) list[Number(at)] = item;
  return list;
}
