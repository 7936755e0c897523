/** No code but the tables of kinds compares the word of a kind of link, a type of tunnel or a mode: it asks what the kind is. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BRIDGE_MODES } from '../../../src/kinds/bridge-modes.ts';
import { LINK_TYPES, linkKind } from '../../../src/kinds/links/link-kinds.ts';
import { TUNNEL_TYPES } from '../../../src/kinds/tunnel-kinds.ts';
import { ROOT } from '../../support/bin.ts';

/** Where the words may be compared: what a kind is, and how the kernel's messages say it. */
const TABLES = [/^src\/kinds\//, /^workers\/rtnl\/(link|tunnel)-data[.]ts$/];

const kinds = [...LINK_TYPES, ...TUNNEL_TYPES].join('|');
const bridgeModes = BRIDGE_MODES.filter((mode) => mode !== 'auto').join('|');
const linkModes = [...new Set(LINK_TYPES.flatMap((type) => linkKind(type).modes))].join('|');

const COMPARED = [
  new RegExp(`(?:[!=]==\\s*|\\bcase\\s+|includes\\()'(?:${kinds})'`),
  new RegExp(`'(?:${kinds})'\\s*[!=]==`),
  new RegExp(`\\bmode\\b\\)?\\s*[!=]==\\s*'(?:${bridgeModes}|${linkModes})'`, 'i'),
  new RegExp(`\\bcase\\s+'(?:${bridgeModes})'`),
  /\bkind\b\)?\s*[!=]==\s*'bridge'/,
];

function comparisonsIn(text: string): readonly string[] {
  return COMPARED.flatMap((pattern) => pattern.exec(text)?.[0] ?? []);
}

test('only the tables of kinds compare the words of kinds and modes', () => {
  const files = ['src', 'workers'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  );
  const others = files.filter((file) => file.endsWith('.ts') && !TABLES.some((table) => table.test(file)));
  const found = others.flatMap((file) =>
    comparisonsIn(readFileSync(join(ROOT, file), 'utf8')).map((comparison) => `${file}: ${comparison}`),
  );
  assert.deepEqual(found, []);
});

test('a comparison is found in whichever form it is written', () => {
  for (const text of [
    "if (link.type !== 'veth') return;",
    "case 'macvlan':",
    "'gre' === type",
    "link.kind === 'bridge'",
    "bridge.mode === 'patch'",
    "(written.mode) !== 'passthru'",
    "case 'ovs':",
    "if (['dummy'].includes('vlan')) return;",
  ]) {
    assert.equal(comparisonsIn(text).length > 0, true, text);
  }
  for (const text of ["node.kind === 'netns'", "process.platform === 'linux'", "make: { type: 'veth', peer }"]) {
    assert.deepEqual(comparisonsIn(text), [], text);
  }
});
