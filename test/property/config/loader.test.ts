// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are texts to interpolate
/** Whatever the text, the loader answers: with a configuration or with faults, soon, and without throwing. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { emitYaml } from '../../../src/config/text/emit.ts';
import { check } from '../../unit/config/loading.ts';

/** No run of a small text may take longer, however busy the machine. */
const SOON_MS = 2000;

async function answers(text: string): Promise<void> {
  const startedMs = performance.now();
  const { diagnostics, topology, lab } = await check(text, { env: { A: 'a', N: '7', LONG: 'x'.repeat(200) } });
  assert.ok(performance.now() - startedMs < SOON_MS, 'took too long');
  assert.match(lab, /^[a-z0-9][a-z0-9_-]*$/);
  assert.ok(diagnostics.length <= 410);
  for (const { severity, message, where } of diagnostics) {
    assert.ok(severity === 'error' || severity === 'warning');
    assert.ok(message.length > 0);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal would obey must not come through
    assert.doesNotMatch(message, /[\u0000-\u001f\u007f-\u009f]/);
    if (where === undefined) continue;
    assert.ok(where.line >= 1 && where.column >= 1 && where.line <= text.split('\n').length);
    for (const line of where.excerpt?.split('\n') ?? []) assert.ok(line.length <= 80);
  }
  for (const link of topology.links) {
    assert.ok(link.selector.name.length > 0 && Buffer.byteLength(link.dev) <= 15);
    assert.ok(link.mtuBytes === null || (link.mtuBytes >= 68 && link.mtuBytes <= 65_535));
    for (const address of link.addresses) assert.match(address, /^[0-9a-f.:]+\/\d+$/);
  }
}

/** Pieces of the language and of YAML and JSON, put together at random. */
const PIECES = [
  ...[
    'links:',
    'bridges:',
    'tunnels:',
    'commands:',
    'services:',
    'x-network:',
    'lab:',
    'include:',
    '\n',
    '\n',
    '\n  ',
    '\n    ',
    '\n- ',
  ],
  ...[
    '- ',
    '{',
    '}',
    '[',
    ']',
    ', ',
    ': ',
    '"',
    "'",
    '|',
    '>',
    '&a ',
    '*a',
    '<<: ',
    '!reset ',
    '!override ',
    '!!str ',
    '#',
    '%YAML 1.1\n',
    '---\n',
    '...\n',
  ],
  ...[
    'service: ',
    'container: ',
    'netns: ',
    'bridge: ',
    'dev: ',
    'ip: ',
    'mac: ',
    'mtu: ',
    'route: ',
    'netem: ',
    'impair: ',
    'type: ',
    'vlanid: ',
  ],
  ...[
    'mode: ',
    'forward: ',
    'nat: ',
    'ethtool: ',
    'outer-dev: ',
    'state: ',
    'queues: ',
    'command: ',
    'vni: ',
    'remote: ',
    '__proto__: ',
    'constructor: ',
  ],
  ...[
    'a',
    'b',
    'eth0',
    '10.0.0.1/24',
    'fd00::1/64',
    'c2:00:00:00:00:01',
    '1500',
    '0',
    '-1',
    '1e400',
    'null',
    'true',
    'veth',
    'vlan',
    'patch',
  ],
  ...[
    'default via 10.0.0.1',
    'delay 10ms',
    '{delay: 10ms}',
    '8080:80/tcp',
    '$A',
    '${N}',
    '${A:-${N}}',
    '$$',
    '${',
    '${A:?x}',
    '${LONG}',
    '\u0000',
    '\u001b[31m',
    '\u202e',
    '\ud800',
    '\t',
  ],
];

const pieces = fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((list) => list.join(''));

const scalar = fc.oneof(
  fc.constantFrom<unknown>(...PIECES, 1500, 0, -1, 1.5, null, true, Number.MAX_SAFE_INTEGER),
  fc.string({ maxLength: 20 }),
  fc.ipV4().map((address) => `${address}/24`),
  fc.ipV6().map((address) => `${address}/64`),
);
const word = fc.constantFrom(
  ...[
    'service',
    'container',
    'netns',
    'bridge',
    'dev',
    'ip',
    'mac',
    'mtu',
    'route',
    'netem',
    'impair',
    'type',
    'vlanid',
    'mode',
  ],
  ...[
    'forward',
    'nat',
    'ethtool',
    'outer-dev',
    'state',
    'queues',
    'command',
    'vni',
    'remote',
    'x-mine',
    '__proto__',
    'toString',
    'dve',
  ],
);
const value = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), fc.dictionary(word, scalar, { maxKeys: 3 }));
const entry = fc.oneof(
  { weight: 9, arbitrary: fc.dictionary(word, value, { maxKeys: 8 }) },
  { weight: 1, arbitrary: value },
);
const list = fc.oneof({ weight: 9, arbitrary: fc.array(entry, { maxLength: 5 }) }, { weight: 1, arbitrary: value });
const network = fc.dictionary(fc.constantFrom('links', 'bridges', 'tunnels', 'commands', 'lab', 'linsk'), list, {
  maxKeys: 5,
});
const compose = fc.record(
  {
    services: fc.dictionary(fc.constantFrom('a', 'b'), fc.record({ 'x-network': network }), { maxKeys: 2 }),
    'x-network': network,
  },
  { requiredKeys: [] },
);
/** Well-formed texts that say anything. */
const wellFormed = fc
  .tuple(fc.oneof(network, compose), fc.boolean())
  .map(([data, isYaml]) => (isYaml ? emitYaml(data) : JSON.stringify(data)));

/** A name of a node that is no text, and can't be made one: found in each place that names nodes. */
const NAMES_THAT_ARE_NONE = ['links', 'commands', 'tunnels', 'checks'].map((list): [string] => [
  JSON.stringify({ [list]: [{ service: { toString: 'x' }, from: { toString: 'x' } }] }),
]);

describe('the loader', () => {
  test('answers to pieces of the language in any order', { timeout: 300_000 }, () =>
    fc.assert(fc.asyncProperty(pieces, answers), { numRuns: 5000 }),
  );

  test('answers to well-formed texts that say anything', { timeout: 300_000 }, () =>
    fc.assert(fc.asyncProperty(wellFormed, answers), { numRuns: 4000, examples: NAMES_THAT_ARE_NONE }),
  );

  test('answers to any characters', { timeout: 300_000 }, () =>
    fc.assert(fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), answers), { numRuns: 1000 }),
  );
});
