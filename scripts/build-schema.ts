/** Writes schema/network.schema.json, the JSON Schema that editors use, from src/config/schema.ts. */
import { writeFileSync } from 'node:fs';
import { networkJsonSchema } from './json-schema.ts';

// Compiled, this file is dist/scripts/build-schema.js.
const target = new URL('../../schema/network.schema.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(networkJsonSchema(), null, 2)}\n`);
