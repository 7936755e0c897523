/** The JSON Schema and the loader agree: about every wrong configuration of the fixtures and of the pages, about all examples and all keys. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { EXAMPLES } from '../../../scripts/diagnostics/examples.ts';
import { KEYS } from '../../../scripts/reference/keys.ts';
import { ROOT } from '../../support/bin.ts';
import { bookPages } from '../../support/docs/pages.ts';
import { BEYOND_SCHEMA, schemaOf, verdictsOf } from '../../support/schema/verdict.ts';

const texts: (readonly [name: string, text: string])[] = [
  ...['bad-input', 'bad-nodes'].flatMap(fixtures),
  ...KEYS.map(({ section, name, example }) => [`${section.name}: ${name}`, example] as const),
  ...Object.entries(EXAMPLES).flatMap(([code, example]) => {
    const files = 'files' in example && example.shown === undefined ? Object.values(example.files) : [];
    return files.length === 1 ? [[code, files[0] ?? ''] as const] : [];
  }),
  ['a share of more than all', 'links: [{netns: a, bridge: b, impair: {loss: 200%}}]'],
  ...bookPages().flatMap(({ path, steps }) =>
    steps
      .filter(({ kind, leftOut }) => kind === 'yaml' && leftOut === null)
      .map(({ line, text }) => [`${path}:${line}`, text] as const),
  ),
];

function fixtures(name: string): readonly (readonly [string, string])[] {
  const blocks = readFileSync(join(ROOT, `test/fixtures/${name}.txt`), 'utf8')
    .split(/^## /m)
    .slice(1);
  return blocks.map((block) => {
    const [title = '', ...lines] = block.trimEnd().split('\n');
    return [
      `${name}: ${title}`,
      lines
        .slice(
          0,
          lines.findIndex((line) => line.startsWith('=> ')),
        )
        .join('\n'),
    ];
  });
}

const verdicts = new Map(await Promise.all(texts.map(async ([name, text]) => [name, await verdictsOf(text)] as const)));

test('there is enough to agree about', () => {
  const all = [...verdicts.values()].filter((one) => one !== null);
  assert.ok(all.filter(({ loader }) => loader.size > 0).length > 150);
  assert.ok(all.filter(({ loader }) => loader.size === 0).length > 200);
});

test('the schema takes what the loader takes', () => {
  const alarms = [...verdicts].filter(([, one]) => one !== null && one.loader.size === 0 && one.schema.length > 0);
  assert.deepEqual(
    alarms.map(([name, one]) => `${name}: ${one?.schema.join('; ')}`),
    [],
  );
});

test('the schema refuses what the loader refuses, but for what test/support/schema/verdict.ts lists', () => {
  const missed = [...verdicts].filter(
    ([, one]) =>
      one !== null &&
      one.loader.size > 0 &&
      one.schema.length === 0 &&
      ![...one.loader].some((code) => code in BEYOND_SCHEMA),
  );
  assert.deepEqual(
    missed.map(([name, one]) => `${name}: ${[...(one?.loader ?? [])]}`),
    [],
  );
});

test('each fault that is listed is one that the schema misses', () => {
  const missed = new Set(
    [...verdicts.values()].flatMap((one) => (one !== null && one.schema.length === 0 ? [...one.loader] : [])),
  );
  assert.deepEqual(
    Object.keys(BEYOND_SCHEMA).filter((code) => !(missed as ReadonlySet<string>).has(code)),
    [],
  );
});

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: variables of compose
describe('what the schema knows', () => {
  const wrong: Readonly<Record<string, string>> = {
    'a missing prefix length': 'links: [{netns: a, bridge: b, ip: 10.0.0.1}]',
    'a prefix length that is too long': 'links: [{netns: a, bridge: b, ip: 10.0.0.1/33}]',
    'a multicast address': 'links: [{netns: a, bridge: b, ip: "ff02::1/64"}]',
    'a device name of 16 signs': 'links: [{netns: a, bridge: b, dev: abcdefghijklmnop}]',
    'a device name that the kernel keeps': 'links: [{netns: a, bridge: b, dev: all}]',
    'a device name that is too long at the end of a wire': 'wires: [[a:abcdefghijklmnop, b:eth0]]',
    'a mode of another type': 'links: [{netns: a, type: macvlan, outer-dev: x, mode: l2}]',
    'a bridge for a dummy': 'links: [{netns: a, type: dummy, bridge: b}]',
    'a MAC for an ipvlan': 'links: [{netns: a, type: ipvlan, outer-dev: x, mac: "c2:00:00:00:00:01"}]',
    'a MAC for a macvlan of mode passthru':
      'links: [{netns: a, type: macvlan, outer-dev: x, mode: passthru, mac: "c2:00:00:00:00:01"}]',
    'netem beside impair': 'links: [{netns: a, bridge: b, netem: loss 1%, impair: {loss: 1%}}]',
    'two nodes': 'links: [{netns: a, node: b, bridge: b}]',
    'no node': 'links: [{bridge: b}]',
    'no node in a compose file': 'x-network: {links: [{bridge: b}]}',
    'a key of the top under a service': 'services: {web: {x-network: {wires: []}}}',
    'an unknown key under a service': 'services: {web: {x-network: {links: [{brigde: b}]}}}',
    'a missing prefix length under a service': 'services: {web: {x-network: {links: [{bridge: b, ip: 10.0.0.1}]}}}',
    'a jitter without a delay': 'links: [{netns: a, bridge: b, impair: {jitter: 1ms}}]',
    'an amount without a unit': 'links: [{netns: a, bridge: b, impair: {delay: 10}}]',
  };
  for (const [name, text] of Object.entries(wrong)) {
    test(name, async () => {
      const { loader, schema } = (await verdictsOf(text)) ?? { loader: new Set(), schema: [] };
      assert.ok(loader.size > 0, 'the loader takes it');
      assert.notDeepEqual(schema, []);
    });
  }

  const right: Readonly<Record<string, string>> = {
    'variables in place of any value':
      'links: [{netns: "${N:-a}", bridge: b, ip: "${IP:-10.0.0.1/24}", dev: "${DEV:-eth0}", mtu: "${MTU:-1500}"}]',
    'a link that two entries describe': 'links: [{netns: a, bridge: b}, {netns: a, mtu: 1500}]',
    'a link of a service, and of another one':
      'services: {web: {image: x, x-network: {links: [{bridge: b}, {service: db, bridge: b}]}}, db: {image: y}}',
    'keys of compose, and keys of one’s own':
      'name: p\nservices: {web: {image: x, deploy: {replicas: 2}}}\nvolumes: {v: }\nx-mine: 1\nx-network: {links: [{service: web, bridge: b}], x-own: 1}',
    'a compose file without links': 'services: {web: {image: x}}',
    'an address of every form':
      'links: [{netns: a, bridge: b, ip: ["fd00::1/64", "1:2:3:4:5:6:7:8/128", "fd00::10.0.0.1/96", "fd00:1:2:3:4:5:6::/112", "0.0.0.1/0", "::2/1"]}]',
  };
  for (const [name, text] of Object.entries(right)) {
    test(name, async () => {
      const verdict = await verdictsOf(text);
      assert.deepEqual([[...(verdict?.loader ?? ['none'])], verdict?.schema], [[], []]);
    });
  }
});

// biome-ignore-end lint/suspicious/noTemplateCurlyInString: variables of compose

describe('each example is a file of its schema, and tells editors so', () => {
  const files = readdirSync(join(ROOT, 'examples'), { recursive: true, encoding: 'utf8' });
  const ofOthers = /\.clab\.yml$|^ci\/(github|gitlab)\.yml$/;
  const schemas = { network: schemaOf('network'), compose: schemaOf('compose'), timeline: schemaOf('timeline') };
  for (const file of files.filter(
    (name) => /\.ya?ml$/.test(name) && !/node_modules/.test(name) && !ofOthers.test(name),
  )) {
    test(file, () => {
      const text = readFileSync(join(ROOT, 'examples', file), 'utf8');
      const [, path = ''] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text) ?? [];
      const [, name = ''] =
        /^schema\/(\w+)\.schema\.json$/.exec(join('examples', file, '..', path).replace(/^(\.\.\/)*/, '')) ?? [];
      assert.ok(name in schemas, `its first line is no modeline: ${path}`);
      const validate = schemas[name as keyof typeof schemas];
      validate(parse(text, { merge: true }));
      assert.deepEqual(validate.errors ?? [], []);
    });
  }
});
