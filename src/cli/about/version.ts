/**
 * `about/` has the verbs about linkloom itself. They load nothing of the pipeline.
 *
 * This file: `version`.
 */
import { EXIT } from '../../errors.ts';
import type { Verb } from '../verb.ts';
import { printVersion, versionNumber } from './plain-version.ts';

export const version: Verb = {
  flags: ['json'],
  examples: [['version --json', 'the versions of linkloom, Node.js and the kernel, for programs']],
  async run({ out }, options) {
    if (!options.json) return printVersion(out);
    const { release } = await import('node:os');
    const document = {
      schemaVersion: 1,
      version: versionNumber(),
      node: process.versions.node,
      kernel: release(),
    };
    out.write(`${JSON.stringify(document)}\n`);
    return EXIT.done;
  },
};
