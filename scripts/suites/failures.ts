/**
 * What failed, told once more at the end of a run: its own lines stand far up by then, and whoever reads only the end
 * of a log would not find them.
 */
import { relative } from 'node:path';
import type { EventData } from 'node:test';

/** Lines of an error that are told again; all of them stand where the test ran. */
const ERROR_LINES = 24;
/** Failures that are told with their errors; of those after them only the names. */
const WITH_ERRORS = 20;

export interface Failure {
  /** `FILE: SUITE > TEST`. */
  readonly where: string;
  /** The error, with its stack; empty where there is none. */
  readonly error: string;
}

/** Gathers failures from the events of node:test, which come in the order of the report. */
export class Failures {
  readonly list: Failure[] = [];
  readonly #root: string;
  readonly #names: string[] = [];

  /** `root`: files are named from there. */
  constructor(root: string) {
    this.#root = root;
  }

  started({ name, nesting }: Pick<EventData.TestStart, 'name' | 'nesting'>): void {
    this.#names.length = nesting;
    this.#names.push(name);
  }

  failed({ name, nesting, file, details }: Pick<EventData.TestFail, 'name' | 'nesting' | 'file' | 'details'>): void {
    // Whatever is around a test that failed fails with it.
    if ('failureType' in details.error && details.error.failureType === 'subtestsFailed') return;
    const names = [...this.#names.slice(0, nesting), name];
    this.add(file ?? '', names.join(' > '), errorText(details.error));
  }

  /** Something that is not a test: a thing left behind, a warning. */
  add(file: string, what: string, error = ''): void {
    const name = file === '' ? '' : relative(this.#root, file);
    // Where files share a process, each is a test of its own, named by it.
    const where = name === '' || what.startsWith(`${name} > `) ? what : `${name}: ${what}`;
    this.list.push({ where, error });
  }
}

/** Ends with a line feed, unless there is nothing to tell. */
export function failuresText(failures: readonly Failure[]): string {
  if (failures.length === 0) return '';
  const blocks = failures.map(({ where, error }, index) => {
    const lines = index < WITH_ERRORS && error !== '' ? error.split('\n').slice(0, ERROR_LINES) : [];
    return [`  ${where}`, ...lines.map((line) => `      ${line}`)].join('\n');
  });
  return `What failed:\n${blocks.join('\n')}\n`;
}

/** node:test wraps what a test has thrown. */
function errorText(error: Error): string {
  const { cause } = error;
  if (cause instanceof Error) return cause.stack ?? cause.message;
  return typeof cause === 'string' ? cause : error.message;
}
