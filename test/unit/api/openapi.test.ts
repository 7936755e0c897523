/** The API as OpenAPI is that of the code. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openApiText } from '../../../scripts/openapi.ts';
import { ROUTES } from '../../../src/api/routes.ts';
import { ROOT } from '../../support/bin.ts';

test('schema/api.openapi.json is not stale (else: node dist/scripts/schema/build.js)', () => {
  assert.equal(readFileSync(join(ROOT, 'schema/api.openapi.json'), 'utf8'), openApiText());
});

test('it has every route, each with an id of its own, and an answer to who may not ask', () => {
  const { paths } = JSON.parse(openApiText()) as {
    paths: Record<string, Record<string, { operationId: string; security?: []; responses: Record<string, object> }>>;
  };
  const operations = Object.values(paths).flatMap((path) => Object.values(path));
  assert.deepEqual(operations.map(({ operationId }) => operationId).sort(), Object.keys(ROUTES).sort());
  for (const { operationId, security, responses } of operations) {
    assert.ok('403' in responses, operationId);
    assert.equal('401' in responses, security === undefined, operationId);
  }
});
