/** Writes schema/network.schema.json, the JSON Schema that editors use, from src/config/schema.ts, schema/compose.schema.json, schema/timeline.schema.json from src/config/play/schema.ts, and schema/api.openapi.json from src/api/routes.ts. */
import { writeFileSync } from 'node:fs';
import { openApiText } from '../openapi.ts';
import { composeSchemaText, networkSchemaText, timelineSchemaText } from './json-schema.ts';

// Compiled, this file is dist/scripts/schema/build.js.
writeFileSync(new URL('../../../schema/network.schema.json', import.meta.url), networkSchemaText());
writeFileSync(new URL('../../../schema/compose.schema.json', import.meta.url), composeSchemaText());
writeFileSync(new URL('../../../schema/timeline.schema.json', import.meta.url), timelineSchemaText());
writeFileSync(new URL('../../../schema/api.openapi.json', import.meta.url), openApiText());
