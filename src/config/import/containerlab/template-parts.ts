/** Cuts the text of a Go template into parts: plain text, values, and blocks that hold parts again. */

/** A fault of a template, and its line. */
export class TemplateError extends Error {
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

export interface Block {
  readonly kind: 'if' | 'range' | 'with';
  readonly source: string;
  readonly line: number;
  readonly body: Part[];
  readonly otherwise: Part[];
}

export type Part =
  | { readonly kind: 'text'; readonly text: string; readonly line: number }
  | { readonly kind: 'value'; readonly source: string; readonly line: number }
  | { readonly kind: 'set'; readonly name: string; readonly source: string; readonly line: number }
  | Block;

const ACTION = /\{\{(-\s)?([\s\S]*?)(\s-)?\}\}/g;
const SET = /^(\$[A-Za-z0-9_]+)\s*:?=\s*([\s\S]+)$/;

/** @throws TemplateError */
export function partsOf(text: string): readonly Part[] {
  const parts = new Parts(text);
  for (const match of text.matchAll(ACTION)) parts.action(match);
  return parts.end();
}

export const breaksIn = (text: string): number => text.split('\n').length - 1;

interface Open {
  readonly block: Block;
  /** Where parts go: the block's body, and behind `else` its other half. */
  into: Part[];
  /** Whether the block is an `else if`, so that its `end` closes the block around it too. */
  readonly isElseIf: boolean;
}

class Parts {
  readonly #text: string;
  readonly #top: Part[] = [];
  readonly #open: Open[] = [];
  #from = 0;
  #line = 1;
  /** Whether the action before ended with `-}}`, which takes the white space behind it away. */
  #trims = false;

  constructor(text: string) {
    this.#text = text;
  }

  action(match: RegExpExecArray): void {
    const [whole, before, body = '', behind] = match;
    this.#addText(match.index, before !== undefined);
    this.#trims = behind !== undefined;
    this.#from = match.index + whole.length;
    const action = body.trim();
    const [word = ''] = action.split(/\s+/);
    const source = action.slice(word.length).trim();
    if (word === 'if' || word === 'range' || word === 'with') this.#begin(word, source, false);
    else if (word === 'else') this.#otherwise(source);
    else if (word === 'end') this.#close();
    else if (action !== '' && !action.startsWith('/*')) this.#add(valueOrSet(action, this.#line));
    this.#line += breaksIn(whole);
  }

  end(): readonly Part[] {
    this.#addText(this.#text.length, false);
    const left = this.#open.at(-1)?.block;
    if (left !== undefined) throw new TemplateError(`{{ ${left.kind} }} has no {{ end }}`, left.line);
    return this.#top;
  }

  #add(part: Part): void {
    (this.#open.at(-1)?.into ?? this.#top).push(part);
  }

  #addText(until: number, trimsEnd: boolean): void {
    const raw = this.#text.slice(this.#from, until);
    const start = this.#trims ? raw.length - raw.trimStart().length : 0;
    const kept = trimsEnd ? raw.trimEnd() : raw;
    if (kept.length > start) {
      this.#add({ kind: 'text', text: kept.slice(start), line: this.#line + breaksIn(raw.slice(0, start)) });
    }
    this.#line += breaksIn(raw);
  }

  #begin(kind: Block['kind'], source: string, isElseIf: boolean): void {
    const block = { kind, source, line: this.#line, body: [], otherwise: [] };
    this.#add(block);
    this.#open.push({ block, into: block.body, isElseIf });
  }

  #otherwise(source: string): void {
    const last = this.#open.at(-1);
    if (last === undefined) throw new TemplateError('{{ else }} stands outside of an if', this.#line);
    last.into = last.block.otherwise;
    if (/^if\s/.test(source)) this.#begin('if', source.slice(2), true);
  }

  #close(): void {
    const last = this.#open.pop();
    if (last === undefined) throw new TemplateError('{{ end }} closes nothing', this.#line);
    if (last.isElseIf) this.#close();
  }
}

function valueOrSet(action: string, line: number): Part {
  const set = SET.exec(action);
  if (set === null) return { kind: 'value', source: action, line };
  return { kind: 'set', name: set[1] ?? '', source: set[2] ?? '', line };
}
