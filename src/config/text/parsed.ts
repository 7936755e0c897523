/** The result of the parsers in this folder. */
import type { DiagnosticCode } from '../../diagnostics/table.ts';
import { quote } from './excerpt.ts';

/** Keys and indexes from the top of a document to one of its values. */
export type Path = readonly (string | number)[];

/** A part of a text, in UTF-16 units from its beginning; the end is exclusive. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** What is wrong at an offset (in UTF-16 units) of a text. */
export interface Fault {
  readonly offset: number;
  /** Where the wrong part ends, exclusive. If absent, it ends where the word at `offset` ends. */
  readonly end?: number;
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint?: string;
}

/** A parsed text: its plain value (aliases and merge keys expanded, nothing shared), and where its parts are. */
export interface Parsed {
  readonly value: unknown;
  readonly faults: readonly Fault[];
  /**
   * Where the value at a path is, or the key that leads to it. Aliases and merge keys are followed to where the value was written.
   * If the path leads nowhere, it is the deepest part that exists.
   */
  readonly rangeOf: (path: Path, part: 'key' | 'value') => TextRange;
  /** The number, word or text at a path as it is written in the source, without quotes; undefined for anything else. */
  readonly written: (path: Path) => string | undefined;
  /** The paths with compose's tags `!reset` or `!override`. What earlier files say at these paths does not count. */
  readonly resets: readonly Path[];
}

/** The range of a text without parts. */
export const NOWHERE: TextRange = { start: 0, end: 0 };

/** The deepest nesting: more than any real file has, and less than the stack allows. */
export const MAX_DEPTH = 200;

/** The fault of a text that is nested deeper. */
export function tooDeep(offset: number): Fault {
  return { offset, code: 'nested-too-deep', message: `nested deeper than ${MAX_DEPTH} levels` };
}

/** The fault of a map that has a key twice. */
export function keyTwice(key: string, offset: number): Fault {
  const message = `the key ${quote(key)} is there twice`;
  return { offset, code: 'key-twice', message, hint: 'remove one of the two, or join them' };
}
