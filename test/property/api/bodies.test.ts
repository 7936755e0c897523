/**
 * What OpenAPI says of the bodies of requests is what the server takes: neither more nor less. So whoever keeps to the document is never
 * refused for how a request is written, and what it forbids is never done.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as v from 'valibot';
import { openApiText } from '../../../scripts/openapi.ts';
import { ROUTES, type Route } from '../../../src/api/routes.ts';

type Schema = Readonly<Record<string, unknown>> | boolean;

const { paths } = JSON.parse(openApiText()) as {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly requestBody?: { readonly content: object } }>>>
  >;
};

/** Texts of links and amounts, right and wrong ones, at the edges of what is taken. */
const TEXTS = [
  ...['', 'r1:eth0', 'r1', ':', 'r1:', ':eth0', '*', 'r?', 'bridge/', 'bridge/lan', 'bridge/*', 'bridge/a:b', '\n:\n'],
  ...[
    '0',
    '00',
    '0.0',
    '10ms',
    '1.5s',
    '.5s',
    '10',
    '0.0001us',
    '1ns',
    '0.5ns',
    '1 ms',
    '-1ms',
    '1e3us',
    '10MS',
    '1sec',
  ],
  ...['0%', '100%', '100.1%', '101%', '0.5%', '.5%', '1e-7%', '1e2%', '50', '%'],
  ...[
    '8bit',
    '7bit',
    '1bps',
    '10mbit',
    '0.001kbit',
    '1kibps',
    '0mbit',
    '1tbit',
    'mbit',
    '10mb',
    '1e3bit',
    'x'.repeat(513),
  ],
];
/** Times of a timeline. */
const TIMES = [
  ...['5s', '+5s', '0s', '0ms', '1m30s', '1s1m', '1.5s', '.5s', '1.5ms', '0.001s', '0.0001s', '1h', '1000h', '+0', '0'],
  ...['5', '-1s', '1 s', '1sms', '+', ''],
];
const time = fc.oneof(fc.constantFrom<unknown>('5s', '1m30s', '200ms', ...TIMES), fc.constantFrom<unknown>(0, 1, null));
const amount = fc.oneof(
  fc.constantFrom<unknown>('10ms', '1%', '1mbit', 1500, ...TEXTS),
  fc.constantFrom<unknown>(0, 1.5, -1),
);
const step = fc.record(
  {
    at: time,
    after: time,
    over: time,
    every: time,
    links: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom<unknown>('r1:eth0', ['*', 'bridge/lan']) },
      { weight: 1, arbitrary: fc.constantFrom<unknown>('r1', [], ['r1'], 1) },
    ),
    down: fc.constantFrom<unknown>(true, true, false),
    delay: fc.oneof(amount, fc.record({ from: amount, to: amount }), fc.record({ from: amount })),
    rate: amount,
    loss: amount,
    mtu: amount,
    flaps: fc.record({ count: fc.constantFrom(1, 0, 1.5), down: time, over: time }),
    reset: fc.constant(true),
    x: fc.constant(1),
  },
  { requiredKeys: ['links'] },
);
/** With few keys, so that many are right. */
const fewKeys = fc
  .tuple(step, fc.subarray(['at', 'down', 'delay', 'rate', 'over', 'flaps', 'loss', 'mtu', 'x'], { maxLength: 2 }))
  .map(([all, keys]) =>
    Object.fromEntries(Object.entries(all).filter(([key]) => key === 'links' || keys.includes(key))),
  );
const timeline = fc.record(
  {
    steps: fc.array(fc.oneof(fewKeys, fewKeys, step), { maxLength: 2 }),
    repeat: fc.constantFrom<unknown>(1, 'forever', 0, 'ever'),
    length: time,
    seed: fc.constantFrom<unknown>(0, 7, -1, 2 ** 32),
    name: fc.constantFrom<unknown>('flaky', ''),
    until: fc.constant({ command: ['true'] }),
  },
  { requiredKeys: ['steps'] },
);
/** Few of the others are right by chance: in some runs none. */
const right = { weight: 1, arbitrary: fc.constant({ steps: [{ at: '1s', links: ['*'], down: true }] }) };
const value = fc.oneof(
  fc.constantFrom<unknown>(...TEXTS),
  fc.constantFrom<unknown>(true, false, null, 0, 1, 67, 68, 1500, 65_535, 65_536, 1.5, -1, 600, 601, 2 ** 32, {}, []),
  fc.array(fc.constantFrom<unknown>(...TEXTS, 1), { maxLength: 3 }),
  fc.record({ names: fc.array(fc.constantFrom<unknown>('a', 1)), set: fc.constant('x'), digest: fc.constant('y') }),
);

