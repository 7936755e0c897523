/**
 * Measures what each kind of rtnetlink message costs alone, and two kinds in both orders, device by device and kind by kind: where the
 * kernel waits. A program in C sends them (floor/kinds.c). What it counts as a wait is sure, on a busy machine too; times are not.
 *
 * `npm run bench:kinds -- [--devices N] [--rounds R]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runAsRoot } from '../as-root.ts';
import { machine, saveResult } from '../report.ts';
import { compileProgram } from '../rivals/floor.ts';
import { runProgram } from '../rivals/process.ts';

const SOURCE = fileURLToPath(new URL('../../../bench/floor/kinds.c', import.meta.url));
/** Fewer waits than this per device are those of other programs. */
const FEW_WAITS = 0.5;

interface Case {
  readonly side: string;
  readonly state: string;
  readonly first: string;
  readonly second: string;
  readonly order: string;
  readonly wallUs: number;
  readonly cpuUs: number;
  readonly waits: number;
}

const { values: flags } = parseArgs({
  options: { devices: { type: 'string', default: '64' }, rounds: { type: 'string', default: '3' } },
});

process.exitCode = await runAsRoot('bench:kinds', 'makes network devices', { network: true }, main);

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'linkloom-bench-'));
  try {
    const program = compileProgram(folder, 'kinds', SOURCE);
    if (program === null) throw new Error('no C compiler: there is nothing to measure with');
    report((await runProgram(program, [flags.devices, flags.rounds])).trim().split('\n').map(caseOf));
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function caseOf(line: string): Case {
  const [side = '', state = '', first = '', second = '', order = '', ...numbers] = line.split(' ');
  const [wallUs = 0, cpuUs = 0, waits = 0] = numbers.map(Number);
  return { side, state, first, second, order, wallUs, cpuUs, waits };
}

/** Each kind alone, and all pairs after which the kernel waits. */
function report(cases: readonly Case[]): void {
  const shown = cases.filter(({ order, waits }) => order === 'alone' || waits >= FEW_WAITS);
  const lines = shown.map(({ side, state, first, second, order, wallUs, cpuUs, waits }) => {
    const cells = [wallUs.toFixed(1), cpuUs.toFixed(1), waits.toFixed(2)];
    return `| ${[side, state, first, second, order, ...cells].join(' | ')} |`;
  });
  process.stdout.write(`| side | device | first | second | order | µs | CPU µs | waits |
| --- | --- | --- | --- | --- | ---: | ---: | ---: |
${lines.join('\n')}
`);
  process.stderr.write(`\nKept in ${saveResult('kinds', { machine: machine(), cases })}\n`);
}
