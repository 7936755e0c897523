/**
 * Run suites of compiled tests: `node dist/scripts/run-tests.js SUITE[/FOLDER]…`. Each suite runs in a sandbox (as
 * root), files one at a time where they touch the kernel; what a suite leaves behind fails the run. Suites that mostly
 * wait run in two lanes, side by side. The last line is `N passed, N failed`, over all suites.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, constants, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';
import { endProcesses, type LeakScope, leaks, RUN_VARIABLE, snapshot } from '../test/support/leaks.ts';
import { natsServer } from './cluster/nats-server.ts';
import { enterSandbox, runApart } from './sandbox.ts';
import { type Failure, Failures, failuresText } from './suites/failures.ts';
import { groupsOf } from './together/groups.ts';

/**
 * `network`: where its devices live; `root`: what it can't do without. Times are per file, or, where files share
 * a process, per test. `together`: how many pure files share one. `lane`: suites of the lane `cpus` run first, several files at once; then those of
 * `kernel` and `engines`, one file of each lane at a time.
 */
const SUITES = {
  unit: { root: false, network: 'own', lane: 'cpus', timeoutMs: 180_000, together: 25 },
  long: { root: false, network: 'own', lane: 'cpus', timeoutMs: 300_000 },
  cli: { root: false, network: 'own', lane: 'cpus', timeoutMs: 180_000 },
  property: { root: false, network: 'own', lane: 'cpus', timeoutMs: 300_000, together: 4 },
  conformance: { root: false, network: 'own', lane: 'cpus', timeoutMs: 180_000 },
  kernel: { root: true, network: 'own', lane: 'kernel', timeoutMs: 600_000 },
  docker: { root: true, network: 'machine', lane: 'engines', timeoutMs: 900_000 },
  browser: { root: true, network: 'own', lane: 'engines', timeoutMs: 600_000 },
  cluster: { root: true, network: 'own', lane: 'kernel', timeoutMs: 5_400_000 },
  site: { root: true, network: 'own', lane: 'engines', timeoutMs: 600_000 },
  faults: { root: true, network: 'own', lane: 'kernel', timeoutMs: 3_600_000 },
} as const satisfies Record<
  string,
  {
    readonly root: boolean;
    readonly network: 'own' | 'machine';
    readonly lane: 'cpus' | 'kernel' | 'engines';
    readonly timeoutMs: number;
    readonly together?: number;
  }
>;
/** For all files that share a process, on a machine that is busy. */
const GROUP_TIMEOUT_MS = 900_000;
/** Suites that other scripts run; package.json has them as `test:NAME`. */
const ELSEWHERE = ['vm', 'nodes', 'topologies'];
/** Names a part of one of these that has run before: `--ran=vm/smoke`. */
const RAN = '--ran=';

/** A suite's folder under test/, or one within it (`kernel/ops`). */
interface Suite {
  readonly path: string;
  readonly kind: (typeof SUITES)[keyof typeof SUITES];
}

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** What came of a suite. */
interface Outcome {
  readonly counts: Counts;
  readonly failures: readonly Failure[];
}

/** What came of all suites so far. */
interface Tally {
  readonly counts: Counts;
  readonly failures: Failure[];
  readonly notes: string[];
}

/** Where the sandboxed run of one suite writes its outcome. */
const OUTCOME = 'LINKLOOM_TEST_OUTCOME';
/** Test processes inherit it from the process that runs them. */
const DESCRIPTORS = new URL('../test/support/descriptors.js', import.meta.url).href;
const TESTS = fileURLToPath(new URL('../test/', import.meta.url));
const isRoot = process.getuid?.() === 0;

// A test that hangs keeps this process alive by the pipes to it: the end is said, not awaited.
process.exit(process.env[OUTCOME] === undefined ? await outer() : await inner());

