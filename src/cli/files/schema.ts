/** `schema` prints the JSON Schema of the configuration, for editors, and the API as OpenAPI. */
import { readFile } from 'node:fs/promises';
import { EXIT } from '../../errors.ts';
import { API_SCHEMA_URL, SCHEMA_URL } from '../../layout.ts';
import type { Verb } from '../verb.ts';

export const schema: Verb = {
  flags: ['apiSchema'],
  examples: [
    ['schema > linkloom.schema.json', 'for an editor: `# yaml-language-server: $schema=linkloom.schema.json`'],
    ['schema --api > linkloom.openapi.json', 'what a daemon’s API takes and gives, as OpenAPI 3.1'],
  ],
  async run({ out }, { apiSchema }) {
    out.write(await readFile(apiSchema ? API_SCHEMA_URL : SCHEMA_URL, 'utf8'));
    return EXIT.done;
  },
};
