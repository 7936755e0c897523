/**
 * What labs on one host pay for those on several: CPU time of whole processes of linkloom, divided by that of the same program without
 * its code for several hosts and without the packages of NATS. Both run in turn in each round, and each is the first in half of them.
 *
 * `npm run bench:alone -- [--rounds R]`. It has no cost if 1 is in the 95 % interval of the median of the rounds' ratios.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { withAndWithoutHosts } from '../../scripts/cluster/without-hosts.ts';
import { median } from '../../src/lab/bench/bench.ts';
import { runAsRoot } from '../as-root.ts';
import { spentBy } from '../macro/spent.ts';
import { removeAll } from '../quiet.ts';
import { machine, saveText } from '../report.ts';
import { workFor } from '../shapes.ts';
import { medianInterval } from './interval.ts';

const LINKS = 400;
const ONE = { lab: 'bench', links: [{ netns: 'one', dev: 'eth0', bridge: 'b0', ip: '10.0.0.1/24' }] };

const { values: flags } = parseArgs({ options: { rounds: { type: 'string', default: '21' } } });

process.exitCode = await runAsRoot('bench:alone', 'makes network namespaces', { network: true }, main);

interface Row {
  readonly name: string;
  readonly wholeCpuMs: readonly number[];
  readonly withoutCpuMs: readonly number[];
}

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'linkloom-alone-'));
  try {
    const programs = withAndWithoutHosts(join(folder, 'programs'));
    const file = (name: string, config: string): string => {
      const path = join(folder, `${name}.json`);
      writeFileSync(path, config);
      return path;
    };
    const [one, many] = [file('one', JSON.stringify(ONE)), file('many', (await workFor('direct', LINKS)).config)];
    const measure = (name: string, verbs: readonly (readonly string[])[]): Row =>
      inTurn(name, [programs.whole, programs.without], verbs, join(folder, 'cache'));
    const [up, down] = [(path: string) => ['up', '-f', path, '--progress', 'quiet'], ['down', '--lab', 'bench']];
    const again = (name: string, path: string): Row => {
      spentBy([programs.whole, ...up(path)]);
      const row = measure(name, [up(path)]);
      spentBy([programs.whole, ...down]);
      return row;
    };
    const rows = [
      again('up of one link, nothing to do', one),
      again(`up of ${LINKS} links, nothing to do`, many),
      measure('up and down of one link', [up(one), down]),
      measure(`up and down of ${LINKS} links`, [up(many), down]),
    ];
    saveText('alone.json', `${JSON.stringify({ machine: machine(), load: loadavg()[0], rows }, null, 2)}\n`);
    process.stdout.write(tableOf(rows));
    return 0;
  } finally {
    await removeAll();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs the verbs by each program in each round. The first round, in which V8's code is kept, does not count. */
function inTurn(
  name: string,
  programs: readonly [whole: string, without: string],
  verbs: readonly (readonly string[])[],
  cache: string,
): Row {
  const samples = programs.map((): number[] => []);
  for (let round = -1; round < Number(flags.rounds); round++) {
    const order = round % 2 === 0 ? [0, 1] : [1, 0];
    for (const at of order) {
      let cpuMs = 0;
      for (const words of verbs) cpuMs += spentBy([programs[at] ?? '', ...words], { XDG_CACHE_HOME: cache }).cpuMs;
      if (round >= 0) samples[at]?.push(cpuMs);
    }
  }
  const [wholeCpuMs = [], withoutCpuMs = []] = samples;
  return { name, wholeCpuMs, withoutCpuMs };
}

function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(({ name, wholeCpuMs, withoutCpuMs }) => {
    const ratios = wholeCpuMs.map((cpuMs, round) => cpuMs / (withoutCpuMs[round] ?? Number.NaN));
    const [low, high] = medianInterval(ratios);
    const figures = [median(wholeCpuMs).toFixed(0), median(withoutCpuMs).toFixed(0), median(ratios).toFixed(3)];
    return `| ${[name, ...figures, `${low.toFixed(3)}–${high.toFixed(3)}`].join(' | ')} |`;
  });
  return `| what | CPU ms | without, CPU ms | ratio | 95 % interval |\n| --- | ---: | ---: | ---: | ---: |\n${lines.join('\n')}\n`;
}