/** All suites, each in a process of its own. */
async function outer(): Promise<number> {
  const words = process.argv.slice(2);
  const suites = words.filter((word) => !word.startsWith(RAN)).map(asSuite);
  const elsewhere = words.filter((word) => word.startsWith(RAN)).map((word) => word.slice(RAN.length));
  const tally: Tally = { counts: { passed: 0, failed: 0, skipped: 0 }, failures: [], notes: [] };
  const lane = (name: Suite['kind']['lane']): readonly Suite[] => suites.filter(({ kind }) => kind.lane === name);
  await runInTurn(lane('cpus'), tally, '');
  // A suite with a network of its own can't get it.
  if (suites.some(({ path }) => path.startsWith('cluster'))) await natsServer();
  const mixed = lane('kernel').length > 0 && lane('engines').length > 0;
  await Promise.all([runInTurn(lane('kernel'), tally, ''), runInTurn(lane('engines'), tally, mixed ? '    | ' : '')]);
  const { counts, failures, notes } = tally;
  process.stdout.write(`\n${failuresText(failures)}${notes.join('\n')}\n`);
  process.stdout.write(`${notRun([...suites.map(({ path }) => path), ...elsewhere])}\n`);
  if (counts.skipped > 0) process.stdout.write(`SKIPPED: ${counts.skipped} tests did not run on this machine\n`);
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
  return counts.failed > 0 || counts.passed === 0 ? 1 : 0;
}

/** One suite after another. Each line that it prints begins with `mark`. */
async function runInTurn(suites: readonly Suite[], tally: Tally, mark: string): Promise<void> {
  for (const suite of suites) {
    process.stdout.write(`\n${mark}== ${suite.path} tests\n`);
    const started = Date.now();
    const { counts, failures } = await runSuite(suite, tally.notes, mark);
    const { passed, failed, skipped } = counts;
    tally.failures.push(...failures);
    tally.counts.passed += passed;
    tally.counts.failed += failed;
    tally.counts.skipped += skipped;
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    tally.notes.push(`${suite.path}: ${passed} passed, ${failed} failed, ${skipped} skipped, ${seconds} s`);
  }
}

/** Names what this run left out, so that nobody takes it for all there is. */
function notRun(ran: readonly string[]): string {
  const parts = ran.filter((path) => path.includes('/')).map((path) => path.split('/')[0] ?? '');
  const left = [...Object.keys(SUITES), ...ELSEWHERE].filter((name) => !ran.includes(name));
  const named = left.map((name) => (parts.includes(name) ? `the rest of test:${name}` : `test:${name}`));
  return `Not run here: ${named.join(', ')}`;
}

