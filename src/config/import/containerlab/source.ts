/** Fills in the template and the variables of a topology file, and keeps the place of everything in the file itself. */
import type { Span } from '../../../errors.ts';
import { lineAt, lineStartsOf } from '../../text/excerpt.ts';
import { readSources, type Source, spansOf } from '../../text/source.ts';
import type { ForeignLab } from '../foreign-lab.ts';
import type { ImportOptions, Surroundings } from '../options.ts';
import { type Filled, withEnvironment } from './env.ts';
import { type Evaluated, evaluateTemplate } from './template.ts';
import { TemplateError } from './template-parts.ts';

/** The file as YAML; null, with notes, if it can't be read. */
export async function sourceOf(
  lab: ForeignLab,
  file: string,
  text: string,
  { vars }: ImportOptions,
  { lookup }: Surroundings,
): Promise<Source | null> {
  const spanAt = spansOf(file, text);
  const starts = lineStartsOf(text)();
  const evaluated = evaluatedOf(lab, text, vars, (line) => spanAt(starts[line - 1] ?? 0));
  if (evaluated === null) return null;
  const filled = withEnvironment(evaluated.text, lookup);
  const places = new Places(text, evaluated, filled);
  for (const { name, offset } of filled.unset) {
    const where = () => spanAt(places.fromTemplate(offset));
    lab.notes.leftOut(`the variable ${name}`, where, 'it is not set, and stands in the result as it is written');
  }
  const [source] = await readSources(file, filled.text, 'yaml', false);
  for (const { severity, message, where } of source.diagnostics) {
    if (severity === 'error') lab.notes.add('import-refused', message, () => where && spanAt(places.of(where)));
  }
  if (source.value === undefined) return null;
  return { ...source, locate: (path, part) => spanAt(places.of(source.locate(path, part))) };
}

/** The template's text; null, with a note, if it has a fault. A file without `{{` is no template. */
function evaluatedOf(
  lab: ForeignLab,
  text: string,
  vars: ImportOptions['vars'],
  lineSpan: (line: number) => Span,
): Evaluated | null {
  try {
    if (text.includes('{{')) return evaluateTemplate(text, vars);
    return { text, lines: lineStartsOf(text)().map((_, at) => at + 1) };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const { message, line } = error;
    lab.notes.add('import-refused', `the template can't be evaluated: ${message}`, () => lineSpan(line));
    return null;
  }
}

/** Finds offsets of the file by places in the texts that it became. In a line with a template's action the column is a guess. */
class Places {
  readonly #starts: {
    readonly file: readonly number[];
    readonly template: readonly number[];
    readonly filled: readonly number[];
  };
  readonly #lines: readonly number[];
  readonly #filled: Filled;

  constructor(file: string, template: Evaluated, filled: Filled) {
    const [first, second, third] = [file, template.text, filled.text].map((text) => lineStartsOf(text)());
    this.#starts = { file: first ?? [0], template: second ?? [0], filled: third ?? [0] };
    this.#lines = template.lines;
    this.#filled = filled;
  }

  /** The offset in the file of a place in the text with its variables filled in. */
  of({ line, column }: Span): number {
    return this.fromTemplate(this.#filled.offsetBefore((this.#starts.filled[line - 1] ?? 0) + column - 1));
  }

  /** The offset in the file of an offset in the evaluated template. */
  fromTemplate(offset: number): number {
    const starts = this.#starts.template;
    const at = lineAt(starts, offset) - 1;
    const line = this.#lines[at] ?? at + 1;
    const start = this.#starts.file[line - 1] ?? 0;
    const end = (this.#starts.file[line] ?? Number.POSITIVE_INFINITY) - 1;
    return Math.min(start + offset - (starts[at] ?? 0), end);
  }
}
