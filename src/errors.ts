/**
 * Lists every way in which linkloom can fail, in one table. A code names the kind of failure, its exit status and a short summary.
 * Nothing else decides exit statuses.
 */
import type { Severity } from './diagnostics/rule.ts';
import { type DiagnosticCode, severityOf } from './diagnostics/table.ts';

/** Exit statuses of the command line (see docs/verbs.md, "Exit status"). */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  environment: 3,
  differences: 4,
  interrupted: 130,
  terminated: 143,
} as const;

/** By code, the exit status and what the code means, in a few words. */
export const ERROR_CODES = {
  E_USAGE: { exitCode: EXIT.usage, summary: 'the command line is wrong' },
  E_CONFIG: { exitCode: EXIT.failed, summary: 'the configuration is invalid' },
  E_LOCKED: { exitCode: EXIT.failed, summary: 'another linkloom works on this lab' },
  E_ELSEWHERE: {
    exitCode: EXIT.failed,
    summary: 'another linkloom has the bridges of this lab in a namespace of its own',
  },
  E_CLASH: { exitCode: EXIT.failed, summary: 'two things of the lab want the same name' },
  E_FOREIGN_DEVICE: { exitCode: EXIT.failed, summary: 'a device that linkloom did not make is in the way' },
  E_PARENT: { exitCode: EXIT.failed, summary: 'the parent device of a link is missing or does not fit' },
  E_NODE_MISSING: { exitCode: EXIT.failed, summary: 'a node does not exist or does not run' },
  E_NODE_FAILED: { exitCode: EXIT.failed, summary: 'a container of the lab could not be made or started' },
  E_NODE_CHANGED: { exitCode: EXIT.failed, summary: 'a node was replaced while linkloom worked on it' },
  E_CONFLICT: { exitCode: EXIT.failed, summary: 'another one changed the lab in the store meanwhile' },
  E_TIMEOUT: { exitCode: EXIT.failed, summary: 'what was waited for did not come in time' },
  E_KERNEL: { exitCode: EXIT.failed, summary: 'the kernel refused an operation' },
  E_LINKS_FAILED: { exitCode: EXIT.failed, summary: 'some links could not be made' },
  E_PRIVILEGE: { exitCode: EXIT.environment, summary: 'a privilege is missing' },
  E_UNSAFE: { exitCode: EXIT.environment, summary: 'a file or folder that linkloom relies on is not to be trusted' },
  E_ENGINE: { exitCode: EXIT.environment, summary: 'no container engine answers' },
  E_FEATURE: { exitCode: EXIT.environment, summary: 'the kernel lacks a feature' },
  E_LIMIT: { exitCode: EXIT.environment, summary: 'the machine allows less than the lab needs' },
  E_STORE: { exitCode: EXIT.environment, summary: 'the store does not answer, or is none that linkloom can use' },
  E_TOOL: { exitCode: EXIT.environment, summary: 'a program that is needed is missing or failed' },
  E_INTERRUPTED: { exitCode: EXIT.interrupted, summary: 'interrupted' },
  E_INTERNAL: { exitCode: EXIT.failed, summary: 'a defect in linkloom' },
} as const satisfies Record<string, { exitCode: number; summary: string }>;

/** The code of a LinkloomError: the keys of `ERROR_CODES`, which says of each what it means and what the program exits with. */
export type ErrorCode = keyof typeof ERROR_CODES;

/**
 * A range of a source file. Lines and columns count from 1, columns in UTF-16 units. The end is exclusive: `endColumn` is the
 * column after the last character. `excerpt` is the first line and a line with a caret, cut to 80 columns.
 */
export interface Span {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly excerpt?: string;
}

/** A fault in a configuration: what is wrong, where, and how to fix it. Faults are collected, never thrown one by one. */
export interface Diagnostic {
  /** The kind of fault. It does not change when the words of `message` do. */
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  readonly message: string;
  readonly where?: Span;
  readonly hint?: string;
  /** How many faults it stands for, if it is about faults that are not shown; absent for one. */
  readonly count?: number;
}

/** Makes a diagnostic of a kind, whose severity is that of the kind. */
export function diagnosticOf(
  code: DiagnosticCode,
  message: string,
  { where, hint, count }: { where?: Span | undefined; hint?: string | undefined; count?: number | undefined } = {},
): Diagnostic {
  return {
    code,
    severity: severityOf(code),
    message,
    ...(where === undefined ? {} : { where }),
    ...(hint === undefined ? {} : { hint }),
    ...(count === undefined ? {} : { count }),
  };
}

/** How many errors are among diagnostics, including those that are not shown. */
export function errorsIn(diagnostics: readonly Diagnostic[]): number {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  return errors.reduce((sum, { count = 1 }) => sum + count, 0);
}

/**
 * The only error class. `message` says what happened, `where` says where (a file position or `NODE:DEV`), `hint` says what to do.
 * `diagnostics` has all faults of a configuration.
 */
export class LinkloomError extends Error {
  override readonly name = 'LinkloomError';
  readonly code: ErrorCode;
  readonly where: Span | string | undefined;
  readonly hint: string | undefined;
  readonly diagnostics: readonly Diagnostic[];

  constructor(
    code: ErrorCode,
    message: string,
    more: { where?: Span | string; hint?: string; cause?: unknown; diagnostics?: readonly Diagnostic[] } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.where = more.where;
    this.hint = more.hint;
    this.diagnostics = more.diagnostics ?? [];
  }

  /** The process exit status for this error. */
  get exitCode(): number {
    return ERROR_CODES[this.code].exitCode;
  }
}
