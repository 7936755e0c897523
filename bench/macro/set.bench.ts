/**
 * Measures `set` on hundreds of links at once (down, up, a rate by tbf) against the same messages from a program in C, on the same lab.
 * What is measured is from the first message to the last acknowledgement.
 *
 * `npm run bench:set -- [--nodes N] [--links M] [--rounds R]`
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Dispatch } from '../../src/events.ts';
import { median } from '../../src/lab/bench/bench.ts';
import type { SetRequest } from '../../src/lab/override/set-links.ts';
import { reset, set } from '../../src/lab/verbs/set.ts';
import { runAsRoot } from '../as-root.ts';
import { untilQuiet } from '../quiet.ts';
import { machine, saveResult } from '../report.ts';
import { compileProgram } from '../rivals/floor.ts';
import { linkloom } from '../rivals/linkloom.ts';
import { runProgram } from '../rivals/process.ts';

const LAB = 'bench-set';
const SOURCE = fileURLToPath(new URL('../../../bench/floor/set.c', import.meta.url));
const RATE_BITS = 10_000_000;
/** As `set` chooses them for an MTU of 65,535 at this rate: a bucket of one packet, and 50 ms more that wait. */
const TBF = { bytesPerSec: RATE_BITS / 8, burst: 65_557, limit: 131_114 };

const CHANGES = {
  down: { state: 'down' },
  up: { state: 'up' },
  rate: { impair: { rateBitsPerSec: RATE_BITS } },
} as const satisfies Readonly<Record<string, SetRequest['settings']>>;

type Change = keyof typeof CHANGES;

const SILENT = { emit: () => {}, signal: null };

const { values: flags } = parseArgs({
  options: {
    nodes: { type: 'string', default: '100' },
    links: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '5' },
  },
});

process.exitCode = await runAsRoot('bench:set', 'makes a lab and sets its links', { network: true }, main);

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'linkloom-bench-'));
  try {
    const floor = compileProgram(folder, 'set', SOURCE);
    if (floor === null) throw new Error('no C compiler: there is no floor to compare with');
    const file = join(folder, 'lab.json');
    const shape = ['--nodes', flags.nodes, '--links', flags.links, '--lab', LAB, '--format', 'json'];
    writeFileSync(file, await linkloom(['generate', 'circulant', ...shape]));
    await linkloom(['up', '--progress', 'quiet', '-f', file]);
    try {
      await untilQuiet();
      report(await measure(file, floor));
    } finally {
      await linkloom(['down', '--progress', 'quiet', '--lab', LAB]);
    }
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Samples = Record<Change, { readonly linkloom: number[]; readonly floor: number[] }>;

/** The same changes by turns, from the same state. A first round warms both up. */
async function measure(file: string, floor: string): Promise<Samples> {
  const none = (): Samples[Change] => ({ linkloom: [], floor: [] });
  const samples: Samples = { down: none(), up: none(), rate: none() };
  for (let round = 0; round <= Number(flags.rounds); round++) {
    const marks = new Map<Change, string>();
    for (const change of Object.keys(CHANGES) as Change[]) {
      const tookMs = await byLinkloom(file, change);
      marks.set(change, inputOf(change));
      if (round > 0) samples[change].linkloom.push(tookMs);
    }
    await reset(requestOf(file), { links: [] }, SILENT);
    for (const [change, input] of marks) {
      const tookMs = Number(await runProgram(floor, [], input));
      if (round > 0) samples[change].floor.push(tookMs);
    }
    await reset(requestOf(file), { links: [] }, SILENT);
  }
  return samples;
}

function requestOf(file: string): Parameters<typeof set>[0] {
  return {
    load: { cwd: '/', env: {}, files: [file], asCompose: false },
    defaults: { haveOpenvswitch: null },
    ...{ side: 'netns', preflight: false, workers: 1, sockets: { dockerSocket: '', podmanSocket: '' } },
  };
}

/** The time of the messages to the devices themselves, without what comes back because of them. */
async function byLinkloom(file: string, change: Change): Promise<number> {
  const dispatches: Dispatch[] = [];
  const asked = { links: ['*:*'], settings: CHANGES[change], both: false };
  const io = { ...SILENT, onDispatch: (dispatch: Dispatch) => dispatches.push(dispatch) };
  const { failures } = await set(requestOf(file), asked, io);
  if (failures.length > 0) throw new Error(failures[0]?.message);
  const jobs = dispatches.filter(({ phase }) => phase === 'links' || phase === 'impair').flatMap((one) => one.jobs);
  const ends = jobs.map(({ endedMs }) => endedMs);
  return Math.max(...ends) - Math.min(...jobs.map(({ startedMs }) => startedMs));
}

interface Device {
  readonly ifindex: number;
  readonly ifname: string;
  readonly ifalias?: string;
}

/** What the floor reads to do to the devices what has just been done: with the marks that they have now. */
function inputOf(change: Change): string {
  const names = (JSON.parse(execFileSync('ip', ['-json', 'netns', 'list'], { encoding: 'utf8' })) as { name: string }[])
    .map(({ name }) => name)
    .filter((name) => !name.startsWith('linkloom-'));
  const lines = names.flatMap((name) => {
    const text = execFileSync('ip', ['-json', '-n', name, 'link'], { encoding: 'utf8' });
    const devices = (JSON.parse(text) as Device[]).filter(({ ifname }) => ifname !== 'lo');
    return [
      `node ${name}`,
      ...devices.map(({ ifindex, ifalias }) =>
        change === 'rate'
          ? `rate ${ifindex} ${TBF.bytesPerSec} ${TBF.burst} ${TBF.limit}`
          : `${change} ${ifindex} ${ifalias ?? '='}`,
      ),
    ];
  });
  return `${lines.join('\n')}\n`;
}

function report(samples: Samples): void {
  const links = Number(flags.nodes) * Number(flags.links);
  const rows = Object.entries(samples).map(([change, { linkloom: own, floor }]) => {
    const [ownMs, floorMs] = [median(own), median(floor)];
    return { change, linkloomMs: ownMs, floorMs, ratio: ownMs / floorMs, samplesMs: { linkloom: own, floor } };
  });
  for (const { change, linkloomMs, floorMs, ratio } of rows) {
    process.stdout.write(
      `${change.padEnd(5)} ${links} links: linkloom ${linkloomMs.toFixed(1)} ms, floor ${floorMs.toFixed(1)} ms, ${ratio.toFixed(2)} ×\n`,
    );
  }
  process.stdout.write(`kept in ${saveResult('set', { machine: machine(), links, rows })}\n`);
}
