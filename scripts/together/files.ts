/**
 * Files of tests that share a process: what a generated entry of `groups.ts` runs. Each file is a suite that has its path as its name, and
 * has to leave the process as it found it.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { noteDescriptors } from '../../test/support/descriptors.ts';
import { Blame } from './blame.ts';
import { differences, type ProcessState, stateOfProcess } from './process-state.ts';

export interface Together {
  /** From the folder of all tests; also the names of the suites. */
  readonly names: readonly string[];
  /** Folder of all tests, with a `/` at its end. */
  readonly root: string;
  /** Holds the name of the file that runs, and is removed after the last one: who ends early is known by it. */
  readonly note: string;
  /** Of each test. */
  readonly timeoutMs: number;
}

/** How long a process may take to end after its last test. */
const LINGER_MS = 5_000;

export async function runTogether({ names, root, note, timeoutMs }: Together): Promise<void> {
  const blame = new Blame();
  // In place of Node.js's own words, which don't know the file.
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => {
    process.stderr.write(`(node:${process.pid}) ${name}: ${message} (${blame.current})\n`);
  });
  process.on('exit', () => {
    for (const line of blame.ofExitCode()) process.stderr.write(`${line}\n`);
  });
  mkdirSync(dirname(note), { recursive: true });
  for (const name of names) {
    blame.begin(name);
    writeFileSync(note, name);
    await runFile(name, `${root}${name}`, timeoutMs);
    // Node.js tells warnings of a file a moment later.
    await setImmediate();
    noteDescriptors(name);
    blame.end();
  }
  rmSync(note);
  setTimeout(() => {
    for (const line of blame.ofLasting()) process.stderr.write(`${line}\n`);
    process.exit(1);
  }, LINGER_MS).unref();
}

/** Resolves once the file's tests are over. */
async function runFile(name: string, path: string, timeoutMs: number): Promise<void> {
  let before: ProcessState | null = null;
  await describe(name, { timeout: timeoutMs }, async () => {
    before = stateOfProcess();
    try {
      await import(pathToFileURL(path).href);
    } catch (error) {
      // A suite whose function throws would take the other files along.
      test(`${name} is loaded`, () => {
        throw error;
      });
    }
  });
  const left = before === null ? ['did not run'] : differences(before, stateOfProcess());
  if (left.length === 0) return;
  test(`${name} leaves the process as it found it`, () => {
    throw new Error(left.join('; '));
  });
}
