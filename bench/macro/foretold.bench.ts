/**
 * Compares the times that `doctor` foretells with those that `up` and `down` take, shape by shape.
 *
 * `npm run bench:foretold -- [--shape NAME]… [--size LINKS]… [--rounds R]`
 */
import { parseArgs } from 'node:util';
import { median } from '../../src/lab/bench/bench.ts';
import { runAsRoot } from '../as-root.ts';
import { removeAll, untilQuiet } from '../quiet.ts';
import { BIN, deployByLinkloom, removeByLinkloom } from '../rivals/linkloom.ts';
import { runProgram } from '../rivals/process.ts';
import { SHAPES, type Shape, workFor } from '../shapes.ts';
import { type Work, workOf } from '../work.ts';

const KINDS = [...SHAPES, 'ovs'] as const;
type Kind = (typeof KINDS)[number];

const { values: flags } = parseArgs({
  options: {
    shape: { type: 'string', multiple: true, default: [...KINDS] },
    size: { type: 'string', multiple: true, default: ['400', '1000'] },
    rounds: { type: 'string', default: '3' },
  },
});

interface Times {
  readonly upMs: number;
  readonly downMs: number;
}

process.exitCode = await runAsRoot('bench:foretold', 'makes network namespaces', { network: true }, main);

async function main(): Promise<number> {
  for (const name of flags.shape) {
    const kind = KINDS.find((known) => known === name);
    if (kind === undefined) throw new Error(`no shape ${name}: ${KINDS.join(', ')}`);
    for (const size of flags.size) process.stdout.write(await lineOf(kind, Number(size)));
  }
  return 0;
}

async function lineOf(kind: Kind, size: number): Promise<string> {
  const work = await workOfKind(kind, size);
  const foretold: Times[] = [];
  const measured: Times[] = [];
  try {
    for (let round = 0; round < Number(flags.rounds); round++) {
      await untilQuiet();
      foretold.push(await foretell(work));
      const up = await deployByLinkloom(work);
      measured.push({ upMs: up.totalMs, downMs: (await removeByLinkloom(work)).totalMs });
    }
  } finally {
    await removeAll();
  }
  const part = (what: keyof Times): string => {
    const [said, took] = [foretold, measured].map((all) => median(all.map((times) => times[what])));
    return `${what.replace('Ms', '')} ${said?.toFixed(0)} foretold, ${took?.toFixed(0)} ms taken`;
  };
  return `${kind} ${work.linkCount} links: ${part('upMs')}; ${part('downMs')}\n`;
}

/** Open vSwitch with its own datapath, which every kernel can run. */
async function workOfKind(kind: Kind, size: number): Promise<Work> {
  if (kind !== 'ovs') return await workFor(kind, size);
  const patch = await workFor('patch' satisfies Shape, size);
  const config = JSON.parse(patch.config) as { readonly bridges: readonly object[] };
  const bridges = config.bridges.map((bridge) => ({ ...bridge, mode: 'ovs', datapath: 'netdev' }));
  return { ...workOf(JSON.stringify({ ...config, bridges }), patch.lab), linkCount: patch.linkCount };
}

async function foretell({ config }: Work): Promise<Times> {
  const words = ['doctor', '--json', '--progress', 'quiet', '-f', '-'];
  return (JSON.parse(await runProgram(process.execPath, [BIN, ...words], config)) as { readonly lab: Times }).lab;
}
