/** The list of faults: each is provoked by its example, and the page about them is that of the list. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { FileExample } from '../../../scripts/diagnostics/example.ts';
import { EXAMPLES } from '../../../scripts/diagnostics/examples.ts';
import { diagnosticsPage } from '../../../scripts/diagnostics/page.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { CHAPTERS, DIAGNOSTICS, severityOf } from '../../../src/diagnostics/table.ts';
import type { Diagnostic } from '../../../src/errors.ts';
import { checkNetwork } from '../../../src/topology/checks.ts';
import { instantiate } from '../../../src/topology/instantiate.ts';
import { normalise } from '../../../src/topology/normalise.ts';
import type { Container } from '../../../src/topology/topology.ts';
import { ROOT } from '../../support/bin.ts';
import { folderOf } from '../config/loading.ts';
import { replica, runningContainer } from '../topology/specs.ts';

const rows = Object.entries(DIAGNOSTICS);

describe('the list of faults', () => {
  test('has each code once, in one chapter', () => {
    const codes = Object.values(CHAPTERS).flatMap((chapter) => Object.keys(chapter));
    assert.deepEqual(codes, [...new Set(codes)]);
    assert.deepEqual(codes, Object.keys(DIAGNOSTICS));
  });

  test('codes are words with dashes; causes and cures are sentences', () => {
    for (const [code, { cause, cure }] of rows) {
      assert.match(code, /^[a-z0-9]+(-[a-z0-9]+)*$/);
      for (const sentence of [cause, cure]) assert.match(sentence, /^[A-Z`].*\.$/, code);
    }
  });
});

/** All that is said of an example, up to what is known before the kernel is touched. */
async function said(example: FileExample): Promise<readonly Diagnostic[]> {
  await using folder = await folderOf(example.files);
  for (const [name, target] of Object.entries(example.symlinks ?? {})) await symlink(target, join(folder.path, name));
  const named = Object.keys(example.files).filter((name) => !name.startsWith('.'));
  const files = example.shown === undefined ? named : named.slice(0, 1);
  const loaded = await loadConfig({ cwd: folder.path, env: {}, files, ...example.request });
  const options = { lab: loaded.lab, haveOpenvswitch: false, uplinkAddress: example.uplinkAddress };
  const { topology, diagnostics } = normalise(loaded.config, options);
  const { network, diagnostics: counted } = instantiate(topology, { containers: running(example), ...HERE }, null);
  return [...loaded.diagnostics, ...diagnostics, ...counted, ...checkNetwork(network)];
}

const HERE = { netns: 'all', host: 'self' } as const;

function running({ replicas = {}, twice }: FileExample): readonly Container[] {
  const all = Object.entries(replicas).flatMap(([name, count]) =>
    Array.from({ length: count }, (_, at) => replica(name, at + 1)),
  );
  return twice === undefined ? all : [runningContainer(twice, 1), runningContainer(twice, 2)];
}

describe('each fault is reported for its example', () => {
  for (const [code, example] of Object.entries(EXAMPLES)) {
    if ('when' in example) continue;
    test(code, async () => {
      const found = await said(example);
      const codes = found.map((fault) => fault.code);
      assert.ok(
        codes.some((each) => each === code),
        `${JSON.stringify(found.slice(0, 5), null, 1)}`,
      );
      for (const fault of found) assert.equal(fault.severity, severityOf(fault.code));
    });
  }
});

test('each fault whose example is told in words is reported somewhere', () => {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
  const sources = files
    .filter((file) => file.endsWith('.ts') && !file.startsWith('diagnostics/'))
    .map((file) => readFileSync(join(ROOT, 'src', file), 'utf8'));
  const spoken = Object.entries(EXAMPLES).filter(([, example]) => 'when' in example);
  for (const [code] of spoken) {
    assert.ok(
      sources.some((text) => text.includes(`'${code}'`)),
      code,
    );
  }
});

test('docs/diagnostics.md is not stale (else: npm run docs:diagnostics)', () => {
  assert.equal(readFileSync(join(ROOT, 'docs/diagnostics.md'), 'utf8'), diagnosticsPage());
});
