/**
 * Parses JSON fast: `JSON.parse` makes the values and keeps no positions. Only for a fault is the text scanned again, for the first
 * mistake or along the path to a value.
 */

import { duplicateKeys } from './json-duplicates.ts';
import { firstFault } from './json-fault.ts';
import { outlineOf, skipSpace, skipString } from './json-skip.ts';
import { MAX_DEPTH, type Parsed, type Path, type TextRange, tooDeep } from './parsed.ts';

/** Parses JSON. Never throws. */
export function parseJson(text: string): Parsed {
  const positions = new Positions(text);
  const rangeOf = (path: Path, part: 'key' | 'value') => positions.rangeOf(path, part);
  try {
    const value: unknown = JSON.parse(text);
    const { deepAt, members } = outlineOf(text, MAX_DEPTH);
    if (deepAt >= 0) return { ...NOTHING, value: undefined, faults: [tooDeep(deepAt)], rangeOf };
    const faults = members === membersOf(value) ? [] : duplicateKeys(text);
    return { ...NOTHING, value, faults, rangeOf, written: (path) => writtenAt(text, rangeOf(path, 'value').start) };
  } catch {
    return { ...NOTHING, value: undefined, faults: [firstFault(text)], rangeOf };
  }
}

/** The parts of `Parsed` that JSON does not have. */
const NOTHING = { resets: [], written: () => undefined } as const satisfies Partial<Parsed>;

const NUMBER_OR_WORD = /[-+.\w]+/y;

/** A number or a word as it is written; undefined for all else. */
function writtenAt(text: string, offset: number): string | undefined {
  NUMBER_OR_WORD.lastIndex = offset;
  return NUMBER_OR_WORD.exec(text)?.[0];
}

/**
 * How many members all objects of a value have, nested at most `MAX_DEPTH` deep. There are fewer than were written if a key is
 * duplicated.
 */
function membersOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) count += membersOf(item);
    return count;
  }
  for (const key of Object.keys(value)) count += 1 + membersOf((value as Record<string, unknown>)[key]);
  return count;
}

interface JsonSpan {
  readonly key: number;
  readonly value: number;
}

/** Finds the positions of values in a valid JSON text. Containers on the way are scanned once and remembered. */
class Positions {
  readonly #text: string;
  readonly #members = new Map<number, Map<string | number, JsonSpan>>();

  constructor(text: string) {
    this.#text = text;
  }

  rangeOf(path: Path, part: 'key' | 'value'): TextRange {
    const start = this.#offsetOf(path, part);
    return { start, end: Math.min(skipValue(this.#text, start), this.#text.length) };
  }

  #offsetOf(path: Path, part: 'key' | 'value'): number {
    const top = skipSpace(this.#text, 0);
    let position: JsonSpan = { key: top, value: top };
    for (const step of path) {
      const next = this.#membersOf(position.value).get(step);
      if (next === undefined) return position.value;
      position = next;
    }
    return part === 'key' ? position.key : position.value;
  }

  #membersOf(start: number): Map<string | number, JsonSpan> {
    const known = this.#members.get(start);
    if (known !== undefined) return known;
    const members = new Map<string | number, JsonSpan>();
    const text = this.#text;
    const isMap = text[start] === '{';
    if (isMap || text[start] === '[') {
      let at = skipSpace(text, start + 1);
      for (let index = 0; at < text.length && text[at] !== '}' && text[at] !== ']'; index++) {
        const key = at;
        let name: string | number = index;
        if (isMap) {
          const end = skipValue(text, at);
          name = JSON.parse(text.slice(at, end)) as string;
          at = skipSpace(text, skipSpace(text, end) + 1);
        }
        members.set(name, { key, value: at });
        at = skipSpace(text, skipValue(text, at));
        if (text[at] === ',') at = skipSpace(text, at + 1);
      }
    }
    this.#members.set(start, members);
    return members;
  }
}

/** The offset after the value at `from`. The text must be valid JSON. */
function skipValue(text: string, from: number): number {
  let at = from;
  let depth = 0;
  do {
    const char = text.charAt(at);
    if (OPENS.includes(char)) depth += 1;
    else if (CLOSES.includes(char)) depth -= 1;
    if (char === '"') at = skipString(text, at);
    else if (SIGNS.includes(char)) at += 1;
    else at = skipWord(text, at);
    if (depth > 0) at = skipSpace(text, at);
  } while (depth > 0 && at < text.length);
  return at;
}

const OPENS = '{[';
const CLOSES = '}]';
const SIGNS = '{[}],:';

function skipWord(text: string, from: number): number {
  const word = /[-+.\w]*/y;
  word.lastIndex = from;
  word.test(text);
  return Math.max(word.lastIndex, from + 1);
}
