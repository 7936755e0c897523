/**
 * GitHub Actions' workflow commands: lines `::COMMAND KEY=VALUE,KEY=VALUE::DATA` in the output of a step (docs.github.com, "Workflow
 * commands for GitHub Actions"), which the runner reads on standard error as on standard output.
 */
import type { Diagnostic, Span } from '../../errors.ts';

/** The name of the annotation of each severity. */
const COMMAND = { error: 'error', warning: 'warning', note: 'notice' } as const satisfies Record<
  Diagnostic['severity'],
  string
>;

export interface Annotation {
  readonly severity: Diagnostic['severity'];
  readonly title: string;
  readonly message: string;
  /** Absent: the annotation is of the whole step. */
  readonly where?: Span | undefined;
}

/** An annotation's line. `fileOf` says how the repository calls a file; null: it is not in it, and the place goes into the message. */
export function annotationLine(annotation: Annotation, fileOf: (file: string) => string | null): string {
  const { severity, title, message, where } = annotation;
  const file = where === undefined ? null : fileOf(where.file);
  const place = where === undefined || file === null ? {} : placeOf(where, file);
  const elsewhere = where !== undefined && file === null ? `${where.file}:${where.line}:${where.column}: ` : '';
  return commandLine(COMMAND[severity], { ...place, title }, `${elsewhere}${message}`);
}

export function groupLine(title: string): string {
  return commandLine('group', {}, title);
}

export const END_OF_GROUP = commandLine('endgroup', {}, '');

/** GitHub shows columns only of a range within one line; its end is inclusive, that of a span is not. */
function placeOf({ line, column, endLine, endColumn }: Span, file: string): Readonly<Record<string, string | number>> {
  const columns = endLine === line ? { col: column, endColumn: Math.max(column, endColumn - 1) } : { col: column };
  return { file, line, endLine, ...columns };
}

function commandLine(name: string, properties: Readonly<Record<string, string | number>>, data: string): string {
  const pairs = Object.entries(properties).map(([key, value]) => `${key}=${escapedProperty(String(value))}`);
  return `::${name}${pairs.length > 0 ? ` ${pairs.join(',')}` : ''}::${escapedData(data)}\n`;
}

/** What would end the line, and the sign that escapes. */
function escapedData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** Also what would end the value or the properties. */
function escapedProperty(text: string): string {
  return escapedData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
