/** `schema` prints the JSON Schemas of the configuration, of compose files and of timelines, for editors, and the API as OpenAPI. */
import { readFile } from 'node:fs/promises';
import { EXIT } from '../../errors.ts';
import { API_SCHEMA_URL, COMPOSE_SCHEMA_URL, SCHEMA_URL, TIMELINE_SCHEMA_URL } from '../../layout.ts';
import type { Verb } from '../verb.ts';

export const schema: Verb = {
  flags: ['composeSchema', 'playSchema', 'apiSchema'],
  examples: [
    ['schema > linkloom.schema.json', 'for an editor: `# yaml-language-server: $schema=linkloom.schema.json`'],
    ['schema --compose > compose.schema.json', 'for compose files with x-network; network files are taken, too'],
    ['schema --play > timeline.schema.json', 'the same for the timelines of `play`'],
    ['schema --api > linkloom.openapi.json', 'what a daemon’s API takes and gives, as OpenAPI 3.1'],
  ],
  async run({ out }, { apiSchema, composeSchema, playSchema }) {
    const asked = [
      [apiSchema, API_SCHEMA_URL],
      [composeSchema, COMPOSE_SCHEMA_URL],
      [playSchema, TIMELINE_SCHEMA_URL],
    ] as const;
    const [, url = SCHEMA_URL] = asked.find(([isAsked]) => isAsked) ?? [];
    out.write(await readFile(url, 'utf8'));
    return EXIT.done;
  },
};
