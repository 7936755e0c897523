/** Evaluates the template in a topology file: Go's `{{ … }}` with if, else, range and with. Remembers the line of each line. */
import { evaluate, isTrue, type Scope, TemplateFault } from './template-expression.ts';
import { type Block, breaksIn, type Part, partsOf, TemplateError } from './template-parts.ts';

/** The text, and for each of its lines the line of the file that it comes from. */
export interface Evaluated {
  readonly text: string;
  readonly lines: readonly number[];
}

/** Most characters of the result: a file of more is refused anyway. */
const MOST = 16 * 2 ** 20;

/** @throws TemplateError */
export function evaluateTemplate(text: string, vars: Readonly<Record<string, unknown>>): Evaluated {
  const writer = new Writer();
  writer.write(partsOf(text), { dot: vars, variables: new Map<string, unknown>([['$', vars]]) });
  return writer.evaluated;
}

/** `range $index, $item := LIST`, where both names may be missing. */
const RANGE = /^(?:(?:(\$\w+)\s*,\s*)?(\$\w+)\s*:=\s*)?([\s\S]*)$/;

class Writer {
  #text = '';
  readonly #lines: number[] = [];

  get evaluated(): Evaluated {
    return { text: this.#text, lines: this.#lines };
  }

  write(parts: readonly Part[], outer: Scope): void {
    let scope = outer;
    for (const part of parts) {
      if (part.kind === 'text') this.#add(part.text, part.line);
      else if (part.kind === 'value') this.#add(textOf(evaluated(part, scope)), part.line);
      else if (part.kind === 'set') {
        scope = { ...scope, variables: new Map([...scope.variables, [part.name, evaluated(part, scope)]]) };
      } else if (part.kind === 'range') this.#range(part, scope);
      else this.#choose(part, scope);
    }
  }

  #choose(block: Block, scope: Scope): void {
    const value = evaluated(block, scope);
    if (!isTrue(value)) this.write(block.otherwise, scope);
    else this.write(block.body, block.kind === 'with' ? { ...scope, dot: value } : scope);
  }

  #range(block: Block, scope: Scope): void {
    const [, key, name, source = ''] = RANGE.exec(block.source) ?? [];
    const value = evaluated({ source, line: block.line }, scope);
    const items = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    for (const [index, item] of items) {
      const variables = new Map(scope.variables);
      if (key !== undefined) variables.set(key, Array.isArray(value) ? Number(index) : index);
      if (name !== undefined) variables.set(name, item);
      this.write(block.body, { dot: item, variables });
    }
    if (items.length === 0) this.write(block.otherwise, scope);
  }

  #add(text: string, line: number): void {
    if (text.length + this.#text.length > MOST) throw new TemplateError('the template makes more than 16 MiB', line);
    if (this.#lines.length === 0) this.#lines.push(line);
    for (let at = 1; at <= breaksIn(text); at++) this.#lines.push(line + at);
    this.#text += text;
  }
}

function evaluated({ source, line }: { readonly source: string; readonly line: number }, scope: Scope): unknown {
  try {
    return evaluate(source, scope);
  } catch (error) {
    if (error instanceof TemplateFault) throw new TemplateError(error.message, line);
    throw error;
  }
}

const textOf = (value: unknown): string => (value === undefined || value === null ? '' : String(value));
