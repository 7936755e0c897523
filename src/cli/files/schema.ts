/** `schema` prints the JSON Schema of the configuration, for editors. */
import { readFile } from 'node:fs/promises';
import { EXIT } from '../../errors.ts';
import { SCHEMA_URL } from '../../layout.ts';
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
    out.write(await readFile(SCHEMA_URL, 'utf8'));
    return EXIT.done;
  },
};
