/** Faults of a configuration for people: the place, what is wrong, the line with a caret, and what to do. */
import type { Diagnostic, Span } from '../errors.ts';
import { printable, printableLines } from './escape.ts';
import type { Format, Sink } from './output.ts';

/** The prefixes of conlink, for which its users search logs. */
const PREFIX = { error: 'ERROR: ', warning: 'WARNING: ', note: 'NOTE: ' } as const;
const COLOUR = { error: 'red', warning: 'yellow', note: 'cyan' } as const satisfies Record<string, Format>;

/** `FILE:LINE:COLUMN`, which editors and terminals can follow. */
export function placeOf(span: Span): string {
  return `${printable(span.file)}:${span.line}:${span.column}`;
}

/**
 * The lines of one diagnostic. Its code stands in brackets at the end of the message, where tools can find it:
 *
 *     ERROR: net.yaml:3:5: unknown key 'bridg' [unknown-key]
 *         bridg: s1
 *         ^
 *       hint: did you mean 'bridge'?
 */
export function diagnosticText(diagnostic: Diagnostic, paint: Sink['paint']): string {
  const { code, severity, message, where, hint } = diagnostic;
  const place = where ? `${placeOf(where)}: ` : '';
  const lines = [
    `${paint(COLOUR[severity], PREFIX[severity])}${place}${printableLines(message)} ${paint('dim', `[${code}]`)}`,
  ];
  if (where?.excerpt) lines.push(...excerptLines(where.excerpt, paint));
  if (hint) lines.push(hintLine(hint, paint));
  return `${lines.join('\n')}\n`;
}

/** The excerpt of a span, indented by four spaces. */
export function excerptLines(excerpt: string, paint: Sink['paint']): string[] {
  return excerpt
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => paint('dim', `    ${printableLines(line)}`));
}

/** A hint's line, indented by two spaces. */
export function hintLine(hint: string, paint: Sink['paint']): string {
  return `  ${paint('cyan', 'hint:')} ${printableLines(hint).replaceAll('\n', '\n        ')}`;
}
