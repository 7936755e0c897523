/** Prints a plain value as a file that is read back as the same value. */
import { emitYaml } from './emit.ts';
import type { Format } from './source.ts';

/** The text, with a newline at its end. Every `$` is doubled, since variables are filled in when the text is read. */
export function printDocument(document: unknown, format: Format): string {
  const value = escaped(document);
  return format === 'json' ? `${JSON.stringify(value, null, 2)}\n` : emitYaml(value);
}

function escaped(value: unknown): unknown {
  if (typeof value === 'string') return value.includes('$') ? value.replaceAll('$', '$$$$') : value;
  if (Array.isArray(value)) return value.map(escaped);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, escaped(item)]));
}
