/** The repository itself: its import walls hold. Each row is a file that the walls have to refuse, or to let pass. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../support/bin.ts';

/** file, what it imports, whether that is refused. */
const ROWS: readonly (readonly [file: string, source: string, refused: boolean])[] = [
  ['src/net/a.ts', '../topology/topology.ts', true],
  ['src/net/b.ts', 'node:fs', true],
  ['src/net/c.ts', 'node:crypto', false],
  ['src/net/d.ts', 'execa', true],
  ['src/diagnostics/a.ts', '../errors.ts', true],
  ['src/diagnostics/b.ts', './table.ts', false],
  ['src/kinds/a.ts', '../net/address.ts', true],
  ['src/kinds/links/b.ts', '../../topology/topology.ts', true],
  ['src/kinds/links/c.ts', './kind.ts', false],
  ['src/capture/a.ts', '../net/ns-id.ts', true],
  ['src/capture/b.ts', 'node:fs', true],
  ['src/capture/c.ts', './filter.ts', false],
  ['src/plan/h.ts', '../capture/filter.ts', true],
  ['workers/e.ts', '../src/capture/pcapng.ts', false],
  ['src/config/a.ts', '../net/address.ts', false],
  ['src/config/b.ts', '../topology/topology.ts', true],
  ['src/config/c.ts', '../lab/session.ts', true],
  ['src/routing/a.ts', '../config/config.ts', false],
  ['src/routing/b.ts', '../topology/topology.ts', true],
  ['src/routing/c.ts', 'node:fs', true],
  ['src/topology/a.ts', '../config/schema.ts', false],
  ['src/topology/b.ts', '../wire/op.ts', true],
  ['src/topology/shapes/c.ts', '../../engine/execute.ts', true],
  ['src/topology/d.ts', 'node:fs', true],
  ['src/topology/e.ts', 'yaml', true],
  ['src/play/a.ts', '../config/play/timeline.ts', false],
  ['src/play/b.ts', '../lab/session.ts', true],
  ['src/play/c.ts', 'node:timers', true],
  ['src/cluster/a.ts', '../topology/topology.ts', false],
  ['src/cluster/b.ts', '../lab/session.ts', true],
  ['src/cluster/c.ts', '../engine/execute.ts', true],
  ['src/cluster/d.ts', 'koffi', true],
  ['src/cluster/nats/e.ts', '@nats-io/jetstream', false],
  ['src/lab/f.ts', '@nats-io/jetstream', true],
  ['src/wire/a.ts', '../topology/topology.ts', false],
  ['src/wire/b.ts', '../topology/normalise.ts', true],
  ['src/wire/c.ts', '../plan/plan.ts', true],
  ['src/wire/d.ts', 'node:fs', true],
  ['src/plan/a.ts', '../topology/topology.ts', false],
  ['src/plan/b.ts', '../wire/seen.ts', false],
  ['src/plan/c.ts', '../engine/execute.ts', true],
  ['src/plan/d.ts', 'node:crypto', true],
  ['src/plan/e.ts', '../config/schema.ts', true],
  ['src/plan/f.ts', '../lab/stages.ts', true],
  ['src/plan/g.ts', '../report/table.ts', true],
  ['src/check/a.ts', '../topology/check/spec.ts', false],
  ['src/check/b.ts', '../engine/execute.ts', true],
  ['src/check/c.ts', 'node:fs', true],
  ['src/spread/a.ts', '../topology/topology.ts', false],
  ['src/spread/b.ts', '../engine/partition.ts', true],
  ['src/spread/c.ts', 'node:fs', true],
  ['src/preflight/a.ts', '../plan/plan.ts', false],
  ['src/preflight/b.ts', '../engine/execute.ts', true],
  ['src/preflight/checks/c.ts', 'node:fs', true],
  ['src/proof/a.ts', '../plan/observed.ts', false],
  ['src/proof/b.ts', '../engine/execute.ts', true],
  ['src/proof/c.ts', 'node:timers', true],
  ['src/engine/i.ts', '../preflight/facts.ts', false],
  ['src/engine/a.ts', 'piscina', false],
  ['src/engine/b.ts', '../lab/pipeline.ts', true],
  ['src/engine/c.ts', '../../workers/link-worker.ts', true],
  ['src/engine/d.ts', '../layout.ts', false],
  ['src/engine/e.ts', '../lab/session.ts', true],
  ['src/engine/f.ts', '../runtime/engine.ts', true],
  ['src/engine/g.ts', 'dockerode', true],
  ['src/engine/h.ts', 'koffi', true],
  ['src/layout.ts', '../workers/link-worker.ts', true],
  ['src/events.ts', './topology/topology.ts', true],
  ['src/lab-events.ts', './lab/session.ts', true],
  ['src/notices.ts', './net/ns-id.ts', true],
  ['src/supervisor/a.ts', '../runtime/process.ts', false],
  ['src/supervisor/b.ts', '../runtime/engine.ts', true],
  ['src/supervisor/c.ts', '../engine/execute.ts', true],
  ['src/supervisor/d.ts', 'dockerode', true],
  ['src/lab/a.ts', '../engine/execute.ts', false],
  ['src/lab/b.ts', '../cli/run.ts', true],
  ['src/lab/c.ts', '../report/table.ts', true],
  ['src/lab/d.ts', 'dockerode', true],
  ['src/lab/e.ts', '../daemon/loop.ts', true],
  ['src/runtime/a.ts', 'dockerode', false],
  ['src/runtime/b.ts', '../engine/execute.ts', true],
  ['src/runtime/c.ts', '../topology/normalise.ts', true],
  ['src/runtime/e.ts', '../topology/nodes/definition.ts', false],
  ['src/runtime/d.ts', '../lab/session.ts', true],
  ['src/runtime/e.ts', '../net/ns-id.ts', false],
  ['src/runtime/f.ts', '../net/address.ts', true],
  ['src/picture/a.ts', './graph.ts', false],
  ['src/picture/b.ts', 'd3-force', false],
  ['src/picture/c.ts', '../topology/topology.ts', true],
  ['src/picture/d.ts', 'node:fs', true],
  ['src/page/a.ts', '../picture/picture.ts', false],
  ['src/page/b.ts', '../report/escape.ts', true],
  ['src/page/c.ts', 'node:fs', true],
  ['src/page/ui/d.ts', '../../net/address.ts', true],
  ['src/report/e.ts', '../picture/graph.ts', false],
  ['src/report/f.ts', '../page/dom.ts', true],
  ['src/report/a.ts', '../events.ts', false],
  ['src/report/b.ts', '../lab/pipeline.ts', true],
  ['src/report/c.ts', '../lab/stages.ts', true],
  ['src/report/d.ts', '../engine/execute.ts', true],
  ['src/export/a.ts', '../topology/normalise.ts', true],
  ['src/export/b.ts', 'node:fs', true],
  ['src/export/c.ts', '../config/config.ts', false],
  ['src/mdc/a.ts', '../cli/run.ts', true],
  ['src/mdc/b.ts', '../lab/session.ts', true],
  ['src/daemon/a.ts', '../lab/pipeline.ts', false],
  ['src/daemon/b.ts', '../cli/run.ts', true],
  ['src/daemon/c.ts', '../report/table.ts', true],
  ['src/hosts/agent/a.ts', '../../daemon/follow-lab.ts', false],
  ['src/hosts/agent/b.ts', '../../cli/run.ts', true],
  ['src/hosts/verbs/c.ts', '../../report/table.ts', true],
  ['src/hosts/verbs/d.ts', '@nats-io/jetstream', true],
  ['src/api/a.ts', '../daemon/asked/control.ts', false],
  ['src/api/b.ts', '../engine/execute.ts', true],
  ['src/api/c.ts', '../cli/run.ts', true],
  ['src/daemon/d.ts', '../api/routes.ts', true],
  ['src/daemon/e.ts', 'fastify', true],
  ['src/cli/a.ts', '../daemon/loop.ts', false],
  ['src/cli/b.ts', 'dockerode', true],
  ['src/cli/c.ts', 'koffi', true],
  ['src/cli/d.ts', '../engine/execute.ts', true],
  ['src/cli/e.ts', '../net/ns-id.ts', false],
  ['src/cli/f.ts', '../net/mark.ts', true],
  ['src/library/a.ts', '../cli/run.ts', true],
  ['src/attic/a.ts', '../errors.ts', true],
  ['src/loose.ts', './errors.ts', true],
  ['workers/a.ts', '../src/wire/task.ts', false],
  ['workers/b.ts', 'koffi', false],
  ['workers/c.ts', '../src/engine/execute.ts', true],
  ['workers/d.ts', 'piscina', true],
  ['workers/rtnl/e.ts', '../../src/config/schema.ts', true],
  ['workers/rtnl/f.ts', '../netns.ts', true],
  ['workers/netlink/g.ts', '../rtnl/link.ts', true],
];

