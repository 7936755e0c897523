/** What a parser of this folder gives back. */
import type { DiagnosticCode } from '../../diagnostics/table.ts';
import { quote } from './excerpt.ts';

/** Keys and indexes from the top of a document to one of its values. */
export type Path = readonly (string | number)[];

/** A part of a text, in UTF-16 units from its beginning; the end is exclusive. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** What is wrong at an offset (UTF-16 units) of a text. */
export interface Fault {
  readonly offset: number;
  /** Where the wrong part ends, exclusive; absent: where the word at `offset` ends. */
  readonly end?: number;
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint?: string;
}

/** A text read: its plain value (aliases and merge keys expanded, nothing shared) and where its parts are. */
export interface Parsed {
  readonly value: unknown;
  readonly faults: readonly Fault[];
  /**
   * Where the value at a path is, or the key that leads to it. Follows aliases and merge keys to
   * where the value was written; where the path leads nowhere, the deepest part that exists.
   */
  readonly rangeOf: (path: Path, part: 'key' | 'value') => TextRange;
  /** The number, word or text at a path as it stands in the source, without quotes; undefined for what is none. */
  readonly written: (path: Path) => string | undefined;
  /** Paths that bear compose's `!reset` or `!override`: what files before this one say there does not count. */
  readonly resets: readonly Path[];
}

/** Where a text without parts begins. */
export const NOWHERE: TextRange = { start: 0, end: 0 };

/** Deeper than any real file, shallower than the stack. */
export const MAX_DEPTH = 200;

/** The fault of a text that goes deeper. */
export function tooDeep(offset: number): Fault {
  return { offset, code: 'nested-too-deep', message: `nested deeper than ${MAX_DEPTH} levels` };
}

/** The fault of a map that has a key already. */
export function keyTwice(key: string, offset: number): Fault {
  const message = `the key ${quote(key)} is there twice`;
  return { offset, code: 'key-twice', message, hint: 'remove one of the two, or join them' };
}
