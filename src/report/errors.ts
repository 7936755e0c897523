/** Errors, as text for people and as JSON. */
import { type Diagnostic, ERROR_CODES, LinkloomError, type Span } from '../errors.ts';
import type { Failure } from '../events.ts';
import { subjectText } from '../subject.ts';
import { diagnosticText, excerptLines, hintLine, placeOf } from './diagnostics.ts';
import { printable, printableLines } from './escape.ts';
import type { Sink } from './output.ts';

/** Any thrown value as a LinkloomError. A value of another type is a defect (`E_INTERNAL`) and is kept as the cause. */
export function asLinkloomError(error: unknown): LinkloomError {
  if (error instanceof LinkloomError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new LinkloomError('E_INTERNAL', message, {
    cause: error,
    hint: 'this is a defect in linkloom: please report it with the lines above',
  });
}

/**
 * The whole text of an error: its diagnostics, then what happened, where, and what to do. A defect also shows its stack, which is
 * needed to find it.
 */
export function errorText(error: LinkloomError, paint: Sink['paint']): string {
  const parts = error.diagnostics.map((diagnostic) => diagnosticText(diagnostic, paint));
  const { where } = error;
  const place = where === undefined || isNamed(where, error.message) ? '' : `${placeText(where)}: `;
  const lines = [`${paint('red', 'ERROR: ')}${place}${printableLines(error.message)}`];
  if (typeof where === 'object' && where.excerpt) lines.push(...excerptLines(where.excerpt, paint));
  if (error.code === 'E_INTERNAL') lines.push(...stackLines(error, paint));
  if (error.hint) lines.push(hintLine(error.hint, paint));
  parts.push(`${lines.join('\n')}\n`);
  return parts.join('');
}

/** Whether a message begins or ends with the place itself, so that it need not stand before it too. "It" is the place before it. */
function isNamed(where: Span | string, message: string): boolean {
  if (typeof where !== 'string' || where === '' || /^its? /.test(message)) return false;
  if (message.endsWith(` ${where}`)) return true;
  return message.startsWith(where) && !/^[\w.:/-]/.test(message.slice(where.length));
}

function placeText(where: Span | string): string {
  return typeof where === 'string' ? printable(where) : placeOf(where);
}

function stackLines(error: LinkloomError, paint: Sink['paint']): string[] {
  const origin = error.cause instanceof Error ? error.cause : error;
  const frames = (origin.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return frames.map((line) => paint('dim', printable(line)));
}

/** A diagnostic in the JSON of `--json` and `--progress json`. */
export function diagnosticJson(diagnostic: Diagnostic): object {
  return {
    code: diagnostic.code,
    severity: diagnostic.severity,
    message: diagnostic.message,
    ...placeJson(diagnostic.where),
    hint: diagnostic.hint ?? null,
  };
}

function placeJson(where: Span | undefined): object {
  const { file = null, line = null, column = null, endLine = null, endColumn = null } = where ?? {};
  return { file, line, column, endLine, endColumn };
}

/** A failure as JSON. `link` is the subject's text. */
export function failureJson({ subject, code, message, hint }: Failure): object {
  return { link: subjectText(subject), subject, code, message, hint: hint ?? null };
}

/** The document that `--json` prints if a verb could not do its work at all. */
export function errorJson(error: LinkloomError): object {
  const { where } = error;
  return {
    schemaVersion: 1,
    error: {
      code: error.code,
      summary: ERROR_CODES[error.code].summary,
      message: error.message,
      where: typeof where === 'object' ? placeOf(where) : (where ?? null),
      hint: error.hint ?? null,
      diagnostics: error.diagnostics.map(diagnosticJson),
    },
  };
}
