/**
 * Measures how soon a started container is linked, from the engine's `start` event until the daemon says that all its links are up,
 * while 1,000 other links exist; and what an idle daemon uses. It starts a container engine of its own.
 *
 * `npm run bench:daemon -- [--rounds R] [--idle SECONDS]`
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import Docker from 'dockerode';
import { BUSYBOX, ensureBusybox } from '../../test/support/engine/busybox.ts';
import { startDockerd, type TestEngine } from '../../test/support/engine/dockerd.ts';
import { runAsRoot } from '../as-root.ts';
import { machine, saveResult } from '../report.ts';
import { workFor } from '../shapes.ts';
import { Daemon } from './daemon-process.ts';

/** The other containers of the lab, and the links of each. */
const NEIGHBOURS = 10;
const LINKS_OF_NEIGHBOUR = 100;
const LINKS = 4;
const NAME = 'bench-one';
const IDLE_LINKS = 10_000;
/** The first resync comes after half a minute. From it the daemon learns how much a resync costs. */
const FIRST_LOOK_MS = 45_000;

const { values: flags } = parseArgs({
  options: { rounds: { type: 'string', default: '100' }, idle: { type: 'string', default: '60' } },
});

process.exitCode = await runAsRoot('bench:daemon', 'starts containers', { network: false }, main);

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'linkloom-bench-'));
  try {
    await using engine = await startDockerd();
    await ensureBusybox(engine);
    await measure(engine, folder);
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(engine: TestEngine, folder: string): Promise<void> {
  const file = join(folder, 'lab.json');
  writeFileSync(file, JSON.stringify(lab()));
  for (let at = 0; at < NEIGHBOURS; at++) await create(engine, neighbour(at));
  await create(engine, NAME);
  for (let at = 0; at < NEIGHBOURS; at++) await engine.docker('start', neighbour(at));
  const idle = await idleShare(engine, folder);
  await using daemon = await Daemon.start(engine.socketPath, file);
  const client = new Docker({ socketPath: engine.socketPath });
  const starts = await startsOf(client);
  const latenciesMs: number[] = [];
  const inspectsMs: number[] = [];
  for (let round = 0; round < Number(flags.rounds); round++) {
    const linked = daemon.nextLinked();
    const started = starts.next();
    await client.getContainer(NAME).start();
    latenciesMs.push((await linked) - (await started));
    const askedMs = performance.now();
    await client.getContainer(NAME).inspect();
    inspectsMs.push(performance.now() - askedMs);
    await client.getContainer(NAME).kill();
    // By then the daemon has noticed the end, and is idle again.
    await delay(300);
  }
  starts.close();
  report(latenciesMs, inspectsMs, idle);
}

/** The CPU share of an idle daemon with 10,000 links, after its first resync. */
async function idleShare(engine: TestEngine, folder: string): Promise<number> {
  const file = join(folder, 'idle.json');
  writeFileSync(file, (await workFor('direct', IDLE_LINKS)).config);
  await using daemon = await Daemon.start(engine.socketPath, file);
  await delay(FIRST_LOOK_MS);
  return await daemon.cpuShare(Number(flags.idle));
}

function neighbour(at: number): string {
  return `bench-neighbour-${at}`;
}

/** Bridges of two ports between neighbours. Each link of the one container shares a bridge with neighbours. */
function lab(): object {
  const links = Array.from({ length: NEIGHBOURS * LINKS_OF_NEIGHBOUR }, (_, at) => {
    const [node, dev] = [at % NEIGHBOURS, Math.floor(at / NEIGHBOURS)];
    return {
      ...{ container: neighbour(node), dev: `eth${dev}`, bridge: `b${at >> 1}` },
      ip: `10.${at >> 8}.${at & 255}.1/24`,
    };
  });
  const own = Array.from({ length: LINKS }, (_, at) => ({
    ...{ container: NAME, dev: `eth${at}`, bridge: `b${at}`, ip: `172.30.${at}.1/24` },
  }));
  return { lab: 'bench-daemon', links: [...links, ...own] };
}

async function create(engine: TestEngine, name: string): Promise<void> {
  await engine.docker('create', '--init', '--network', 'none', '--name', name, BUSYBOX, 'sleep', '1000000');
}

/** The times at which the engine's `start` events of the container arrive, one after another. */
async function startsOf(client: Docker): Promise<{ next(): Promise<number>; close(): void }> {
  const filters = JSON.stringify({ type: ['container'], event: ['start'], container: [NAME] });
  const stream = (await client.getEvents({ filters })) as NodeJS.ReadableStream & { destroy(): void };
  let told: (atMs: number) => void = () => {};
  stream.on('data', () => told(performance.now()));
  return {
    next: () =>
      new Promise((resolve) => {
        told = resolve;
      }),
    close: () => stream.destroy(),
  };
}

function report(latenciesMs: readonly number[], inspectsMs: readonly number[], idle: number): void {
  const quantile = (values: readonly number[], share: number): number =>
    [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
  const inspectMs = quantile(inspectsMs, 0.5);
  const [medianMs, p99Ms] = [quantile(latenciesMs, 0.5), quantile(latenciesMs, 0.99)];
  const title = `daemon: a container with ${LINKS} links starts, while ${NEIGHBOURS * LINKS_OF_NEIGHBOUR} links exist`;
  const header = machine();
  process.stdout.write(`${title}
${header.cpu} × ${header.cpus}, ${header.memoryGiB} GiB, Linux ${header.kernel}, Node ${header.node}

| from the start event to all links up | ms | beyond one inspect of the engine |
| --- | ---: | ---: |
| median | ${medianMs.toFixed(1)} | ${(medianMs - inspectMs).toFixed(1)} |
| 99 of 100 | ${p99Ms.toFixed(1)} | ${(p99Ms - inspectMs).toFixed(1)} |

idle with ${IDLE_LINKS} links over ${flags.idle} s: ${(idle * 100).toFixed(2)} % of a CPU
`);
  const path = saveResult('daemon', {
    title,
    machine: header,
    latenciesMs,
    inspectsMs,
    idleLinks: IDLE_LINKS,
    idleCpuShare: idle,
  });
  process.stderr.write(`\nKept in ${path}\n`);
}
