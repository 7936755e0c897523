/**
 * Fills in variables of the environment as containerlab does: `$NAME`, `${NAME}`, and with a default by `:-` `-` `:=` `=`, or with
 * other text by `:+` `+`. What is not set and has no default stays as it is written.
 */
import type { Lookup } from '../../text/interpolate.ts';

const VARIABLE = /\$(?:\$|([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-=+])([^{}]*))?\})/g;

export interface Filled {
  readonly text: string;
  /** Each `${NAME}` that stays as it is, and its offset in the text before. */
  readonly unset: readonly { readonly name: string; readonly offset: number }[];
  /** Where a character of the filled text was in the text before, by offset. */
  readonly offsetBefore: (offset: number) => number;
}

/** A place of the text before, and how much longer it has become. Both in order. */
interface Edit {
  readonly at: number;
  readonly grown: number;
}

export function withEnvironment(before: string, lookup: Lookup): Filled {
  const unset: { name: string; offset: number }[] = [];
  const edits: Edit[] = [];
  const text = before.replaceAll(
    VARIABLE,
    (whole, bare?: string, braced?: string, operator = '', operand = '', offset = 0) => {
      const name = bare ?? braced;
      const value = name === undefined ? '$' : filledIn(lookup(name), operator, operand);
      if (value === null && braced !== undefined) unset.push({ name: braced, offset });
      if (value === null) return whole;
      edits.push({ at: offset, grown: value.length - whole.length });
      return value;
    },
  );
  return { text, unset, offsetBefore: (offset) => offsetBefore(edits, offset) };
}

/** The text for a variable; null if it stays as it is written. */
function filledIn(value: string | undefined, operator: string, operand: string): string | null {
  const isSet = value !== undefined && (value !== '' || !operator.startsWith(':'));
  if (operator.endsWith('+')) return isSet ? operand : '';
  if (isSet) return value;
  return operator === '' ? null : operand;
}

function offsetBefore(edits: readonly Edit[], offset: number): number {
  let moved = 0;
  for (const { at, grown } of edits) {
    if (at >= offset - moved) break;
    moved += grown;
  }
  return offset - moved;
}
