/** `schema`: the JSON Schema of the configuration, for editors. */
import { readFile } from 'node:fs/promises';
import { EXIT } from '../../errors.ts';
import type { Verb } from '../verb.ts';

export const schema: Verb = {
  name: 'schema',
  group: 'Configuration',
  summary: 'print the JSON Schema of the configuration',
  flags: [],
  examples: [
    ['schema > linkloom.schema.json', 'for an editor: `# yaml-language-server: $schema=linkloom.schema.json`'],
  ],
  async run({ out }) {
    // dist/src/cli/files/schema.js → schema/
    out.write(await readFile(new URL('../../../../schema/network.schema.json', import.meta.url), 'utf8'));
    return EXIT.done;
  },
};
