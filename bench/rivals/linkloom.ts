/** linkloom itself, as a user runs it: a process of its own; what counts is what its summary says. */
import { fileURLToPath } from 'node:url';
import type { Summary } from '../../src/events.ts';
import type { Work } from '../work.ts';
import { runProgram } from './process.ts';

const BIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));

/** Run the command line; gives its standard output, rejects where it fails. */
export function linkloom(args: readonly string[], input = ''): Promise<string> {
  return runProgram(process.execPath, [BIN, ...args], input);
}

/** Make the lab; resolves to the timings of `up`. Rejects if a link is missing. */
export async function deployByLinkloom(work: Work): Promise<Summary['timings']> {
  const summary = JSON.parse(await linkloom(['up', '--json', '-f', '-'], work.config)) as Summary;
  if (summary.links.created !== work.linkCount) throw new Error(`only ${summary.links.created} links were made`);
  return summary.timings;
}

/** Take the lab down; resolves to the timings of `down`. */
export async function removeByLinkloom(work: Work): Promise<Summary['timings']> {
  const summary = JSON.parse(await linkloom(['down', '--json', '--lab', work.lab])) as Summary;
  return summary.timings;
}
