/** The JSON Schema is that of the code. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { networkSchemaText, timelineSchemaText } from '../../../scripts/schema/json-schema.ts';
import { ROOT } from '../../support/bin.ts';

test('schema/timeline.schema.json is not stale (else: node dist/scripts/schema/build.js)', () => {
  assert.equal(readFileSync(join(ROOT, 'schema/timeline.schema.json'), 'utf8'), timelineSchemaText());
});

test('schema/network.schema.json is not stale (else: node dist/scripts/schema/build.js)', () => {
  assert.equal(readFileSync(join(ROOT, 'schema/network.schema.json'), 'utf8'), networkSchemaText());
});
