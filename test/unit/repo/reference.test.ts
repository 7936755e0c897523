/** The pages under docs/reference/ are those of the sources, their examples load, and an edit does what they say. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { drawings } from '../../../scripts/drawings/drawings.ts';
import { commandsPage } from '../../../scripts/reference/commands-page.ts';
import { configurationPage } from '../../../scripts/reference/configuration-page.ts';
import { KEYS, type Key } from '../../../scripts/reference/keys.ts';
import { instantiate } from '../../../src/topology/instantiate.ts';
import type { Network } from '../../../src/topology/topology.ts';
import { ROOT } from '../../support/bin.ts';
import { bringUp, planOn } from '../../support/model/planning.ts';
import { ModelKernel } from '../../support/model-kernel.ts';
import { check, lines } from '../config/loading.ts';

const PAGES = { 'configuration.md': configurationPage, 'commands.md': commandsPage };
for (const [name, page] of Object.entries(PAGES)) {
  test(`docs/reference/${name} is not stale (else: npm run docs:reference)`, () => {
    assert.equal(readFileSync(join(ROOT, 'docs/reference', name), 'utf8'), page());
  });
}

for (const [name, svg] of drawings()) {
  test(`docs/pictures/${name} is not stale (else: npm run docs:drawings)`, () => {
    assert.equal(readFileSync(join(ROOT, 'docs/pictures', name), 'utf8'), svg);
  });
}

test('each key says in a few words what it is for', () => {
  const silent = KEYS.filter(({ description }) => description.length < 4 || /\.$/.test(description));
  assert.deepEqual(
    silent.map(({ section, name }) => `${section.name}.${name}`),
    [],
  );
});

test('each key that may be left out says what counts then', () => {
  /** One of the five that name a node has to be given; which one is the user's choice. */
  const ofNodes = ['node', 'service', 'container', 'netns', 'host'];
  const silent = KEYS.filter(({ isRequired, facts, name }) => !isRequired && !facts.default && !ofNodes.includes(name));
  assert.deepEqual(
    silent.map(({ section, name }) => `${section.name}.${name}`),
    [],
  );
});

const nameOf = ({ section, name }: Key): string => `${section.name}: ${name}`;

async function networkOf(text: string, name: string): Promise<Network> {
  const { topology, diagnostics } = await check(text);
  assert.deepEqual(lines(diagnostics), [], `${name}\n${text}`);
  const { network, diagnostics: counted } = instantiate(topology, { containers: [], netns: 'all', host: 'self' }, null);
  assert.deepEqual(lines(counted), [], `${name}\n${text}`);
  return network;
}

describe('the example of each key loads without a fault, and has the key', () => {
  for (const key of KEYS) {
    test(nameOf(key), async () => {
      await networkOf(key.example, nameOf(key));
      assert.match(key.example, new RegExp(`\\b${key.name}:|[{,] ?${key.name}:`));
    });
  }
});

describe('an edit does what the reference says', () => {
  for (const key of KEYS) {
    const { edited, edit } = key.facts;
    if (edited === undefined) continue;
    test(`${nameOf(key)}: ${String(edit)}`, async () => {
      const kernel = new ModelKernel();
      const before = await networkOf(key.example, nameOf(key));
      bringUp(before, kernel);
      const after = await networkOf(key.section.file(edited), nameOf(key));
      const { ops } = planOn(after, kernel).plan;
      assert.notDeepEqual(ops, []);
      const isSame = idsOf(before) === idsOf(after);
      const isMade = ops.some(({ op }) => op === 'link.add');
      assert.equal(isMade ? (isSame ? 'anew' : 'another link') : 'in place', edit, JSON.stringify(ops, null, 1));
    });
  }
});

function idsOf({ links }: Network): string {
  return links
    .map(({ id }) => id)
    .sort()
    .join(' ');
}
