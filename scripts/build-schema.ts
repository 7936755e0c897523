/** Writes schema/network.schema.json, the JSON Schema that editors use, from src/config/schema.ts, schema/timeline.schema.json from src/config/play/schema.ts, and schema/api.openapi.json from src/api/routes.ts. */
import { writeFileSync } from 'node:fs';
import { networkSchemaText, timelineSchemaText } from './json-schema.ts';
import { openApiText } from './openapi.ts';

// Compiled, this file is dist/scripts/build-schema.js.
writeFileSync(new URL('../../schema/network.schema.json', import.meta.url), networkSchemaText());
writeFileSync(new URL('../../schema/timeline.schema.json', import.meta.url), timelineSchemaText());
writeFileSync(new URL('../../schema/api.openapi.json', import.meta.url), openApiText());
