/** Makes the lab by one `ip` (or `ethtool`) process per step, four nodes at a time, as tools in shell do. */
import type { Work } from '../work.ts';
import { bridgeLines, nodeLines, portLines } from './lines.ts';
import { inParallel, runProgram } from './process.ts';

const WIDTH = 4;

/** Makes the lab. Resolves to the milliseconds that it took. */
export async function deployBySpawns(work: Work): Promise<number> {
  const started = performance.now();
  await makeSwitchNetns(work.switchName);
  const inSwitch = (line: readonly string[]): Promise<unknown> => runProgram('ip', ['-n', work.switchName, ...line]);
  for (const line of bridgeLines(work)) await inSwitch(line);
  await inParallel(work.nodes, WIDTH, async ({ name, links }) => {
    await runProgram('ip', ['netns', 'add', name]);
    for (const line of nodeLines(work, name, links)) await runProgram('ip', ['-n', name, ...line]);
    for (const { dev } of links) await checksumOff(name, dev);
  });
  const isPort = (line: readonly string[]): boolean => line.includes('master');
  await inParallel(portLines(work).filter(isPort), WIDTH, async (line) => void (await inSwitch(line)));
  await inParallel(
    portLines(work).filter((line) => !isPort(line)),
    WIDTH,
    async (line) => void (await inSwitch(line)),
  );
  return performance.now() - started;
}

/** Makes the switch namespace, with IPv6 off as linkloom does. Otherwise the rivals would pay for IPv6 too. */
export async function makeSwitchNetns(name: string): Promise<void> {
  await runProgram('ip', ['netns', 'add', name]);
  for (const scope of ['all', 'default']) {
    const path = `/proc/sys/net/ipv6/conf/${scope}/disable_ipv6`;
    await runProgram('ip', ['netns', 'exec', name, 'tee', path], '1');
  }
}

export async function checksumOff(node: string, dev: string): Promise<void> {
  await runProgram('ip', ['netns', 'exec', node, 'ethtool', '-K', dev, 'tx', 'off']);
}
