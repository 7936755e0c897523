/** linkloom itself, as a user runs it: a process of its own; what counts is what its summary says. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Summary } from '../../src/events.ts';
import type { Work } from '../work.ts';
import { runProgram } from './process.ts';

/** The bundle, from dist/bench/rivals. */
export const BIN = fileURLToPath(new URL('../../../lib/src/main.js', import.meta.url));

/** Run the command line; gives its standard output, rejects where it fails. */
export function linkloom(args: readonly string[], input = ''): Promise<string> {
  return runProgram(process.execPath, [BIN, ...args], input);
}

/** Make the lab; resolves to the timings of `up`. Rejects if a link is missing. With `peakFile` the process leaves there what `peakOf` reads. */
export async function deployByLinkloom(
  work: Work,
  args: readonly string[] = [],
  peakFile: string | null = null,
): Promise<Summary['timings']> {
  const preload = peakFile === null ? [] : ['--import', atExit(peakFile)];
  const words = [...preload, BIN, 'up', '--json', '--progress', 'quiet', '-f', '-', ...args];
  const summary = JSON.parse(await runProgram(process.execPath, words, work.config)) as Summary;
  if (summary.links.created !== work.linkCount) throw new Error(`only ${summary.links.created} links were made`);
  return summary.timings;
}

/** Run `up` on the lab that is there; rejects if it changes anything. */
export async function upAgain(work: Work, args: readonly string[] = []): Promise<Summary['timings']> {
  const summary = JSON.parse(
    await linkloom(['up', '--json', '--progress', 'quiet', '-f', '-', ...args], work.config),
  ) as Summary;
  if (summary.links.unchanged !== work.linkCount)
    throw new Error(`only ${summary.links.unchanged} links were in order`);
  return summary.timings;
}

/** A module that writes the process's greatest resident size, all threads together, when it ends. */
function atExit(file: string): string {
  const source = `import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
if (isMainThread) process.on('exit', () => writeFileSync(${JSON.stringify(file)}, String(process.resourceUsage().maxRSS)));`;
  return `data:text/javascript,${encodeURIComponent(source)}`;
}

/** MiB, from the file that `deployByLinkloom` was given. */
export function peakOf(file: string): number {
  return Number(readFileSync(file, 'utf8')) / 1024;
}

/** Take the lab down; resolves to the timings of `down`. */
export async function removeByLinkloom(work: Work): Promise<Summary['timings']> {
  const summary = JSON.parse(await linkloom(['down', '--json', '--progress', 'quiet', '--lab', work.lab])) as Summary;
  return summary.timings;
}
