/** The version in one line. It needs no other part of the program, so it is told before any is loaded. */
import { readFileSync } from 'node:fs';
import { EXIT } from '../../errors.ts';
import { MANIFEST_URL } from '../../layout.ts';
import type { Sink } from '../../report/output.ts';
import type { Context } from '../verb.ts';

/** Whether the words ask for the version and for nothing else. */
export function asksVersion(words: readonly string[], env: Context['env']): boolean {
  const [first = '', ...more] = words;
  return ['version', '-V', '--version'].includes(first) && more.length === 0 && !env['LINKLOOM_JSON'];
}

/** Prints the version in one line. Returns the exit status. */
export function printVersion(out: Sink): number {
  out.write(`linkloom ${versionNumber()}\n`);
  return EXIT.done;
}

export function versionNumber(): string {
  const { version } = JSON.parse(readFileSync(MANIFEST_URL, 'utf8')) as { version: string };
  return version;
}
