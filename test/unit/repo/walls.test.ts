/** The repository itself: its import walls hold. Each row is a file that lint has to refuse, or to let pass. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../support/bin.ts';

/** file, what it imports, whether that is refused. */
const ROWS: readonly (readonly [file: string, source: string, refused: boolean])[] = [
  ['src/net/a.ts', '../topology/topology.ts', true],
  ['src/net/b.ts', 'node:fs', true],
  ['src/net/c.ts', 'node:crypto', false],
  ['src/config/a.ts', '../net/address.ts', false],
  ['src/config/b.ts', '../topology/topology.ts', true],
  ['src/topology/a.ts', '../config/schema.ts', false],
  ['src/topology/b.ts', '../plan/op.ts', true],
  ['src/topology/shapes/c.ts', '../../engine/execute.ts', true],
  ['src/topology/d.ts', 'node:fs', true],
  ['src/plan/a.ts', '../topology/topology.ts', false],
  ['src/plan/b.ts', '../engine/protocol.ts', false],
  ['src/plan/c.ts', '../engine/execute.ts', true],
  ['src/plan/d.ts', 'node:crypto', true],
  ['src/engine/a.ts', 'piscina', false],
  ['src/engine/b.ts', '../pipeline.ts', true],
  ['src/engine/c.ts', '../../workers/link-worker.ts', true],
  ['src/engine/d.ts', '../layout.ts', false],
  ['src/layout.ts', '../workers/link-worker.ts', true],
  ['src/pipeline.ts', './engine/execute.ts', false],
  ['src/pipeline.ts', './cli/up.ts', true],
  ['src/runtime/a.ts', 'dockerode', false],
  ['src/runtime/b.ts', '../engine/execute.ts', true],
  ['src/report/a.ts', '../events.ts', false],
  ['src/report/b.ts', '../pipeline.ts', true],
  ['src/daemon/a.ts', '../pipeline.ts', false],
  ['src/daemon/b.ts', '../cli/up.ts', true],
  ['src/cli/a.ts', '../daemon/loop.ts', false],
  ['src/cli/b.ts', 'dockerode', true],
  ['src/cli/c.ts', 'koffi', true],
  ['workers/a.ts', '../src/engine/protocol.ts', false],
  ['workers/b.ts', 'koffi', false],
  ['workers/c.ts', '../src/engine/execute.ts', true],
  ['workers/rtnl/d.ts', '../../src/config/schema.ts', true],
];

/** `FILE: SOURCE` of each import that lint refuses, written in both ways: all rows in one run, which takes a while to start. */
function refusals(): ReadonlySet<string> {
  const folder = mkdtempSync(join(tmpdir(), 'walls-'));
  try {
    // The copy is in no git repository, and has no node_modules for the schema.
    const { $schema: _schema, vcs: _vcs, ...config } = JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8'));
    writeFileSync(join(folder, 'biome.json'), JSON.stringify(config));
    for (const [file, source] of ROWS) {
      mkdirSync(join(folder, dirname(file)), { recursive: true });
      appendFileSync(join(folder, file), statements(source));
    }
    const biome = join(ROOT, 'node_modules', '.bin', 'biome');
    const args = ['lint', '--reporter=json', '--max-diagnostics=none', '.'];
    const { stdout } = spawnSync(biome, args, { cwd: folder, encoding: 'utf8' });
    const report = JSON.parse(stdout) as Report;
    return new Set(
      report.diagnostics
        .filter((found) => found.category === 'lint/style/noRestrictedImports')
        .map(({ location: { path, start } }) => {
          const line = readFileSync(join(folder, path), 'utf8').split('\n')[start.line - 1] ?? '';
          return `${path}: ${line}`;
        }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Report {
  readonly diagnostics: readonly {
    readonly category: string;
    readonly location: { readonly path: string; readonly start: { readonly line: number } };
  }[];
}

/** The two ways to import, a line each. */
function statements(source: string): string {
  return `export * from '${source}';\nexport const lazy = () => import('${source}');\n`;
}

const refusedImports = refusals();

for (const [file, source, refused] of ROWS) {
  test(`${file} ${refused ? 'may not' : 'may'} import ${source}`, () => {
    for (const line of statements(source).trim().split('\n')) {
      assert.equal(refusedImports.has(`${file}: ${line}`), refused, line);
    }
  });
}
