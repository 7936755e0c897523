/**
 * `text/` turns a text into plain values, and remembers where each was written. It knows YAML, JSON and interpolation, and nothing
 * of links. It throws no error about a text that it reads: what is wrong with a text is returned as faults.
 */
import { severityOf } from '../../diagnostics/table.ts';
import { type Diagnostic, diagnosticOf, type Span } from '../../errors.ts';
import { excerptAt, lineAt, lineStartsOf, wordEnd } from './excerpt.ts';
import { parseJson } from './json.ts';
import { type Fault, NOWHERE, type Parsed, type Path } from './parsed.ts';

export type Format = 'yaml' | 'json';

/** One file of the configuration, or one document of such a file. */
export interface Source {
  /** The file's name as the user gave it; `<stdin>` for standard input. */
  readonly file: string;
  /**
   * The folder, absolute, to which paths in the file are relative: the file's own, or for standard input the working directory.
   * Absent if the text comes from no file.
   */
  readonly folder?: string;
  readonly value: unknown;
  /** The faults of the text itself, with their positions. */
  readonly diagnostics: readonly Diagnostic[];
  /** Whether any value can contain a `$`. If not, interpolation need not look at any. */
  readonly mayInterpolate: boolean;
  /** Where a value (or its key) is. This costs a search, so it is called only for a fault. */
  readonly locate: (path: Path, part?: 'key' | 'value') => Span;
  /**
   * A number or a word as it is written in the text: `0123`, where the value is 123. Undefined if there is none. This costs a
   * search.
   */
  readonly written: (path: Path) => string | undefined;
  /** The paths with the tags `!reset` or `!override`. */
  readonly resets: readonly Path[];
}

/**
 * The largest texts (in UTF-16 units) and files (in bytes) that are read. YAML has room for some 160,000 links, JSON for more than
 * make sense.
 */
export const MAX_TEXT = { yaml: 16 * 2 ** 20, json: 64 * 2 ** 20 } as const satisfies Record<Format, number>;

/** The most faults of the text itself that are reported. A file with more is not YAML at all. */
const MAX_FAULTS = 20;

/** A function that turns offsets of a text into spans. Without an end, a span ends where the word does. */
export function spansOf(file: string, text: string): SpanAt {
  const starts = lineStartsOf(text);
  return (offset, end = wordEnd(text, offset)) => {
    const line = lineAt(starts(), offset);
    const start = starts()[line - 1] ?? 0;
    const endLine = lineAt(starts(), end);
    return {
      file,
      line,
      column: offset - start + 1,
      endLine,
      endColumn: end - (starts()[endLine - 1] ?? 0) + 1,
      excerpt: excerptAt(text, start, offset),
    };
  };
}

type SpanAt = (offset: number, end?: number) => Span;

/** Turns faults into diagnostics. Those beyond `MAX_FAULTS` are counted in one diagnostic of their own. */
export function diagnosticsOf(faults: readonly Fault[], spanAt: SpanAt): readonly Diagnostic[] {
  const shown = faults
    .slice(0, MAX_FAULTS)
    .map(({ code, message, hint, offset, end }) => diagnosticOf(code, message, { hint, where: spanAt(offset, end) }));
  const more = faults.slice(MAX_FAULTS);
  const hidden = (['error', 'warning'] as const).flatMap((severity): Diagnostic[] => {
    const count = more.filter(({ code }) => severityOf(code) === severity).length;
    return count === 0 ? [] : [diagnosticOf(`more-${severity}s`, `and ${count} more`, { count })];
  });
  return [...shown, ...hidden];
}

/**
 * Reads the documents of a YAML or JSON text: one, unless it may have `several`. Never throws: what is wrong is in `diagnostics`,
 * and `value` is then undefined or partial.
 */
export async function readSources(
  file: string,
  text: string,
  format: Format,
  several: boolean,
): Promise<readonly [Source, ...Source[]]> {
  const spanAt = spansOf(file, text);
  const mayInterpolate = text.includes('$') || text.includes('\\');
  // `locate` outlives the values, which it therefore does not keep.
  const sourceOf = ({ value, faults, rangeOf, written, resets }: Parsed): Source => ({
    file,
    value,
    diagnostics: diagnosticsOf(faults, spanAt),
    mayInterpolate,
    locate: (path, part = 'value') => {
      const { start, end } = rangeOf(path, part);
      return spanAt(start, end);
    },
    written,
    resets,
  });
  const [first, ...others] =
    text.length > MAX_TEXT[format] ? [tooLongText(format)] : await parse(text, format, several);
  return [sourceOf(first ?? tooLongText(format)), ...others.map(sourceOf)];
}

/** The YAML library is loaded only for YAML, since loading it takes longer than to load and check a small lab. */
async function parse(text: string, format: Format, several: boolean): Promise<readonly Parsed[]> {
  if (format === 'json') return [parseJson(text)];
  const { parseYaml } = await import('./yaml/yaml.ts');
  return parseYaml(text, several);
}

/** The message and the hint for a file that is too large. */
export function tooLarge(format: Format): { readonly message: string; readonly hint: string } {
  const hint =
    format === 'yaml'
      ? 'split it into several files, or give it as JSON, which may be larger and loads faster'
      : 'split it into several files';
  const most = `${MAX_TEXT[format] / 2 ** 20} MiB, the most that is read as ${format === 'yaml' ? 'YAML' : 'JSON'}`;
  return { message: `larger than ${most}`, hint };
}

function tooLongText(format: Format): Parsed {
  const { message, hint } = tooLarge(format);
  const faults: Fault[] = [{ offset: 0, code: 'file-too-large', message: `the file is ${message}`, hint }];
  return { value: undefined, faults, rangeOf: () => NOWHERE, written: () => undefined, resets: [] };
}
