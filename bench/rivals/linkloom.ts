/** Runs linkloom as a user does, as a process of its own. The times are those of its summary. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Summary } from '../../src/events.ts';
import type { Work } from '../work.ts';
import { runProgram } from './process.ts';

/** The path of the bundle, from dist/bench/rivals. */
export const BIN = fileURLToPath(new URL('../../../lib/src/main.js', import.meta.url));

/** Runs a command line. Resolves to its standard output; rejects if it fails. */
export function linkloom(args: readonly string[], input = ''): Promise<string> {
  return runProgram(process.execPath, [BIN, ...args], input);
}

/**
 * Makes the lab. Resolves to the timings of `up`. Rejects if a link is missing. With `peakFile` the process leaves its peak memory
 * there, for `peakOf`.
 */
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

/** Runs `up` on an existing lab. Rejects if it changes anything. */
export async function upAgain(work: Work, args: readonly string[] = []): Promise<Summary['timings']> {
  const summary = JSON.parse(
    await linkloom(['up', '--json', '--progress', 'quiet', '-f', '-', ...args], work.config),
  ) as Summary;
  if (summary.links.unchanged !== work.linkCount)
    throw new Error(`only ${summary.links.unchanged} links were in order`);
  return summary.timings;
}

/** A module that writes the process's peak resident size, of all threads together, when the process ends. */
export function atExit(file: string): string {
  const source = `import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
if (isMainThread) process.on('exit', () => writeFileSync(${JSON.stringify(file)}, String(process.resourceUsage().maxRSS)));`;
  return `data:text/javascript,${encodeURIComponent(source)}`;
}

/** The peak memory in MiB, from the file that `deployByLinkloom` was given. */
export function peakOf(file: string): number {
  return Number(readFileSync(file, 'utf8')) / 1024;
}

/** Removes the lab. Resolves to the timings of `down`. */
export async function removeByLinkloom(work: Work): Promise<Summary['timings']> {
  const summary = JSON.parse(await linkloom(['down', '--json', '--progress', 'quiet', '--lab', work.lab])) as Summary;
  return summary.timings;
}
