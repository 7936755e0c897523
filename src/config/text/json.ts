/**
 * JSON, fast: `JSON.parse` makes the values and keeps no places. Only when there is a fault the text
 * is scanned again, for the first mistake or along the path to a value.
 */
import { firstFault } from './json-fault.ts';
import { offsetBelow, skipSpace, skipString } from './json-skip.ts';
import { MAX_DEPTH, type Parsed, type Path, tooDeep } from './parsed.ts';

/** Parses JSON. Never throws. */
export function parseJson(text: string): Parsed {
  const places = new Places(text);
  const offsetOf = (path: Path, part: 'key' | 'value') => places.offsetOf(path, part);
  try {
    const value: unknown = JSON.parse(text);
    const deep = offsetBelow(text, MAX_DEPTH);
    return deep < 0 ? { value, faults: [], offsetOf } : { value: undefined, faults: [tooDeep(deep)], offsetOf };
  } catch {
    return { value: undefined, faults: [firstFault(text)], offsetOf };
  }
}

interface Place {
  readonly key: number;
  readonly value: number;
}

/** Where things are in a valid JSON text. Containers on the way to a place are scanned once and remembered. */
class Places {
  readonly #text: string;
  readonly #members = new Map<number, Map<string | number, Place>>();

  constructor(text: string) {
    this.#text = text;
  }

  offsetOf(path: Path, part: 'key' | 'value'): number {
    let place: Place = { key: 0, value: skipSpace(this.#text, 0) };
    for (const step of path) {
      const next = this.#membersOf(place.value).get(step);
      if (next === undefined) return place.value;
      place = next;
    }
    return part === 'key' ? place.key : place.value;
  }

  #membersOf(start: number): Map<string | number, Place> {
    const known = this.#members.get(start);
    if (known !== undefined) return known;
    const members = new Map<string | number, Place>();
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

/** Offset behind the value at `from`, in a text known to be valid. */
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
