/** Finds the first mistake in a text that `JSON.parse` refused, in words that are the same on every version of Node.js. */
import { skipSpace, skipString } from './json-skip.ts';
import type { Fault } from './parsed.ts';

const WORD = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)(?![\w.+-])/y;

/** Finds the first mistake. Linear, and not recursive. */
export function firstFault(text: string): Fault {
  return new Scan(text).run();
}

const VALUES = 'values are "text", numbers, true, false, null, […] and {…}; strings take double quotes';

type Expected = 'value' | 'first' | 'key' | 'colon' | 'next';

class Scan {
  readonly #text: string;
  readonly #open: { readonly char: string; readonly offset: number }[] = [];
  #at = 0;
  /** `first` expects a value, a key, or the end of the list or map that was just opened. */
  #expect: Expected = 'value';

  constructor(text: string) {
    this.#text = text;
  }

  run(): Fault {
    for (this.#skip(); this.#at < this.#text.length; this.#skip()) {
      const fault = this.#step(this.#text.charAt(this.#at));
      if (fault !== null) return fault;
    }
    const last = this.#open.at(-1);
    if (last !== undefined) return this.#fault(`\`${last.char}\` is not closed`, closeHint(last.char), last.offset);
    return this.#fault('the file is empty', '`{"links": []}` says that there are none', 0);
  }

  #step(char: string): Fault | null {
    if (char === '/' || char === '#')
      return this.#fault('comments are not allowed', 'name the file .yaml: YAML has comments');
    if (char === "'") return this.#fault('strings take double quotes', 'write "…" in place of \'…\'');
    if (char === '}' || char === ']') return this.#close(char);
    if (this.#expect === 'next') return this.#comma(char);
    if (this.#expect === 'colon')
      return char === ':'
        ? this.#eat(1, 'value')
        : this.#fault('a colon is missing after the key', 'a member is written "key": value');
    if (char === '"') return this.#string();
    if (this.#wantsKey()) return this.#fault('a key in double quotes is missing', this.#keyHint(char));
    if (char === '{' || char === '[') {
      this.#open.push({ char, offset: this.#at });
      return this.#eat(1, 'first');
    }
    WORD.lastIndex = this.#at;
    if (!WORD.test(this.#text))
      return this.#fault('a value is missing', char === ',' ? 'remove the comma, or write a value' : VALUES);
    return this.#eat(WORD.lastIndex - this.#at, 'next');
  }

  #close(char: string): Fault | null {
    if (this.#expect !== 'next' && this.#expect !== 'first')
      return this.#fault(`a value is missing before \`${char}\``, 'write the value, or remove what is before it');
    const opened = this.#open.pop()?.char;
    if (opened !== (char === '}' ? '{' : '['))
      return this.#fault(`nothing is open that \`${char}\` closes`, closesHint(opened));
    return this.#eat(1, 'next');
  }

  #comma(char: string): Fault | null {
    if (this.#open.length === 0)
      return this.#fault('text after the end of the document', 'a JSON file holds one value: remove the rest');
    const closing = this.#inMap() ? '}' : ']';
    if (char !== ',')
      return this.#fault(
        `a comma or \`${closing}\` is missing`,
        `write a comma before what follows, or \`${closing}\``,
      );
    const next = this.#text.charAt(skipSpace(this.#text, this.#at + 1));
    if (next === '}' || next === ']') return this.#fault(`a comma before \`${next}\``, 'remove the comma');
    return this.#eat(1, this.#inMap() ? 'key' : 'value');
  }

  #string(): Fault | null {
    const end = skipString(this.#text, this.#at);
    const string = this.#text.slice(this.#at, end);
    if (string.length < 2 || !string.endsWith('"'))
      return this.#fault('the string does not end', 'write `"` at its end; a line break in it is written `\\n`');
    if (!isJson(string))
      return this.#fault(
        'the string holds a control character or an unknown escape',
        'a backslash is written `\\\\`, a tab `\\t`, a line break `\\n`',
      );
    return this.#eat(end - this.#at, this.#wantsKey() ? 'colon' : 'next');
  }

  #wantsKey(): boolean {
    return this.#expect === 'key' || (this.#expect === 'first' && this.#inMap());
  }

  #keyHint(char: string): string {
    if (char === ',') return 'remove the comma';
    return /[\w-]/.test(char) ? 'write "…" around the key' : 'a member is written "key": value';
  }

  #inMap(): boolean {
    return this.#open.at(-1)?.char === '{';
  }

  #skip(): void {
    this.#at = skipSpace(this.#text, this.#at);
  }

  #eat(length: number, expect: Expected): null {
    this.#at += length;
    this.#expect = expect;
    return null;
  }

  #fault(what: string, hint: string, offset = this.#at): Fault {
    return { offset, code: 'json-syntax', message: `not JSON: ${what}`, hint };
  }
}

function closeHint(open: string): string {
  return `write \`${open === '{' ? '}' : ']'}\` where it ends`;
}

/** The hint for a bracket that closes something else, or nothing. */
function closesHint(opened: string | undefined): string {
  return opened === undefined ? 'remove it' : `\`${opened}\` is open: ${closeHint(opened)}`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
