/** Finds the diagnostic code for an issue that the schema reports. */
import * as v from 'valibot';
import type { DiagnosticCode } from '../diagnostics/table.ts';

/** What is wrong with a text: a diagnostic code, and words that follow the text in a message. */
export interface TextFault {
  readonly code: DiagnosticCode;
  readonly message: string;
}

type Judge = (text: string) => TextFault | null;

/** The judges of the schema's checks. An issue refers to its check only by this function. */
const judges = new WeakMap<object, Judge>();

/** A schema for a text that a judge accepts. `what` says what is wanted if the value is no text. */
export function checked(what: string, judge: Judge) {
  return v.pipe(v.string(`must be ${what}`), judged(judge));
}

/** The check alone, for a value that a step before turns into a text. */
export function judged(judge: Judge) {
  const requirement = (text: string): boolean => judge(text) === null;
  judges.set(requirement, judge);
  return v.check(requirement, (issue) => judge(issue.input)?.message ?? '');
}

/** A judge whose faults all have one code. `messageOf` says what is wrong, or null. */
export function faultsOf(code: DiagnosticCode, messageOf: (text: string) => string | null): Judge {
  return (text) => {
    const message = messageOf(text);
    return message === null ? null : { code, message };
  };
}

/** The diagnostic code of an issue. */
export function codeOf(issue: v.BaseIssue<unknown>): DiagnosticCode {
  const { requirement, type, input, message } = issue;
  const judge = typeof requirement === 'function' ? judges.get(requirement) : undefined;
  if (judge !== undefined && typeof input === 'string') return judge(input)?.code ?? 'wrong-type';
  if (message === 'must not be empty') return 'empty-value';
  if (type === 'picklist' && typeof input === 'string') return 'unknown-word';
  if (OF_NUMBERS.includes(type)) return 'number-out-of-range';
  const isNumeric = typeof input === 'number' || typeof input === 'string';
  return isNumeric && expects(issue, 'number') ? 'number-out-of-range' : 'wrong-type';
}

/** The types of checks for whole numbers in a range. */
const OF_NUMBERS: readonly string[] = ['integer', 'min_value', 'max_value', 'regex'];

/** Whether a value of this type would have been accepted, possibly as one of several. */
export function expects(issue: v.BaseIssue<unknown>, type: 'string' | 'number'): boolean {
  const all = issue.type === 'union' ? (issue.issues ?? []).map(({ expected }) => expected) : [issue.expected];
  return all.includes(type);
}
