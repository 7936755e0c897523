/**
 * What a whole process costs where there is nothing to do: CPU time of all its threads as a multiple of `node -e 0`, in turn in each round.
 *
 * `npm run bench:process -- [--rounds R] [--wait-rounds R]`. The second is of `up --wait` beside 50 containers that start, and after them;
 * 0 leaves it out. Containers are those of a dockerd of its own.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from '../../src/lab/bench/bench.ts';
import { BUSYBOX, ensureBusybox } from '../../test/support/engine/busybox.ts';
import { startDockerd, type TestEngine } from '../../test/support/engine/dockerd.ts';
import { runAsRoot } from '../as-root.ts';
import { removeAll } from '../quiet.ts';
import { machine, saveText } from '../report.ts';
import { BIN, linkloom } from '../rivals/linkloom.ts';
import { workFor } from '../shapes.ts';
import { type Spent, spentBy } from './spent.ts';
import { measureStanding, type Standing, startPrograms } from './start.ts';

const STEADY = 40;
const STARTING = 50;

const { values: flags } = parseArgs({
  options: { rounds: { type: 'string', default: '11' }, 'wait-rounds': { type: 'string', default: '3' } },
});

process.exitCode = await runAsRoot('bench:process', 'makes network namespaces', { network: true }, main);

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'linkloom-process-'));
  await using engine = await startDockerd();
  await ensureBusybox(engine);
  try {
    const rows = await processRows(folder, engine);
    const text = `${tableOf(rows)}\n${await waitTable(folder, engine)}`;
    saveText('process.json', `${JSON.stringify({ machine: machine(), rows }, null, 2)}\n`);
    process.stdout.write(text);
    return 0;
  } finally {
    await removeAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface ProcessRow {
  readonly name: string;
  readonly samples: readonly Spent[];
}

/** Each lab is there when it is measured, and no other, as one process looks into the namespaces of all. */
async function processRows(folder: string, engine: TestEngine): Promise<readonly ProcessRow[]> {
  const file = (name: string, config: string): string => {
    const path = join(folder, `${name}.json`);
    writeFileSync(path, config);
    return path;
  };
  const sockets = ['--docker-socket', engine.socketPath];
  await containers(engine, 'steady', STEADY, 'run');
  const [base, version] = startPrograms(folder);
  const labs: readonly Standing[] = [
    { lab: 'start', name: 'one link', args: ['-f', join(folder, 'one.json')] },
    { lab: 'bench', name: '400 links', args: ['-f', file('links', (await workFor('direct', 400)).config)] },
    {
      lab: 'steady',
      name: `${STEADY} containers, ${2 * STEADY} links`,
      args: [...sockets, '-f', file('steady', ringOf('steady', STEADY))],
    },
  ];
  const rounds = Number(flags.rounds);
  const idle: Spent[] = [];
  const alone: Spent[] = [];
  for (let round = 0; round < rounds; round++) {
    idle.push(spentBy(base.args));
    alone.push(spentBy(version.args));
  }
  const rows = await measureStanding(labs, base, rounds);
  return [
    { name: base.name, samples: [...idle, ...rows.flatMap((row) => row.base)] },
    { name: version.name, samples: alone },
    ...rows,
  ];
}

/** A ring of `direct` wires between containers. */
function ringOf(lab: string, nodes: number): string {
  const links = Array.from({ length: nodes }, (_, at) => [
    { container: `${lab}${at}`, dev: 'eth0', bridge: `w${at}`, ip: `10.0.${at}.1/24` },
    { container: `${lab}${(at + 1) % nodes}`, dev: 'eth1', bridge: `w${at}`, ip: `10.0.${at}.2/24` },
  ]);
  const bridges = Array.from({ length: nodes }, (_, at) => ({ bridge: `w${at}`, mode: 'direct' }));
  return JSON.stringify({ lab, links: links.flat(), bridges });
}

async function containers(
  engine: TestEngine,
  lab: string,
  count: number,
  how: 'run' | 'create',
): Promise<readonly string[]> {
  const names = Array.from({ length: count }, (_, at) => `${lab}${at}`);
  for (const name of names) {
    const options = ['--network', 'none', '--name', name, BUSYBOX, 'sleep', '3600'];
    await engine.docker(how, ...(how === 'run' ? ['--detach'] : []), ...options);
  }
  return names;
}

function tableOf([base, ...rows]: readonly ProcessRow[]): string {
  const figures = (row: ProcessRow | undefined) => {
    const cpu = row?.samples.map(({ cpuMs }) => cpuMs) ?? [];
    return {
      median: median(cpu),
      least: Math.min(...cpu),
      wall: median(row?.samples.map(({ wallMs }) => wallMs) ?? []),
    };
  };
  const of = figures(base);
  const lines = [base, ...rows].map((row) => {
    const { median: middle, least, wall } = figures(row);
    const cells = [row?.name, wall.toFixed(0), middle.toFixed(0), least.toFixed(0)];
    return `| ${[...cells, (middle / of.median).toFixed(2), (least / of.least).toFixed(2)].join(' | ')} |`;
  });
  return `| program | ms | CPU ms | least CPU ms | × node -e 0 | least × |\n| --- | ---: | ---: | ---: | ---: | ---: |\n${lines.join('\n')}\n`;
}

/** How long it takes from the first container's start to the last link, with `up --wait` beside the starts and after them. */
async function waitTable(folder: string, engine: TestEngine): Promise<string> {
  const rounds = Number(flags['wait-rounds']);
  if (rounds === 0) return '';
  const names = await containers(engine, 'late', STARTING, 'create');
  const file = join(folder, 'late.json');
  writeFileSync(file, ringOf('late', STARTING));
  const words = [BIN, 'up', '-f', file, '--docker-socket', engine.socketPath, '--wait', '120', '--progress', 'quiet'];
  const samples = { beside: [] as number[], after: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    for (const how of ['after', 'beside'] as const) {
      const startedMs = performance.now();
      const starts = engine.docker('start', ...names);
      if (how === 'after') await starts;
      const child = spawn(process.execPath, words, { stdio: 'inherit' });
      const [status] = await once(child, 'close');
      await starts;
      if (status !== 0) throw new Error(`up --wait ${how}: status ${status}`);
      samples[how].push(performance.now() - startedMs);
      await engine.docker('kill', ...names);
      await linkloom(['down', '--lab', 'late', '--docker-socket', engine.socketPath]);
    }
  }
  const [beside, after] = [samples.beside, samples.after].map(median);
  return `up --wait of ${2 * STARTING} links beside ${STARTING} containers that start: ${beside?.toFixed(0)} ms; starting them first: ${after?.toFixed(0)} ms (medians of ${rounds})\n`;
}
