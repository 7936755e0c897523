/** Runs on a host: reads what to ping from its input, writes how it went. */
import { text } from 'node:stream/consumers';
import { execa } from 'execa';
import type { Pinged } from './crossing.ts';

interface Task {
  readonly wire: string;
  readonly from: { readonly netns: string; readonly dev: string };
  readonly to: string;
}

interface Input {
  readonly tasks: readonly Task[];
  readonly count: 'once' | number;
  readonly intervalMs: number;
}

/** So many programs at a time start where each is over at once. */
const AT_ONCE = 12;

const { tasks, count, intervalMs }: Input = JSON.parse(await text(process.stdin));
const rest = [...tasks];
const pinged: Pinged[] = [];
const lanes = Array.from({ length: count === 'once' ? AT_ONCE : tasks.length }, async () => {
  for (let task = rest.shift(); task !== undefined; task = rest.shift()) pinged.push(await ping(task));
});
await Promise.all(lanes);
process.stdout.write(JSON.stringify(pinged));

async function ping({ wire, from, to }: Task): Promise<Pinged> {
  const how = count === 'once' ? ['-c', '1', '-w', '10'] : ['-c', `${count}`, '-W', '5', '-i', `${intervalMs / 1000}`];
  const words = ['netns', 'exec', from.netns, 'ping', '-n', '-q', '-I', from.dev, ...how, to];
  const { stdout } = await execa('ip', words, { reject: false, stdin: 'ignore' });
  const [, sent = '0', received = '0'] = /(\d+) packets transmitted, (\d+) received/.exec(stdout) ?? [];
  // To the first answer: those before it do not count.
  if (count === 'once') return { wire, sent: 1, received: Math.min(1, Number(received)) };
  return { wire, sent: Number(sent), received: Number(received) };
}
