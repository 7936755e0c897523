/** Makes the lab by one `ip -batch -` per namespace, four at a time: the best that `ip` can do. */
import type { Work } from '../work.ts';
import { batchOf, bridgeLines, nodeLines, portLines } from './lines.ts';
import { inParallel, runProgram } from './process.ts';
import { checksumOff, makeSwitchNetns } from './spawn.ts';

const WIDTH = 4;

/**
 * Makes the lab. Resolves to the milliseconds. With `offload` it also runs one `ethtool` per link, since `ip` can't switch offload
 * off.
 */
export async function deployByBatch(work: Work, offload: boolean): Promise<number> {
  const started = performance.now();
  await makeSwitchNetns(work.switchName);
  await batch(work.switchName, bridgeLines(work));
  await inParallel(work.nodes, WIDTH, async ({ name, links }) => {
    await runProgram('ip', ['netns', 'add', name]);
    await batch(name, nodeLines(work, name, links));
    if (offload) for (const { dev } of links) await checksumOff(name, dev);
  });
  await batch(work.switchName, portLines(work));
  return performance.now() - started;
}

async function batch(netns: string, lines: readonly string[][]): Promise<void> {
  await runProgram('ip', ['-n', netns, '-batch', '-'], batchOf(lines));
}