interface Found {
  readonly from: string;
  readonly rule: { readonly name: string };
}

/** The files among the probes that break a wall. Each stands in a copy of the sources, in both ways to import and once for a type. */
function refusals(): ReadonlySet<string> {
  const folder = mkdtempSync(join(tmpdir(), 'walls-'));
  try {
    for (const name of ['src', 'workers', 'tsconfig.json', 'package.json', '.dependency-cruiser.mjs']) {
      cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    }
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const probes = ROWS.flatMap(([file, source]) =>
      WAYS.map((way) => ({ file: probeOf(file, way), text: statement(way, source) })),
    );
    for (const { file, text } of probes) {
      mkdirSync(join(folder, dirname(file)), { recursive: true });
      writeFileSync(join(folder, file), `${before(join(folder, file))}${text}\n`);
    }
    const bin = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const args = [bin, 'src', 'workers', '--output-type', 'json'];
    const { stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 256 * 2 ** 20,
    });
    assert.notEqual(stdout, '', stderr);
    const { summary } = JSON.parse(stdout) as { summary: { violations: readonly Found[] } };
    // Nothing imports a probe: that is not what is tried here.
    return new Set(summary.violations.filter(({ rule }) => rule.name !== 'orphan').map(({ from }) => from));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const WAYS = ['value', 'lazy', 'type'] as const;
type Way = (typeof WAYS)[number];

/** Files that exist are tried as they are, with one import more. */
function probeOf(file: string, way: Way): string {
  return EXISTING.has(file) ? file : file.replace(/\.ts$/, `-${way}.ts`);
}

const EXISTING = new Set(['src/layout.ts', 'src/events.ts', 'src/lab-events.ts', 'src/notices.ts']);

function before(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function statement(way: Way, source: string): string {
  if (way === 'lazy') return `export const lazy = () => import('${source}');`;
  return `export ${way === 'type' ? 'type ' : ''}* from '${source}';`;
}

const refused = refusals();

for (const [file, source, isRefused] of ROWS) {
  test(`${file} ${isRefused ? 'may not' : 'may'} import ${source}`, () => {
    for (const way of WAYS) assert.equal(refused.has(probeOf(file, way)), isRefused, way);
  });
}
