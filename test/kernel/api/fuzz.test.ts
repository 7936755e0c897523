/**
 * The API of a running daemon, asked what comes to a fuzzer's mind: every answer is one that OpenAPI has for the request, none of them is a
 * failure of the daemon, and the daemon goes on.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { ask, socketOf } from '../../support/api/request.ts';
import { linkloom, ROOT, startLinkloom } from '../../support/bin.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { uniqueName } from '../../support/netns.ts';

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
}

interface Operation {
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } };
  readonly responses: Readonly<Record<string, object>>;
}

const { paths } = JSON.parse(readFileSync(join(ROOT, 'schema/api.openapi.json'), 'utf8')) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};

/** What ends the daemon, and streams that do not end, have tests of their own. */
const LEFT_OUT = ['/down', '/events'];
const RUNS = 40;

/** Mostly right, sometimes of any kind. */
function anyValue(schema: Schema, texts: readonly string[]): fc.Arbitrary<unknown> {
  const odd = fc.oneof(fc.constantFrom<unknown>(null, -1, 1e9, '', [], {}, true), fc.string({ maxLength: 20 }));
  return fc.oneof({ weight: 12, arbitrary: rightValue(schema, texts) }, { weight: 1, arbitrary: odd });
}

function rightValue(schema: Schema, texts: readonly string[]): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.properties !== undefined) {
    const keys = Object.entries(schema.properties).filter(([key]) => key !== 'files');
    return fc.record(Object.fromEntries(keys.map(([key, one]) => [key, anyValue(one, texts)])), { requiredKeys: [] });
  }
  if (schema.anyOf !== undefined && schema.type === undefined)
    return fc.oneof(...schema.anyOf.map((one) => anyValue(one, texts)));
  if (schema.type === 'array') return fc.array(anyValue(schema.items ?? {}, texts), { maxLength: 3 });
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.type === 'integer' || schema.type === 'number') return fc.constantFrom<unknown>(0, 1, 2, 68, 1500, 65_535);
  return fc.constantFrom(...texts);
}

describe('the API, fuzzed', { timeout: 300_000, ...needs('root', 'program:ip') }, () => {
  let folder: Folder;
  const lab = uniqueName('z');
  const socket = socketOf(lab);
  before(() => {
    folder = temporaryFolder('api-fuzz');
    const links = ['a', 'b'].map((node, n) => ({
      ...{ netns: lab + node, bridge: 'lan', dev: 'eth0', ip: `10.0.0.${n + 1}/24` },
    }));
    writeFileSync(join(folder.path, 'lab.json'), JSON.stringify({ lab, links }));
  });
  after(async () => {
    await linkloom(['down', '--lab', lab]);
    folder[Symbol.dispose]();
  });

  it('answers as OpenAPI says, whatever is asked', async () => {
    await using daemon = startLinkloom(['daemon', '-f', join(folder.path, 'lab.json')]);
    await daemon.until(/All links connected/);
    const texts = [`${lab}a:eth0`, '*:eth0', 'bridge/lan', 'x:eth0', '10ms', '50%', '1mbit', '1s', '0', 'a'];
    const statuses = new Set<number>();
    for (const [path, operations] of Object.entries(paths)) {
      if (LEFT_OUT.includes(path)) continue;
      for (const [method, { requestBody, responses }] of Object.entries(operations)) {
        const schema = requestBody?.content['application/json'].schema;
        const body = schema === undefined ? fc.constant(undefined) : anyValue(schema, texts);
        const id = fc.constantFrom(`${lab}a:eth0`, 'x:eth0', '*', '%00', 'bridge/lan');
        const property = fc.asyncProperty(body, id, async (given, link) => {
          const url = path.replace('{id}', encodeURIComponent(link));
          // What it is asked to play must end by itself.
          const sent = path === '/play' && isTimeline(given) ? { timeline: { ...given.timeline, repeat: 1 } } : given;
          if (isLong(sent)) return;
          const text = sent === undefined ? {} : { body: JSON.stringify(sent) };
          const answer = await ask(socket, url, { method: method.toUpperCase(), ...text });
          statuses.add(answer.status);
          const what = `${method} ${url} ${text.body}: ${answer.status} ${answer.text.slice(0, 500)}`;
          assert.ok(String(answer.status) in responses, what);
          assert.notEqual(answer.status, 500, what);
          assert.ok(!answer.text.includes('E_INTERNAL'), what);
        });
        await fc.assert(property, { numRuns: schema === undefined ? 5 : RUNS });
      }
    }
    for (const status of [200, 400, 404]) assert.ok(statuses.has(status), `none was answered with ${status}`);
    assert.equal((await ask(socket, '/healthz')).status, 200);
    await ask(socket, '/reset', { method: 'POST' });
    assert.equal((await ask(socket, '/reconcile', { method: 'POST' })).status, 200);
    daemon.child.kill('SIGTERM');
    assert.equal((await daemon.child).exitCode, 0, daemon.output());
  });
});

function isTimeline(given: unknown): given is { readonly timeline: object } {
  return typeof (given as { timeline?: unknown } | null)?.timeline === 'object';
}

/** Waits and plays that take longer than a test has. */
function isLong(given: unknown): boolean {
  return /"(waitS|graceS|timeoutS)":[1-9]\d|"\d+h/.test(JSON.stringify(given) ?? '');
}
