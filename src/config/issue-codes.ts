/** Which fault of the list an issue of the schema is. */
import * as v from 'valibot';
import type { DiagnosticCode } from '../diagnostics/table.ts';

/** What is wrong with a text: the kind of fault, and words that follow the text. */
export interface TextFault {
  readonly code: DiagnosticCode;
  readonly message: string;
}

type Judge = (text: string) => TextFault | null;

/** The judges behind the checks of the schema: an issue names its check by this function alone. */
const judges = new WeakMap<object, Judge>();

/** A text that a judge finds nothing wrong with. `what` says what is wanted where there is no text at all. */
export function checked(what: string, judge: Judge) {
  return v.pipe(v.string(`must be ${what}`), judged(judge));
}

/** The check alone, for what becomes a text on its way. */
export function judged(judge: Judge) {
  const requirement = (text: string): boolean => judge(text) === null;
  judges.set(requirement, judge);
  return v.check(requirement, (issue) => judge(issue.input)?.message ?? '');
}

/** A judge whose faults are all of one kind, from a function that tells what is wrong. */
export function faultsOf(code: DiagnosticCode, messageOf: (text: string) => string | null): Judge {
  return (text) => {
    const message = messageOf(text);
    return message === null ? null : { code, message };
  };
}

/** The kind of fault that an issue is. */
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

/** Checks that only whole numbers of a range pass. */
const OF_NUMBERS: readonly string[] = ['integer', 'min_value', 'max_value', 'regex'];

/** Whether a value of a type would have been taken, at least where it is the only one of several that would. */
export function expects(issue: v.BaseIssue<unknown>, type: 'string' | 'number'): boolean {
  const all = issue.type === 'union' ? (issue.issues ?? []).map(({ expected }) => expected) : [issue.expected];
  return all.includes(type);
}
