/**
 * `text/` turns the bytes of one file into plain values that remember where they were written.
 * It knows YAML, JSON, `${…}` and positions, and nothing of links. It prints nothing and throws
 * nothing about the text it reads: what is wrong with a text is returned as faults.
 */
import type { Diagnostic, Span } from '../../errors.ts';
import { excerptAt, lineAt, lineStartsOf } from './excerpt.ts';
import { parseJson } from './json.ts';
import type { Parsed, Path } from './parsed.ts';

export type Format = 'yaml' | 'json';

/** One file of the configuration. */
export interface Source {
  /** As the user named it; `<stdin>` for standard input. */
  readonly file: string;
  readonly value: unknown;
  /** What the text itself has wrong, with places. */
  readonly diagnostics: readonly Diagnostic[];
  /** Whether any value can hold a `$`; false saves looking at each. */
  readonly mayInterpolate: boolean;
  /** Where a value (or its key) is. Costs a search, so only for a fault at hand. */
  readonly locate: (path: Path, part?: 'key' | 'value') => Span;
}

/** Largest texts taken, in UTF-16 units: some 160,000 links in YAML and as many as make sense in JSON. */
export const MAX_TEXT = { yaml: 16 * 2 ** 20, json: 64 * 2 ** 20 } as const satisfies Record<Format, number>;

/** Faults of the text itself that are reported; a file with more is not YAML at all. */
const MAX_FAULTS = 20;

/** Reads a text as YAML or JSON. Never throws: what is wrong is in `diagnostics`, and `value` is then undefined or partial. */
export async function readSource(file: string, text: string, format: Format): Promise<Source> {
  const parsed = text.length > MAX_TEXT[format] ? tooLongText(format) : await parse(text, format);
  const starts = lineStartsOf(text);
  const spanAt = (offset: number): Span => {
    const line = lineAt(starts(), offset);
    const start = starts()[line - 1] ?? 0;
    return { file, line, column: offset - start + 1, excerpt: excerptAt(text, start, offset) };
  };
  return {
    file,
    value: parsed.value,
    diagnostics: parsed.faults.slice(0, MAX_FAULTS).map(({ offset, ...fault }) => ({
      ...fault,
      where: spanAt(offset),
    })),
    mayInterpolate: text.includes('$') || text.includes('\\'),
    locate: (path, part = 'value') => spanAt(parsed.offsetOf(path, part)),
  };
}

/** The YAML library is loaded only for YAML: it takes longer than to load and check a small lab. */
async function parse(text: string, format: Format): Promise<Parsed> {
  if (format === 'json') return parseJson(text);
  const { parseYaml } = await import('./yaml.ts');
  return parseYaml(text);
}

function tooLongText(format: Format): Parsed {
  const limit = MAX_TEXT[format] / 2 ** 20;
  const hint =
    format === 'yaml'
      ? 'split it into several files, or give it as JSON, which may be larger and loads faster'
      : 'split it into several files';
  const message = `the file is larger than ${limit} MiB, the most that is read as ${format === 'yaml' ? 'YAML' : 'JSON'}`;
  return { value: undefined, faults: [{ offset: 0, severity: 'error', message, hint }], offsetOf: () => 0 };
}
