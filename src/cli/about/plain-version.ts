/** The version in one line. It needs no other part of the program, so it is told before any is loaded. */
import { readFile } from 'node:fs/promises';
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
export async function printVersion(out: Sink): Promise<number> {
  out.write(`linkloom ${await versionNumber()}\n`);
  return EXIT.done;
}

export async function versionNumber(): Promise<string> {
  const { version } = JSON.parse(await readFile(MANIFEST_URL, 'utf8')) as { version: string };
  return version;
}
