/** Finds keys that an object of a JSON text has twice. `JSON.parse` keeps the last one and does not say so. */
import { skipSpace, skipString } from './json-skip.ts';
import { type Fault, keyTwice } from './parsed.ts';

/** Returns a fault for each duplicate key, at any depth. The text must be valid JSON. Linear, and not recursive. */
export function duplicateKeys(text: string): Fault[] {
  const faults: Fault[] = [];
  /** Keys of each open object; null for a list. */
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x7b) open.push(new Set());
    else if (code === 0x5b) open.push(null);
    else if (code === 0x7d || code === 0x5d) open.pop();
    else if (code === 0x22) {
      const end = skipString(text, at);
      const keys = open.at(-1);
      if (keys && text.charCodeAt(skipSpace(text, end)) === 0x3a) {
        const key = JSON.parse(text.slice(at, end)) as string;
        if (keys.has(key)) faults.push(keyTwice(key, at));
        keys.add(key);
      }
      at = end - 1;
    }
  }
  return faults;
}
