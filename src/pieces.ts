/** Long texts in pieces: a document of a hundred thousand links is many times as large as what it is made of, and is never there as a whole. */

/** Characters of a piece: as many as a pipe takes at once (pipe(7)). */
const PIECE = 64 * 1024;

/** Joins short pieces to ones of some 64 KiB, each of which is worth a system call. */
export function* joined(pieces: Iterable<string>): Generator<string> {
  let parts: string[] = [];
  let length = 0;
  for (const piece of pieces) {
    parts.push(piece);
    length += piece.length;
    if (length < PIECE) continue;
    yield parts.join('');
    parts = [];
    length = 0;
  }
  if (length > 0) yield parts.join('');
}

/** A list of a JSON document whose items are made one by one, as they are written. */
export class Items<T> {
  readonly #from: readonly T[];
  readonly #make: (item: T) => unknown;

  constructor(from: readonly T[], make: (item: T) => unknown) {
    this.#from = from;
    this.#make = make;
  }

  *[Symbol.iterator](): Generator<unknown> {
    for (const item of this.#from) yield this.#make(item);
  }

  /** For whoever writes the document as a whole. */
  toJSON(): readonly unknown[] {
    return [...this];
  }
}

/** The text of `JSON.stringify(document)`, its lists item by item. */
export function* jsonPieces(document: object): Generator<string> {
  let before = '{';
  for (const [key, value] of membersOf(document)) {
    yield `${before}${JSON.stringify(key)}:`;
    before = ',';
    if (isList(value)) yield* listPieces(value, '[', ',', ']', (item) => JSON.stringify(item) ?? 'null');
    else yield JSON.stringify(value);
  }
  yield before === '{' ? '{}' : '}';
}

/** The text of `JSON.stringify(document, null, 2)`, its lists item by item. */
export function* indentedJsonPieces(document: object): Generator<string> {
  const indented = (value: unknown, indent: string): string =>
    (JSON.stringify(value, null, 2) ?? 'null').replaceAll('\n', `\n${indent}`);
  let before = '{\n  ';
  for (const [key, value] of membersOf(document)) {
    yield `${before}${JSON.stringify(key)}: `;
    before = ',\n  ';
    if (isList(value)) yield* listPieces(value, '[\n    ', ',\n    ', '\n  ]', (item) => indented(item, '    '));
    else yield indented(value, '  ');
  }
  yield before === '{\n  ' ? '{}' : '\n}';
}

function* listPieces(
  list: Iterable<unknown>,
  opening: string,
  between: string,
  closing: string,
  write: (item: unknown) => string,
): Generator<string> {
  let before = opening;
  for (const item of list) {
    yield `${before}${write(item)}`;
    before = between;
  }
  yield before === opening ? '[]' : closing;
}

function isList(value: unknown): value is Iterable<unknown> {
  return Array.isArray(value) || value instanceof Items;
}

/** What JSON has no word for is left out, as `JSON.stringify` does. */
function membersOf(document: object): readonly (readonly [string, unknown])[] {
  const isWritten = ([, value]: readonly [string, unknown]): boolean =>
    value !== undefined && typeof value !== 'function' && typeof value !== 'symbol';
  return Object.entries(document).filter(isWritten);
}