async function runSuite(suite: Suite, notes: string[], mark: string): Promise<Outcome> {
  if (suite.kind.root && !isRoot) {
    if (process.env['CI'] === 'true') return failedWhole(suite, 'need root, and CI=true allows no skips');
    notes.push(`SKIPPED: the ${suite.path} tests need root`);
    return { counts: { passed: 0, failed: 0, skipped: testFiles(suite).length }, failures: [] };
  }
  const folder = mkdtempSync(join(tmpdir(), 'linkloom-tests-'));
  const file = join(folder, 'outcome.json');
  try {
    const sandbox = isRoot ? { network: suite.kind.network === 'own' } : null;
    const options = { nodeArgs: ['--import', DESCRIPTORS], env: { [OUTCOME]: file }, mark };
    const status = await runApart([suite.path], sandbox, options);
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Outcome;
    return failedWhole(suite, `ended early, with status ${status}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function failedWhole({ path }: Suite, why: string): Outcome {
  const failures = [{ where: `the ${path} tests ${why}`, error: '' }];
  return { counts: { passed: 0, failed: 1, skipped: 0 }, failures };
}

/** One suite, in the process (and, as root, the sandbox) that `outer` gave it. */
async function inner(): Promise<number> {
  const suite = asSuite(process.argv[2] ?? '');
  if (isRoot) await enterSandbox({ network: true });
  const outcomeFile = process.env[OUTCOME] ?? '';
  delete process.env[OUTCOME];
  const scope: LeakScope = {
    run: randomUUID(),
    tmp: mkdtempSync(join(tmpdir(), `linkloom-${suite.path.replaceAll('/', '-')}-`)),
    ownNetwork: isRoot && suite.kind.network === 'own',
  };
  process.env[RUN_VARIABLE] = scope.run;
  process.env['TMPDIR'] = scope.tmp;
  const cleanUp = (): void => {
    endProcesses(scope.run);
    rmSync(scope.tmp, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      cleanUp();
      process.exit(128 + constants.signals[signal]);
    });
  }
  const before = snapshot(scope);
  const failures = new Failures(TESTS);
  const counts = await runFiles(suite, scope.tmp, failures);
  const left = await leaks(before, scope);
  for (const thing of left) tellFailure(failures, '', `LEAK: the ${suite.path} tests left a ${thing}`);
  if (left.length > 0) counts.failed += 1;
  cleanUp();
  writeFileSync(outcomeFile, JSON.stringify({ counts, failures: failures.list } satisfies Outcome));
  return counts.failed > 0 ? 1 : 0;
}

/** One that node:test does not tell of. */
function tellFailure(failures: Failures, file: string, what: string): void {
  process.stdout.write(`${what}${file === '' ? '' : ` (${file})`}\n`);
  failures.add(file, what);
}

async function runFiles(suite: Suite, tmp: string, failures: Failures): Promise<Counts> {
  const { timeoutMs } = suite.kind;
  const files = testFiles(suite);
  if (!('together' in suite.kind)) return await runNode(suite, files, timeoutMs, failures);
  const names = files.map((file) => relative(TESTS, file));
  using groups = groupsOf(names, suite.kind.together, {
    ...{ root: TESTS, folder: join(tmp, 'together'), timeoutMs },
  });
  const counts = await runNode(suite, groups.entries, GROUP_TIMEOUT_MS, failures);
  for (const name of groups.endedEarly()) {
    tellFailure(failures, '', `ENDED EARLY: the process of a group of tests, during ${name}`);
    counts.failed += 1;
  }
  return counts;
}

/** Runs each file by a process of its own. */
async function runNode(
  { kind }: Suite,
  files: readonly string[],
  timeout: number,
  failures: Failures,
): Promise<Counts> {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  if (files.length === 0) return counts;
  const stream = run({ files, concurrency: kind.lane === 'cpus' ? availableParallelism() : 1, timeout });
  stream.on('test:start', (event) => failures.started(event));
  stream.on('test:fail', (event) => failures.failed(event));
  stream.on('test:diagnostic', ({ nesting, message }) => {
    const [, word, number] = /^(pass|fail|cancelled|skipped) (\d+)$/.exec(message) ?? [];
    if (nesting !== 0 || word === undefined) return;
    if (word === 'pass') counts.passed += Number(number);
    else if (word === 'skipped') counts.skipped += Number(number);
    else counts.failed += Number(number);
  });
  // A warning of Node.js itself (a listener leak, something deprecated) is a fault of what was tested.
  stream.on('test:stderr', ({ file, message }) => {
    const warning = /^\(node:\d+\) .*Warning.*/m.exec(message);
    if (warning === null) return;
    tellFailure(failures, file, `WARNED: ${warning[0]}`);
    counts.failed += 1;
  });
  for await (const text of stream.compose(new spec())) process.stdout.write(String(text));
  return counts;
}

/** Compiled test files of a suite, sorted. */
function testFiles(suite: Suite): string[] {
  const folder = join(TESTS, suite.path);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.js'))
    .sort()
    .map((name) => join(folder, name));
}

function asSuite(path: string): Suite {
  const [name = ''] = path.split('/');
  const kind = Object.entries(SUITES).find(([each]) => each === name)?.[1];
  if (kind === undefined) throw new Error(`no suite of tests is called '${name}': ${Object.keys(SUITES).join(', ')}`);
  if (testFiles({ path, kind }).length === 0) throw new Error(`there are no tests under test/${path}`);
  return { path, kind };
}
