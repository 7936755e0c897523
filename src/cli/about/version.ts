/**
 * `about/` has the verbs about linkloom itself. They load nothing of the pipeline.
 *
 * This file: `version`.
 */
import { readFile } from 'node:fs/promises';
import { EXIT } from '../../errors.ts';
import { MANIFEST_URL } from '../../layout.ts';
import type { Sink } from '../../report/output.ts';
import type { Verb } from '../verb.ts';

export const version: Verb = {
  flags: ['json'],
  examples: [['version --json', 'the versions of linkloom, Node.js and the kernel, for programs']],
  async run({ out }, options) {
    if (!options.json) return await printVersion(out);
    const number = await versionNumber();
    const { release } = await import('node:os');
    const document = { schemaVersion: 1, version: number, node: process.versions.node, kernel: release() };
    out.write(`${JSON.stringify(document)}\n`);
    return EXIT.done;
  },
};

/** Prints the version in one line. Returns the exit status. */
export async function printVersion(out: Sink): Promise<number> {
  out.write(`linkloom ${await versionNumber()}\n`);
  return EXIT.done;
}

async function versionNumber(): Promise<string> {
  const { version: number } = JSON.parse(await readFile(MANIFEST_URL, 'utf8')) as { version: string };
  return number;
}
