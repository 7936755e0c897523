/**
 * A network of containers with FRR converges, and does so again after one of them is started anew. LINKLOOM_TEST_ROUTERS in the
 * environment makes it larger: 30 are 30 containers with 120 wires.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { SaxesParser } from 'saxes';
import { linkloom, type Ran } from '../../support/bin.ts';
import { startDockerd, type TestEngine } from '../../support/engine/dockerd.ts';
import { ensureFrr } from '../../support/engine/frr.ts';
import { figures } from '../../support/faults/amount.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { uniqueName } from '../../support/netns.ts';

const ROUTERS = Number(process.env['LINKLOOM_TEST_ROUTERS'] || 8);
/** Even, and small enough that no two routers are wired twice. */
const WIRES_PER_ROUTER = ROUTERS > 16 ? 8 : 4;
const PATIENCE_S = 90;

/** A suite of JUnit's XML, and its cases. */
interface Suite {
  readonly attributes: Readonly<Record<string, string>>;
  readonly cases: { readonly name: string; failure: string | null }[];
}

function suitesOf(xml: string): readonly Suite[] {
  const suites: Suite[] = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (name === 'testsuite') suites.push({ attributes, cases: [] });
    if (name === 'testcase') suites.at(-1)?.cases.push({ name: attributes['name'] ?? '', failure: null });
    const last = suites.at(-1)?.cases.at(-1);
    if (last && (name === 'failure' || name === 'error')) last.failure = attributes['message'] ?? '';
  });
  parser.write(xml).close();
  return suites;
}

describe(`${ROUTERS} containers with FRR`, { timeout: 800_000 }, () => {
  const lab = uniqueName('routers');
  let engine: TestEngine;
  let folder: Folder;
  let file = '';

  before(async () => {
    engine = await startDockerd();
    folder = temporaryFolder('routers');
    file = join(folder.path, 'lab.yaml');
    const image = await ensureFrr(engine);
    const shape = ['circulant', '--nodes', `${ROUTERS}`, '--links', `${WIRES_PER_ROUTER}`];
    const made = await linkloom([
      'generate',
      ...shape,
      '--image',
      image,
      '--frr',
      'ospf',
      '--fast-timers',
      '--lab',
      lab,
    ]);
    assert.equal(made.exitCode, 0, made.stderr);
    writeFileSync(file, made.stdout);
  });
  after(async () => {
    await run('down', '--lab', lab);
    await engine?.[Symbol.asyncDispose]();
    folder?.[Symbol.dispose]();
  });

  function run(...words: readonly string[]): Promise<Ran> {
    return linkloom(words, { env: { DOCKER_HOST: `unix://${engine.socketPath}` }, timeoutMs: 300_000 });
  }

  /** All pairs of loopbacks are reached, as the exit status, the JSON and the XML say. */
  async function converged(when: string): Promise<void> {
    const [junit, startMs] = [join(folder.path, `${when}.xml`), Date.now()];
    const words = ['check', '-f', file, '--all-pairs', '--within', `${PATIENCE_S}`, '--junit', junit, '--json'];
    const ran = await run(...words);
    assert.equal(ran.exitCode, 0, `${ran.stdout}${ran.stderr}`);
    const pairs = ROUTERS * (ROUTERS - 1);
    const { allPairs } = JSON.parse(ran.stdout);
    assert.deepEqual([allPairs.pairs, allPairs.reached], [pairs, pairs]);
    const [suite, ...others] = suitesOf(readFileSync(junit, 'utf8'));
    assert.deepEqual(others, []);
    const { name, tests, failures, errors, skipped } = suite?.attributes ?? {};
    assert.deepEqual([name, tests, failures, errors, skipped], [`pairs of ${lab}`, `${ROUTERS}`, '0', '0', '0']);
    assert.equal(new Set(suite?.cases.map((one) => one.name)).size, ROUTERS);
    assert.deepEqual(
      suite?.cases.filter(({ failure }) => failure !== null),
      [],
    );
    figures(`${ROUTERS} routers, ${when}`, { seconds: (Date.now() - startMs) / 1000 });
  }

  it('come up and reach each other, all with all', async () => {
    const made = await run('up', '-f', file, '--json');
    assert.equal(made.exitCode, 0, made.stderr);
    assert.equal(JSON.parse(made.stdout).links.created, ROUTERS * WIRES_PER_ROUTER);
    await converged('first');
  });

  it('reach each other again after one was started anew', async () => {
    const ran = await run('restart', '-f', file, 'n0');
    assert.equal(ran.exitCode, 0, ran.stderr);
    await converged('restarted');
  });
});