/** Links that most requests name rightly. */
const some = fc.option(fc.array(fc.constantFrom('r1:eth0', '*', 'bridge/lan', 'r1'), { minLength: 1, maxLength: 2 }));
const join = ([given, links]: readonly [object, readonly string[] | null]): object =>
  links === null ? given : { ...given, links };

/** Whether a value keeps to a schema, of those words of JSON Schema that the document has; throws for any other. */
function keeps(schema: Schema, given: unknown): boolean {
  if (typeof schema === 'boolean') return schema;
  return Object.entries(schema).every(([word, rule]) => {
    const check = WORDS[word];
    if (check === undefined) throw new Error(`${word} is not known here`);
    return check(rule as never, given, schema);
  });
}

const always = (): boolean => true;
const isObject = (given: unknown): given is Readonly<Record<string, unknown>> =>
  typeof given === 'object' && given !== null && !Array.isArray(given);

const WORDS: Readonly<
  Record<string, (rule: never, given: unknown, schema: Readonly<Record<string, unknown>>) => boolean>
> = {
  ...{ description: always, default: always },
  type: (rule: string, given) =>
    rule === 'object'
      ? isObject(given)
      : rule === 'array'
        ? Array.isArray(given)
        : rule === 'integer'
          ? Number.isInteger(given)
          : typeof given === rule,
  properties: (rule: Readonly<Record<string, Schema>>, given) =>
    !isObject(given) || Object.entries(rule).every(([key, one]) => !(key in given) || keeps(one, given[key])),
  required: (rule: readonly string[], given) => !isObject(given) || rule.every((key) => key in given),
  additionalProperties: (rule: boolean, given, { properties }) =>
    rule || !isObject(given) || Object.keys(given).every((key) => key in (properties as object)),
  items: (rule: Schema, given) => !Array.isArray(given) || given.every((one) => keeps(rule, one)),
  minItems: (rule: number, given) => !Array.isArray(given) || given.length >= rule,
  minLength: (rule: number, given) => typeof given !== 'string' || given.length >= rule,
  maxLength: (rule: number, given) => typeof given !== 'string' || given.length <= rule,
  pattern: (rule: string, given) => typeof given !== 'string' || new RegExp(rule).test(given),
  minimum: (rule: number, given) => typeof given !== 'number' || given >= rule,
  maximum: (rule: number, given) => typeof given !== 'number' || given <= rule,
  const: (rule: unknown, given) => given === rule,
  enum: (rule: readonly unknown[], given) => rule.includes(given),
  anyOf: (rule: readonly Schema[], given) => rule.some((one) => keeps(one, given)),
  not: (rule: Schema, given) => !keeps(rule, given),
};

for (const [name, { path, method, body }] of Object.entries<Route>(ROUTES)) {
  if (body === undefined) continue;
  test(`the body of ${method} ${path} is checked as OpenAPI says`, () => {
    const content = paths[path]?.[method.toLowerCase()]?.requestBody?.content as
      | { readonly 'application/json': { readonly schema: Readonly<Record<string, unknown>> } }
      | undefined;
    const schema = content?.['application/json'].schema;
    assert.ok(schema, name);
    const keys = Object.keys(schema['properties'] as object);
    const given = fc.oneof(
      {
        weight: 9,
        arbitrary: fc
          .tuple(
            fc.dictionary(fc.constantFrom(...keys, 'more'), value, { maxKeys: 3 }),
            keys.includes('links') ? some : fc.constant(null),
          )
          .map(join),
      },
      ...(keys.includes('timeline')
        ? [{ weight: 27, arbitrary: fc.record({ timeline: fc.oneof({ weight: 20, arbitrary: timeline }, right) }) }]
        : []),
      { weight: 1, arbitrary: value },
    );
    let [taken, refused] = [0, 0];
    fc.assert(
      fc.property(given, (one) => {
        // The server refuses a list before that.
        const isTaken = isObject(one) && v.is(body, one);
        assert.equal(keeps(schema, one), isTaken, JSON.stringify(one));
        if (isTaken) taken += 1;
        else refused += 1;
      }),
      { numRuns: 1500 },
    );
    assert.ok(taken > 0 && refused > 0, `${taken} taken, ${refused} refused`);
  });
}
