/** Measures how long the program takes to start: whole processes, in turn with one that does nothing. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median } from '../../src/lab/bench/bench.ts';
import { BIN, linkloom } from '../rivals/linkloom.ts';

/** The medians for one program. */
export interface Start {
  readonly name: string;
  readonly wallMs: number;
  /** User and system time of the process and its threads. */
  readonly cpuMs: number;
}

/** Measures `node -e 0`, `linkloom version`, and `up` of one link, `rounds` times each, in turn. */
export async function measureStart(folder: string, rounds: number): Promise<readonly Start[]> {
  const file = join(folder, 'one.json');
  const link = { netns: 'start-node', dev: 'eth0', bridge: 'b0', ip: '10.0.0.1/24' };
  writeFileSync(file, JSON.stringify({ lab: 'start', links: [link] }));
  const programs = [
    { name: 'node -e 0', args: ['-e', '0'] },
    { name: 'linkloom version', args: [BIN, 'version'] },
    { name: 'linkloom up, one link', args: [BIN, 'up', '-f', file, '--progress', 'quiet'] },
  ];
  const samples = programs.map(() => ({ wall: [] as number[], cpu: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (const [at, { args }] of programs.entries()) {
      const { wallMs, cpuMs } = await once(args);
      samples[at]?.wall.push(wallMs);
      samples[at]?.cpu.push(cpuMs);
    }
    await linkloom(['down', '--lab', 'start']);
  }
  return programs.map(({ name }, at) => ({
    name,
    wallMs: median(samples[at]?.wall ?? []),
    cpuMs: median(samples[at]?.cpu ?? []),
  }));
}

/** Runs a process once. As it ends, the process itself reports its CPU time. */
async function once(args: readonly string[]): Promise<{ wallMs: number; cpuMs: number }> {
  const source = `import { writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
if (isMainThread) process.on('exit', () => { const { user, system } = process.cpuUsage(); writeSync(3, String((user + system) / 1000)); });`;
  const preload = ['--import', `data:text/javascript,${encodeURIComponent(source)}`];
  const startedMs = performance.now();
  const child = spawn(process.execPath, [...preload, ...args], { stdio: ['ignore', 'ignore', 'inherit', 'pipe'] });
  let used = '';
  child.stdio[3]?.on('data', (chunk) => {
    used += String(chunk);
  });
  const status = await new Promise((resolve) => child.on('close', resolve));
  if (status !== 0) throw new Error(`${args.join(' ')}: status ${status}`);
  return { wallMs: performance.now() - startedMs, cpuMs: Number(used) };
}
