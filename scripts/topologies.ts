/**
 * Bring up every lab of other tools in a folder, as `npm run test:topologies DIR` does: imported with namespaces for its nodes, up
 * and verified, down, in a sandbox. A row of the table tells of each what was not carried over, and where it failed. Needs root.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { enterSandbox, runApart } from './sandbox.ts';

const PROGRAM = fileURLToPath(new URL('../../lib/src/main.js', import.meta.url));
const OWN = fileURLToPath(new URL('../../test/fixtures/topologies', import.meta.url));
/** Most of a lab's time is waiting, for the kernel and for probes. */
const LANES = 2 * availableParallelism();
/** The code of what a kernel does not have. */
const LACKS = '[feature-missing]';

interface Row {
  readonly file: string;
  readonly nodes: number;
  readonly links: number;
  /** How many parts were not carried over, renamed, or stood in for. */
  readonly notes: number;
  /** How many links probes have proved; the others have no other end that could be. */
  readonly proved: number;
  readonly upMs: number;
  /** The first line that says what went wrong; null if nothing did. */
  readonly fault: string | null;
}

/** What came of a lab. */
type Result = 'ok' | 'KERNEL LACKS' | 'FAILED';
type Tally = Record<Result, number>;

const [folder = OWN, lane, tallies = ''] = process.argv.slice(2);
process.exit(lane === undefined ? await runAll() : await runLane(Number(lane)));

/** Runs all lanes, each in a sandbox of its own: labs may have devices of one name in the host's namespace. */
async function runAll(): Promise<number> {
  const count = labsIn(folder).length;
  process.stdout.write(`${['result', 'nodes', 'links', 'proved', 'notes', 'up ms', 'file'].join('\t')}\n`);
  const shared = mkdtempSync(join(tmpdir(), 'linkloom-topologies-'));
  try {
    const ends = Array.from({ length: LANES }, (_, at) => runApart([folder, String(at), shared], { network: true }));
    await Promise.all(ends);
    const found = readdirSync(shared).map((name): Tally => JSON.parse(readFileSync(join(shared, name), 'utf8')));
    const sum = (result: Result): number => found.reduce((total, tally) => total + tally[result], 0);
    const [passed, lacking] = [sum('ok'), sum('KERNEL LACKS')];
    // What a lane did not come to has failed, too.
    const failed = count - passed - lacking;
    process.stdout.write(`${passed} passed, ${failed} failed, ${lacking} not possible on this kernel\n`);
    return failed > 0 || count === 0 ? 1 : 0;
  } finally {
    rmSync(shared, { recursive: true });
  }
}

/** Runs every file whose turn it is, and leaves behind how many came to what. */
async function runLane(at: number): Promise<number> {
  await enterSandbox({ network: true });
  const tally: Tally = { ok: 0, 'KERNEL LACKS': 0, FAILED: 0 };
  for (const [turn, file] of labsIn(folder).entries()) {
    if (turn % LANES !== at) continue;
    const { nodes, links, proved, notes, upMs, fault } = await runOne(file, `topologies-${at}`);
    const result: Result = fault === null ? 'ok' : fault.includes(LACKS) ? 'KERNEL LACKS' : 'FAILED';
    tally[result] += 1;
    const row = [result, nodes, links, proved, notes, upMs, file.slice(folder.length + 1)];
    process.stdout.write(`${row.join('\t')}${fault === null ? '' : `\t${fault}`}\n`);
  }
  writeFileSync(join(tallies, `${at}.json`), JSON.stringify(tally));
  return 0;
}

/** Every file below a folder that may be a lab: `lab.conf`, and what is YAML, JSON or GraphML, but no `.startup` and the like. */
function labsIn(parent: string): readonly string[] {
  return readdirSync(parent)
    .sort()
    .flatMap((name) => {
      const path = join(parent, name);
      if (statSync(path).isDirectory()) return labsIn(path);
      return basename(path) === 'lab.conf' || /\.(?:ya?ml|json|graphml)$/.test(name) ? [path] : [];
    });
}

/** Names of labs differ between lanes: /etc/netns is the machine's, in every sandbox. */
async function runOne(file: string, lab: string): Promise<Row> {
  const imported = await run(['import', file, '--as', 'netns', '--no-carry-impair', '--format', 'json']);
  const notes = imported.stderr.split('\n').filter((line) => line.startsWith('WARNING: ')).length;
  const row = { file, nodes: 0, links: 0, proved: 0, notes, upMs: 0, fault: faultOf(imported) };
  if (row.fault !== null) return row;
  const started = performance.now();
  const up = await run(['up', '-f', '-', '--lab', lab, '--verify', '--json'], imported.stdout);
  const upMs = Math.round(performance.now() - started);
  const { links = { desired: 0 }, verify } = up.exitCode === 0 ? JSON.parse(up.stdout) : {};
  const down = await run(['down', '--lab', lab]);
  const nodes = Object.keys(JSON.parse(imported.stdout).nodes ?? {}).length;
  return {
    ...row,
    nodes,
    links: links.desired,
    proved: verify?.counts.ok ?? 0,
    upMs,
    fault: faultOf(up) ?? faultOf(down),
  };
}

interface Run {
  readonly exitCode?: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(args: readonly string[], input = ''): Promise<Run> {
  return execa(process.execPath, [PROGRAM, ...args], { input, reject: false });
}

function faultOf({ exitCode, stderr }: Run): string | null {
  if (exitCode === 0) return null;
  return stderr.split('\n').find((line) => line.startsWith('ERROR: ')) ?? `status ${exitCode}`;
}
