/**
 * Interpolates as compose does: `$$`, `$NAME`, `${NAME}`, and with an operand `:-` `-` `:?` `?` `:+` `+`. Operands may contain
 * `${…}` again. Any other `$` stays as it is. Values of variables are never interpolated again. Source of the grammar:
 * compose-spec, 12-interpolation.md.
 */

/** A variable's value; undefined if it is not set. */
export type Lookup = (name: string) => string | undefined;

export interface Interpolated {
  readonly text: string;
  /** Variables that were used without a default and are not set. They became empty. */
  readonly unset: readonly string[];
  /** The first `${…}` of another form, which stayed as it is; null if there is none. */
  readonly malformed: string | null;
  /** The variables that a `?` form requires and that are not set. */
  readonly missing: readonly { readonly name: string; readonly message: string }[];
}

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const OPERATOR = /:?[-?+]/y;
/** The most levels of `${A:-${B:-…}}`: more than anyone writes, and fewer than the stack allows. */
const MAX_NESTING = 50;

/** Interpolates one text. Linear in its length. */
export function interpolate(text: string, lookup: Lookup): Interpolated {
  if (!text.includes('$')) return { text, unset: [], malformed: null, missing: [] };
  const pass = new Pass(text, lookup);
  const result = pass.range(0, text.length, 0);
  return { text: result, unset: [...pass.unset], malformed: pass.malformed, missing: pass.missing };
}

class Pass {
  readonly unset = new Set<string>();
  malformed: string | null = null;
  readonly missing: { readonly name: string; readonly message: string }[] = [];
  readonly #text: string;
  readonly #lookup: Lookup;
  readonly #closing: ReadonlyMap<number, number>;

  constructor(text: string, lookup: Lookup) {
    this.#text = text;
    this.#lookup = lookup;
    this.#closing = closingBraces(text);
  }

  range(from: number, end: number, depth: number): string {
    const text = this.#text;
    let result = '';
    let copied = from;
    for (let at = from; at < end; at++) {
      if (text.charCodeAt(at) !== 0x24) continue;
      const part = this.#dollar(at, end, depth);
      if (part === null) continue;
      result += text.slice(copied, at) + part.value;
      copied = part.end;
      at = part.end - 1;
    }
    return result + text.slice(copied, end);
  }

  /** The value of what begins at a `$`, and where it ends; null if the `$` is only a `$`. */
  #dollar(at: number, end: number, depth: number): { value: string; end: number } | null {
    const next = this.#text[at + 1];
    if (at + 1 >= end) return null;
    if (next === '$') return { value: '$', end: at + 2 };
    if (next === '{') {
      const braced = this.#braced(at, depth);
      if (braced === null) this.malformed ??= this.#text.slice(at, (this.#closing.get(at) ?? this.#text.length) + 1);
      return braced;
    }
    const name = matchAt(NAME, this.#text, at + 1);
    return name === '' ? null : { value: this.#value(name), end: at + 1 + name.length };
  }

  #braced(at: number, depth: number): { value: string; end: number } | null {
    const close = this.#closing.get(at);
    const name = matchAt(NAME, this.#text, at + 2);
    if (close === undefined || name === '' || depth >= MAX_NESTING) return null;
    const after = at + 2 + name.length;
    if (after === close) return { value: this.#value(name), end: close + 1 };
    const operator = matchAt(OPERATOR, this.#text, after);
    if (operator === '') return null;
    const operand = () => this.range(after + operator.length, close, depth + 1);
    return { value: this.#operate(name, operator, operand), end: close + 1 };
  }

  #operate(name: string, operator: string, operand: () => string): string {
    const value = this.#lookup(name);
    const counts = value !== undefined && !(operator.startsWith(':') && value === '');
    switch (operator.at(-1)) {
      case '-':
        return counts ? value : operand();
      case '+':
        return counts ? operand() : '';
      default:
        if (counts) return value;
        this.missing.push({ name, message: operand() });
        return '';
    }
  }

  #value(name: string): string {
    const value = this.#lookup(name);
    if (value === undefined) this.unset.add(name);
    return value ?? '';
  }
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

/** By the offset of each `${`, the offset of its `}`. An inner `${…}` lies wholly inside an outer one. */
function closingBraces(text: string): ReadonlyMap<number, number> {
  const closing = new Map<number, number>();
  const open: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '$') {
      const next = text[at + 1];
      if (next === '{') open.push(at);
      if (next === '{' || next === '$') at += 1;
    } else if (char === '}') {
      const start = open.pop();
      if (start !== undefined) closing.set(start, at);
    }
  }
  return closing;
}
