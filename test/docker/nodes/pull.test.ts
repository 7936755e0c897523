/** Images that are missing: fetched from a registry once, however many nodes want them, with word of how far it is. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { type BringOptions, bringNodes, type NodeOutcome } from '../../../src/runtime/nodes/bring.ts';
import type { NodeRuntime } from '../../../src/runtime/nodes/node-runtime.ts';
import { openNodeRuntime } from '../../../src/runtime/nodes/open.ts';
import { ROOT } from '../../support/bin.ts';
import { containerNode } from '../../support/engine/definitions.ts';
import { startDockerd, type TestEngine } from '../../support/engine/dockerd.ts';
import { TestRegistry } from '../../support/engine/registry.ts';
import { temporaryFolder } from '../../support/folder.ts';

const LAB = 'pull-test';

describe('images of nodes', { timeout: 200_000 }, () => {
  let registry: TestRegistry;
  let engine: TestEngine;
  let runtime: NodeRuntime;

  before(async () => {
    registry = await TestRegistry.start();
    // Its loopback is ours.
    engine = await startDockerd('host');
    runtime = await openNodeRuntime({ kind: 'docker', socketPath: engine.socketPath });
  });
  after(async () => {
    for (const { id } of (await runtime?.list(LAB)) ?? []) await runtime.remove(id);
    const images = await engine?.docker('images', '--quiet', '127.0.0.1:*/lab/busybox');
    if (images) await engine.docker('rmi', '--force', ...new Set(images.split('\n')));
    await engine?.[Symbol.asyncDispose]();
    await registry?.[Symbol.asyncDispose]();
  });

  it('are fetched once each, and not where they are there', async () => {
    const [one, two] = [registry.image('1'), registry.image('2')];
    const definitions = [one, one, two, one, registry.image('missing')].map((image, index) =>
      containerNode(LAB, `n${index}`, { image }),
    );
    const told: Parameters<BringOptions['onPull']>[0][] = [];
    const bring = async (): Promise<readonly NodeOutcome[]> => {
      const outcomes: NodeOutcome[] = [];
      const around = () => ({ lab: LAB, files: 'f1', seesHost: true, hostsPath: null, hosts: [] });
      const options: BringOptions = { around, onPull: (progress) => told.push(progress), signal: null };
      for await (const outcome of bringNodes(runtime, LAB, definitions, options)) outcomes.push(outcome);
      return outcomes;
    };
    const outcomes = await bring();
    const failed = outcomes.flatMap((outcome) => (outcome.state === 'failed' ? [outcome.error] : []));
    assert.deepEqual(
      failed.map(({ code, where }) => [code, where]),
      [['E_NODE_FAILED', 'n4']],
    );
    assert.match(failed[0]?.message ?? '', /^cannot pull 127\.0\.0\.1:\d+\/lab\/busybox:missing: .*manifest unknown/);
    assert.match(failed[0]?.hint ?? '', /spelled right/);
    assert.equal(outcomes.filter(({ state }) => state === 'running').length, 4);
    const asked = registry.asked.length;
    const begun = told
      .filter(({ state }) => state === 'begun')
      .map(({ image }) => image)
      .sort();
    assert.deepEqual(begun, [one, two, registry.image('missing')].sort());
    const done = told.filter(({ state }) => state === 'done');
    assert.equal(done.length, 2);
    assert.ok(
      done.some(({ doneBytes, totalBytes }) => totalBytes > 100_000 && doneBytes === totalBytes),
      JSON.stringify(done),
    );

    await bring();
    assert.deepEqual(
      registry.asked.slice(asked).filter((path) => !/missing$|v2\/$/.test(path)),
      [],
    );
  });

  it('of a release stands on the digest that its tag has, which an engine can build on', async () => {
    using folder = temporaryFolder('pinned');
    const [file, base] = [join(folder.path, 'Dockerfile'), registry.image('base')];
    await writeFile(file, `ARG BASE=${base}\nFROM \${BASE}\n`);
    const script = join(ROOT, 'dist/scripts/release/base.js');
    const pin = (): Promise<string> =>
      execa(process.execPath, [script, file], { env: engine.env }).then(({ stdout }) => stdout);
    assert.equal(await pin(), `${base}: pinned`);
    const digest = registry.asked
      .findLast((path) => path.includes('/manifests/sha256:'))
      ?.split('/')
      .at(-1);
    assert.match(await readFile(file, 'utf8'), /^ARG BASE=127\.0\.0\.1:\d+\/lab\/busybox:base@sha256:[0-9a-f]{64}\n/);
    assert.ok((await readFile(file, 'utf8')).includes(`@${digest}\n`), digest);
    assert.equal(await pin(), `${base}: pinned already`);
    await engine.docker('build', '--quiet', folder.path);
  });
});
