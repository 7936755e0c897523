/** `bench`: what labs of a shape cost on this machine. Each run is a process of its own, as a user starts it, on namespaces of its own. */
import { cpus, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { LinkloomError } from '../../errors.ts';
import type { Emit, Summary, Timings } from '../../events.ts';
import { MAIN_URL } from '../../layout.ts';
import { type GeneratedConfig, generate, type ShapeOptions } from '../../topology/shapes/generate.ts';
import type { ShapeName } from '../../topology/shapes/names.ts';
import type { BenchReport, Machine, Step } from './report.ts';

const BIN = fileURLToPath(MAIN_URL);

export interface BenchRequest {
  readonly shape: ShapeName;
  readonly options: ShapeOptions;
  readonly rounds: number;
  /** Worker threads; the default of `up` if absent. */
  readonly workers: number | undefined;
}

/** The machine that figures are of. */
export function machineOf(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cpus: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
  };
}

/**
 * Makes and removes the lab `rounds` times. Needs what `up` needs. Throws E_USAGE for impossible shapes, E_KERNEL where a run
 * fails; nothing is left behind then either.
 */
export async function bench(request: BenchRequest, emit: Emit, signal: AbortSignal): Promise<BenchReport> {
  const lab = `bench-${process.pid}`;
  const config = apart(generate(request.shape, { ...request.options, runtime: 'netns', lab }), lab);
  const run = runner(request, JSON.stringify(config), lab);
  const total = request.rounds * config.links.length;
  const rounds: Record<Step, Timings>[] = [];
  try {
    for (let round = 1; round <= request.rounds && !signal.aborted; round++) {
      rounds.push({ up: await run('up', signal), again: await run('again', signal), down: await run('down', signal) });
      emit({ type: 'progress', what: 'links', done: round * config.links.length, total, failed: 0 });
    }
  } catch (error) {
    await run('down', null);
    if (!signal.aborted) throw error;
  }
  if (signal.aborted) throw new LinkloomError('E_INTERRUPTED', 'interrupted; what was made is gone again');
  const nodes = new Set(config.links.map((link) => link.netns)).size;
  const report = { machine: machineOf(), shape: request.shape, nodes, links: config.links.length };
  return { ...report, rounds, medians: mediansOf(rounds) };
}

/** Names that no namespace of the machine has. */
function apart(config: GeneratedConfig, lab: string): GeneratedConfig {
  return { ...config, links: config.links.map((link) => ({ ...link, netns: `${lab}-${link.netns ?? ''}` })) };
}

function runner(request: BenchRequest, input: string, lab: string) {
  const workers = request.workers === undefined ? [] : ['--workers', String(request.workers)];
  return async (step: Step, signal: AbortSignal | null): Promise<Timings> => {
    const args = step === 'down' ? ['down', '--lab', lab] : ['up', '-f', '-', ...workers];
    const { execa } = await import('execa');
    const { stdout, stderr, exitCode } = await execa(
      process.execPath,
      [BIN, ...args, '--json', '--progress', 'quiet'],
      {
        reject: false,
        input: step === 'down' ? '' : input,
        ...(signal === null ? {} : { cancelSignal: signal }),
      },
    );
    if (exitCode === 0) return (JSON.parse(stdout) as Summary).timings;
    throw new LinkloomError('E_KERNEL', `\`linkloom ${args.join(' ')}\` failed: ${stderr.trim()}`);
  };
}

function mediansOf(rounds: readonly Readonly<Record<Step, Timings>>[]): Record<Step, Timings> {
  const medianOf = (step: Step): Timings => {
    const of = (name: keyof Timings): number => median(rounds.map((round) => round[step][name]));
    return {
      ...{ loadMs: of('loadMs'), observeMs: of('observeMs'), planMs: of('planMs') },
      ...{ applyMs: of('applyMs'), totalMs: of('totalMs') },
    };
  };
  return { up: medianOf('up'), again: medianOf('again'), down: medianOf('down') };
}

/** The middle value; of an even number of them the mean of the middle two. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
