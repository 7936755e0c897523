/** Evaluates the template in a topology file: Go's `{{ … }}` with if, else, range and with. Remembers the line of each line. */
import { evaluate, isTrue, type Scope, TemplateFault } from './template-expression.ts';

/** The text, and for each of its lines the line of the file that it comes from. */
export interface Evaluated {
  readonly text: string;
  readonly lines: readonly number[];
}

type Part =
  | { readonly kind: 'text'; readonly text: string; readonly line: number }
  | { readonly kind: 'value'; readonly source: string; readonly line: number }
  | { readonly kind: 'set'; readonly name: string; readonly source: string; readonly line: number }
  | {
      readonly kind: 'if' | 'range' | 'with';
      readonly source: string;
      readonly line: number;
      readonly body: Part[];
      readonly otherwise: Part[];
    };

const ACTION = /\{\{(-\s)?([\s\S]*?)(\s-)?\}\}/g;

/** Most characters of the result: a file of more is refused anyway. */
const MOST = 16 * 2 ** 20;

/** A fault of a template, and its line. */
export class TemplateError extends Error {
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

/** @throws TemplateError */
export function evaluateTemplate(text: string, vars: Readonly<Record<string, unknown>>): Evaluated {
  const writer = new Writer();
  write(parse(text), { dot: vars, variables: new Map<string, unknown>([['$', vars]]) }, writer);
  return writer.evaluated;
}

class Writer {
  #text = '';
  readonly #lines: number[] = [];

  add(text: string, line: number): void {
    if (text.length + this.#text.length > MOST) throw new TemplateError('the template makes more than 16 MiB', line);
    const breaks = text.split('\n').length - 1;
    if (this.#lines.length === 0) this.#lines.push(line);
    for (let at = 1; at <= breaks; at++) this.#lines.push(line + at);
    this.#text += text;
  }

  get evaluated(): Evaluated {
    return { text: this.#text, lines: this.#lines };
  }
}

function parse(text: string): Part[] {
  const top: Part[] = [];
  const open: { part: Extract<Part, { body: Part[] }>; into: Part[]; nested: number }[] = [];
  let into = top;
  let from = 0;
  let trims = false;
  let line = 1;
  const addText = (until: number, trimsEnd: boolean): void => {
    const raw = text.slice(from, until);
    const start = trims ? raw.length - raw.trimStart().length : 0;
    const kept = trimsEnd ? raw.trimEnd() : raw;
    if (kept.length > start) into.push({ kind: 'text', text: kept.slice(start), line: line + breaksIn(raw.slice(0, start)) });
    line += breaksIn(raw);
  };
  const close = (): void => {
    const last = open.pop();
    if (last === undefined) throw new TemplateError('{{ end }} closes nothing', line);
    into = open.at(-1)?.into ?? top;
    for (let at = 0; at < last.nested; at++) close();
  };
  for (const match of text.matchAll(ACTION)) {
    const [whole, before, body = '', behind] = match;
    addText(match.index, before !== undefined);
    trims = behind !== undefined;
    from = match.index + whole.length;
    const action = body.trim();
    const [word = '', ...rest] = action.split(/\s+/);
    const source = action.slice(word.length).trim();
    if (word === 'if' || word === 'range' || word === 'with') {
      const part = { kind: word, source, line, body: [], otherwise: [] } as Extract<Part, { body: Part[] }>;
      into.push(part);
      open.push({ part, into: part.body, nested: 0 });
      into = part.body;
    } else if (word === 'else') {
      const last = open.at(-1);
      if (last === undefined) throw new TemplateError('{{ else }} stands outside of an if', line);
      last.into = last.part.otherwise;
      into = last.into;
      if (rest[0] === 'if') {
        const part = { kind: 'if', source: source.slice(2), line, body: [], otherwise: [] } as Extract<Part, { body: Part[] }>;
        into.push(part);
        open.push({ part, into: part.body, nested: 1 });
        into = part.body;
      }
    } else if (word === 'end') close();
    else if (!action.startsWith('/*') && action !== '') {
      const set = /^(\$[A-Za-z0-9_]+)\s*:?=\s*([\s\S]+)$/.exec(action);
      into.push(
        set === null
          ? { kind: 'value', source: action, line }
          : { kind: 'set', name: set[1] ?? '', source: set[2] ?? '', line },
      );
    }
    line += breaksIn(whole);
  }
  addText(text.length, false);
  if (open.length > 0) throw new TemplateError(`{{ ${open.at(-1)?.part.kind} }} has no {{ end }}`, open.at(-1)?.part.line ?? 1);
  return top;
}

const breaksIn = (text: string): number => text.split('\n').length - 1;

function write(parts: readonly Part[], outer: Scope, writer: Writer): void {
  let scope = outer;
  for (const part of parts) {
    if (part.kind === 'text') writer.add(part.text, part.line);
    else if (part.kind === 'value') writer.add(textOf(valueOf(part, scope)), part.line);
    else if (part.kind === 'set') {
      scope = { ...scope, variables: new Map([...scope.variables, [part.name, valueOf(part, scope)]]) };
    } else writeBlock(part, scope, writer);
  }
}

function writeBlock(part: Extract<Part, { body: Part[] }>, scope: Scope, writer: Writer): void {
  if (part.kind === 'range') {
    const match = /^(?:(?:(\$\w+)\s*,\s*)?(\$\w+)\s*:=\s*)?([\s\S]*)$/.exec(part.source);
    const [, key, name, source = ''] = match ?? [];
    const value = valueOf({ source, line: part.line }, scope);
    const items = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    for (const [index, item] of items) {
      const variables = new Map(scope.variables);
      if (key !== undefined) variables.set(key, Array.isArray(value) ? Number(index) : index);
      if (name !== undefined) variables.set(name, item);
      write(part.body, { dot: item, variables }, writer);
    }
    if (items.length === 0) write(part.otherwise, scope, writer);
    return;
  }
  const value = valueOf(part, scope);
  const inner = part.kind === 'with' ? { ...scope, dot: value } : scope;
  if (isTrue(value)) write(part.body, inner, writer);
  else write(part.otherwise, scope, writer);
}

function valueOf({ source, line }: { readonly source: string; readonly line: number }, scope: Scope): unknown {
  try {
    return evaluate(source, scope);
  } catch (error) {
    if (error instanceof TemplateFault) throw new TemplateError(error.message, line);
    throw error;
  }
}

const textOf = (value: unknown): string => (value === undefined || value === null ? '' : String(value));
