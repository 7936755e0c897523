// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is about such texts
/**
 * Reads compose's `.env` files: `NAME=value`, `NAME: value`, `export NAME=value`. Single quotes keep everything as it is; double
 * quotes have escapes; both may span lines. A value without quotes ends at ` #` or at the end of the line. Source of the rules:
 * docs.docker.com, "Set, use, and manage variables in a Compose file", and what compose-go does where that is silent.
 */
import type { DiagnosticCode } from '../../diagnostics/table.ts';
import { quote } from './excerpt.ts';
import { interpolate, type Lookup } from './interpolate.ts';
import type { Fault } from './parsed.ts';

export interface DotEnv {
  readonly variables: ReadonlyMap<string, string>;
  /** In the order of the text. After an error nothing more is read. */
  readonly faults: readonly Fault[];
}

/**
 * Reads a text. Variables in values are looked up in `outer`, then among the variables before them, then in `earlier` files. Never
 * throws. Linear.
 */
export function parseDotEnv(text: string, outer: Lookup, earlier: DotEnv['variables'] = new Map()): DotEnv {
  const reader = new Reader(text, outer, earlier);
  reader.run();
  return { variables: reader.variables, faults: reader.faults };
}

const BLANK = /(?:[^\S\ufeff]|#[^\n]*)*/y;
/** White space without line breaks. */
const SPACE = /[\t\v\f\r \u0085\u00a0]*/y;
const EXPORT = /export(?:\s(?=\n)|[\t\v\f\r \u0085\u00a0]+)/y;
/** A name, and the character that ends it. It allows more characters than the name of a usable variable has. */
const NAME = /([\p{L}\p{N}_.\-[\]\t\v\f\r \u0085\u00a0]*)([=:\n]|$)/uy;
const ESCAPE = /\\(?:([abfnrtv])|([$"\\])|0([0-3][0-7]{2}))/g;
const CONTROLS: Readonly<Record<string, string>> = {
  ...{ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
};

class Reader {
  readonly variables = new Map<string, string>();
  readonly faults: Fault[] = [];
  readonly #text: string;
  readonly #lookup: Lookup;
  #at = 0;
  /** The offset after the closing quote of the last value, if nothing else has followed on this line; else -1. */
  #closed = -1;

  constructor(text: string, outer: Lookup, earlier: DotEnv['variables']) {
    this.#text = text.startsWith('\ufeff') ? ` ${text.slice(1)}` : text;
    this.#lookup = (name) => outer(name) ?? this.variables.get(name) ?? earlier.get(name);
  }

  run(): void {
    while (this.#next()) if (!this.#statement()) return;
  }

  /** Moves to the next statement. Returns false at the end. */
  #next(): boolean {
    const blank = this.#take(BLANK);
    if (blank.includes('\n')) this.#closed = -1;
    return this.#at < this.#text.length;
  }

  /** Reads one statement. Returns false after an error. */
  #statement(): boolean {
    const start = this.#at;
    this.#take(EXPORT);
    NAME.lastIndex = this.#at;
    const match = NAME.exec(this.#text);
    const name = match?.[1] === undefined ? undefined : trimmedEnd(match[1]);
    if (name === undefined || name.includes(' ')) return this.#noName(start);
    this.#at = NAME.lastIndex;
    // A variable without a value has that of the environment, which is looked up first anyway.
    if (match?.[2] === '\n' || match?.[2] === '') return true;
    this.#take(SPACE);
    return this.#value(name);
  }

  #noName(start: number): boolean {
    if (this.#closed >= 0) {
      const message = 'what stands behind the closing quote is not read (compose refuses the file)';
      this.#fault('env-text-after-quote', this.#closed, message, 'put the whole value in one pair of quotes');
      this.#closed = -1;
      this.#at = this.#lineEnd(start);
      return true;
    }
    const line = this.#text.slice(start, this.#lineEnd(start));
    return this.#fault(
      'env-syntax',
      start,
      `no variable can be read from this line`,
      /^[^=:]* /.test(line) ? 'a name has no spaces: write NAME=value' : 'write NAME=value; a comment begins with #',
    );
  }

  #value(name: string): boolean {
    const start = this.#at;
    const quote = this.#text[start];
    if (quote === '"' || quote === "'") return this.#quoted(name, start, quote);
    const end = this.#lineEnd(start);
    const comment = this.#text.indexOf(' #', start);
    this.#at = end;
    const value = trimmedEnd(this.#text.slice(start, comment >= 0 && comment < end ? comment : end));
    return this.#set(name, value, start);
  }

  #quoted(name: string, start: number, quote: '"' | "'"): boolean {
    const end = closingQuote(this.#text, start, quote);
    if (end < 0) {
      const hint = `end it with ${quote}; in double quotes, a quote that belongs to the value is written \\"`;
      return this.#fault('env-syntax', start, 'the value in quotes does not end', hint);
    }
    const inner = this.#text.slice(start + 1, end).replaceAll(`\\${quote}`, quote);
    this.#at = end + 1;
    this.#closed = this.#at;
    if (quote === '"') return this.#set(name, unescaped(inner), start);
    this.variables.set(name, inner);
    return true;
  }

  #set(name: string, value: string, offset: number): boolean {
    const { text, missing, malformed } = interpolate(value, this.#lookup);
    if (malformed !== null) {
      const hint = 'write ${NAME} or ${NAME:-default}; a plain $ is written $$';
      return this.#fault('variable-malformed', offset, `${quote(malformed)} is no variable`, hint);
    }
    for (const { name: needed, message } of missing) {
      const why = message === '' ? 'is needed and not set' : `is needed: ${message}`;
      this.#fault('variable-required', offset, `the variable ${needed} ${why}`);
    }
    if (missing.length > 0) return false;
    this.variables.set(name, text);
    return true;
  }

  #lineEnd(from: number): number {
    const end = this.#text.indexOf('\n', from);
    return end < 0 ? this.#text.length : end;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const taken = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += taken.length;
    return taken;
  }

  #fault(code: DiagnosticCode, offset: number, message: string, hint?: string): false {
    this.faults.push({ offset, end: this.#lineEnd(offset), code, message, ...(hint === undefined ? {} : { hint }) });
    return false;
  }
}

/** Like `trimEnd`, but keeps a byte order mark. */
function trimmedEnd(text: string): string {
  let end = text.length;
  while (end > 0 && /[^\S\ufeff]/.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/** The offset of the quote that closes the one at `start`; -1 if there is none. A quote after a backslash does not close it. */
function closingQuote(text: string, start: number, quote: string): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === quote) return at;
  }
  return -1;
}

/** Replaces the shell's escapes. `\$` becomes `$$`, which interpolation turns into a `$`. Any other backslash stays. */
function unescaped(text: string): string {
  return text.replace(ESCAPE, (_all, control?: string, sign?: string, octal?: string) => {
    if (control !== undefined) return CONTROLS[control] ?? '';
    if (sign !== undefined) return sign === '$' ? '$$' : sign;
    return String.fromCharCode(Number.parseInt(octal ?? '', 8));
  });
}
