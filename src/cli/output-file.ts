/** Writes the files that an option names for a verb's output. */
import { fstatSync } from 'node:fs';
import { open, stat, writeFile } from 'node:fs/promises';
import { devNull } from 'node:os';
import { LinkloomError } from '../errors.ts';

/**
 * Checks that a file can be written, before the long work that ends with it. `isOutTaken`: something else goes to standard output, so the
 * file must be another one. Throws E_USAGE, naming the option.
 */
export async function assertWritable(option: string, path: string, isOutTaken: boolean): Promise<void> {
  if (path === '-' || (isOutTaken && (await isStandardOutput(path)))) {
    throw new LinkloomError('E_USAGE', `${option} is standard output, which has something else to say`, {
      hint: `give ${option} a file of its own${path === '-' ? '; one that is called - is ./-' : ''}`,
    });
  }
  await telling(option, path, async () => await (await open(path, 'a')).close());
}

/** Whether a path leads to what standard output is: /dev/stdout, or the file that it goes to. What /dev/null swallows mixes with nothing. */
export async function isStandardOutput(path: string): Promise<boolean> {
  const [file, nothing] = await Promise.all([stat(path), stat(devNull)].map((found) => found.catch(() => null)));
  const out = fstatSync(process.stdout.fd);
  const isIt = (other: typeof file): boolean =>
    other !== null && other !== undefined && other.dev === out.dev && other.ino === out.ino;
  return isIt(file) && !isIt(nothing);
}

/** Writes a file. Throws E_USAGE, naming the option. */
export async function writeOutput(option: string, path: string, text: string): Promise<void> {
  await telling(option, path, async () => await writeFile(path, text));
}

async function telling(option: string, path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/, \w+ '.*'$/s, '') : String(error);
    throw new LinkloomError('E_USAGE', `${path} can not be written: ${reason}`, {
      hint: `give ${option} a file in a folder that exists and that you may write to`,
      cause: error,
    });
  }
}
