/** Writes schema/network.schema.json, the JSON Schema that editors use, from src/config/schema.ts. */
import { writeFileSync } from 'node:fs';
import { networkSchemaText } from './json-schema.ts';

// Compiled, this file is dist/scripts/build-schema.js.
writeFileSync(new URL('../../schema/network.schema.json', import.meta.url), networkSchemaText());
