/**
 * `about/` has the verbs about linkloom itself. They load nothing of the pipeline.
 *
 * This file: `version`.
 */
import { readFile } from 'node:fs/promises';
import { MANIFEST_URL } from '../../layout.ts';
import type { Verb } from '../verb.ts';

export const version: Verb = {
  name: 'version',
  group: 'About',
  summary: 'print the version',
  flags: ['json'],
  examples: [['version --json', 'the versions of linkloom, Node.js and the kernel, for programs']],
  async run({ out }, options) {
    const text = await readFile(MANIFEST_URL, 'utf8');
    const { version: number } = JSON.parse(text) as { version: string };
    if (!options.json) {
      out.write(`linkloom ${number}\n`);
      return 0;
    }
    const { release } = await import('node:os');
    const document = { schemaVersion: 1, version: number, node: process.versions.node, kernel: release() };
    out.write(`${JSON.stringify(document)}\n`);
    return 0;
  },
};
