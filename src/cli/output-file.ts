/** Writes the files that an option names for a verb's output. */
import { open, writeFile } from 'node:fs/promises';
import { LinkloomError } from '../errors.ts';

/** Checks that a file can be written, before the long work that ends with it. Throws E_USAGE, naming the option. */
export async function assertWritable(option: string, path: string): Promise<void> {
  await telling(option, path, async () => await (await open(path, 'a')).close());
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
