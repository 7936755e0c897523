/**
 * Parses a large YAML text piece by piece, since the library needs a kilobyte for each value while it has a text. A text can be cut that is
 * one document, has no anchors, aliases and tags, and whose long parts are block sequences right under the keys at its top.
 */
import type { Parsed, Path, TextRange } from '../parsed.ts';

/** Parses one document that is not cut. */
type ParseWhole = (text: string) => Parsed | undefined;

/** Characters of items that are parsed together. */
const PIECE = 32 * 1024;

/** What only a whole text can say: anchors, aliases, tags, directives, further documents, tabs and line breaks of other systems. */
const WHOLE_ONLY = /(?:^|[\s[{,:-])[&*!]|^%|^---|^\.\.\.|[\t\r]/m;
/** A key at the top with its value below it. */
const KEY = /^([A-Za-z_][\w-]*): *(?:#.*)?$/;

/** Some items of a sequence. */
interface Piece {
  readonly start: number;
  readonly end: number;
  /** The place of its first item in the whole sequence, and of the one after its last. */
  first: number;
  next: number;
}

interface Sequence {
  readonly key: string;
  /** Where the first item's dash is, and where the last piece ends. */
  readonly range: TextRange;
  readonly pieces: readonly Piece[];
}

/** A part of the text that is left after the sequences are taken out, and where it was. */
interface Rest {
  readonly text: string;
  readonly parts: readonly { readonly at: number; readonly from: number }[];
}

/** The text as `parse` would give it; null: it can't be cut, or has a fault, which is told of the whole text only. */
export function parsedInPieces(text: string, parse: ParseWhole): Parsed | null {
  if (WHOLE_ONLY.test(text)) return null;
  const sequences = sequencesOf(text);
  if (sequences === null || sequences.length === 0) return null;
  const rest = restOf(text, sequences);
  const top = parse(rest.text);
  if (top === undefined || top.faults.length > 0 || typeof top.value !== 'object' || top.value === null) return null;
  const value = top.value as Record<string, unknown>;
  for (const { key, pieces } of sequences) {
    if (value[key] !== null) return null;
    const items: unknown[] = [];
    for (const piece of pieces) {
      const parsed = parse(text.slice(piece.start, piece.end));
      if (parsed === undefined || parsed.faults.length > 0 || !Array.isArray(parsed.value)) return null;
      piece.first = items.length;
      for (const item of parsed.value) items.push(item);
      piece.next = items.length;
    }
    value[key] = items;
  }
  return { value, faults: [], resets: [], ...placesIn(text, sequences, rest, top, parse) };
}

/** Finds places by parsing the piece again that they are in, which is done for faults alone. */
function placesIn(
  text: string,
  sequences: readonly Sequence[],
  rest: Rest,
  top: Parsed,
  parse: ParseWhole,
): Pick<Parsed, 'rangeOf' | 'written'> {
  const byKey = new Map<unknown, Sequence>(sequences.map((sequence) => [sequence.key, sequence]));
  let last: { readonly piece: Piece; readonly parsed: Parsed | undefined } | null = null;
  const inPiece = ([key, index, ...below]: Path): { parsed: Parsed; path: Path; start: number } | null => {
    const piece =
      typeof index === 'number'
        ? byKey.get(key)?.pieces.find(({ first, next }) => index >= first && index < next)
        : undefined;
    if (piece === undefined) return null;
    if (last?.piece !== piece) last = { piece, parsed: parse(text.slice(piece.start, piece.end)) };
    const { parsed } = last;
    return parsed === undefined ? null : { parsed, path: [Number(index) - piece.first, ...below], start: piece.start };
  };
  return {
    rangeOf: (path, part) => {
      const found = inPiece(path);
      if (found !== null) return shifted(found.parsed.rangeOf(found.path, part), (at) => at + found.start);
      const sequence = part === 'value' || path.length > 1 ? byKey.get(path[0]) : undefined;
      return sequence?.range ?? shifted(top.rangeOf(path, part), (at) => placeIn(rest, at));
    },
    written: (path) => {
      const found = inPiece(path);
      if (found !== null) return found.parsed.written(found.path);
      return byKey.has(path[0]) ? undefined : top.written(path);
    },
  };
}

function shifted({ start, end }: TextRange, place: (at: number) => number): TextRange {
  return { start: place(start), end: place(end) };
}

function placeIn({ parts }: Rest, at: number): number {
  const part = parts.findLast((one) => one.at <= at);
  return part === undefined ? at : at - part.at + part.from;
}

function restOf(text: string, sequences: readonly Sequence[]): Rest {
  const parts: { at: number; from: number }[] = [];
  let [rest, from] = ['', 0];
  for (const { pieces } of [...sequences, { pieces: [{ start: text.length, end: text.length }] }]) {
    parts.push({ at: rest.length, from });
    rest += text.slice(from, pieces[0]?.start);
    from = pieces.at(-1)?.end ?? text.length;
  }
  return { text: rest, parts };
}

/** The block sequences under the keys at the top; null: a line at the top is neither a key nor a comment. */
function sequencesOf(text: string): readonly Sequence[] | null {
  const found: Sequence[] = [];
  let key: string | null = null;
  for (let at = 0; at < text.length; ) {
    const end = endOfLine(text, at);
    const indent = indentAt(text, at);
    if (isItem(text, at + indent)) {
      if (key === null) return null;
      const sequence = sequenceAt(text, at, indent, key);
      found.push(sequence);
      at = sequence.pieces.at(-1)?.end ?? text.length;
      key = null;
      continue;
    }
    if (!isEmpty(text, at + indent)) key = indent > 0 ? null : (KEY.exec(text.slice(at, end).trimEnd())?.[1] ?? null);
    at = end;
    // A value that is no sequence: its lines belong to the rest.
    if (key === null) at = endOfValue(text, at);
  }
  return found;
}

/** The items from a line on, as far as they go. */
function sequenceAt(text: string, from: number, indent: number, key: string): Sequence {
  const pieces: Piece[] = [];
  let [start, at] = [from, from];
  for (; at < text.length; at = endOfLine(text, at)) {
    const own = indentAt(text, at);
    if (isEmpty(text, at + own) || own > indent) continue;
    if (own < indent || !isItem(text, at + own)) break;
    if (at - start < PIECE) continue;
    pieces.push({ start, end: at, first: 0, next: 0 });
    start = at;
  }
  pieces.push({ start, end: at, first: 0, next: 0 });
  const end = from + text.slice(from, at).trimEnd().length;
  return { key, range: { start: from + indent, end }, pieces };
}

/** Where the next line at the top begins that is no item. */
function endOfValue(text: string, from: number): number {
  let at = from;
  while (at < text.length && (indentAt(text, at) > 0 || isEmpty(text, at))) at = endOfLine(text, at);
  return at;
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
}

function indentAt(text: string, at: number): number {
  let end = at;
  while (text[end] === ' ') end += 1;
  return end - at;
}

function isItem(text: string, at: number): boolean {
  return text[at] === '-' && (text[at + 1] === ' ' || text[at + 1] === '\n' || text[at + 1] === undefined);
}

/** Whether a line has no more than a comment. */
function isEmpty(text: string, at: number): boolean {
  return at >= text.length || text[at] === '\n' || text[at] === '#';
}
