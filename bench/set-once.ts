/**
 * Sets all links of a lab in a process of its own, as a command does, and prints how long the messages took, in milliseconds: `set-once.js
 * FILE CHANGE`. `set.bench.ts` runs it.
 */
import { fileURLToPath } from 'node:url';
import type { Dispatch } from '../src/events.ts';
import type { SetRequest } from '../src/lab/override/set-links.ts';
import { set } from '../src/lab/verbs/set.ts';

export const RATE_BITS = 10_000_000;

export const CHANGES = {
  down: { state: 'down' },
  up: { state: 'up' },
  rate: { impair: { rateBitsPerSec: RATE_BITS } },
} as const satisfies Readonly<Record<string, SetRequest['settings']>>;

export type Change = keyof typeof CHANGES;

export const SILENT = { emit: () => {}, signal: null };

export const SET_ONCE = fileURLToPath(import.meta.url);

if (process.argv[1] === SET_ONCE) {
  const [file = '', change = ''] = process.argv.slice(2);
  process.stdout.write(`${await setAll(file, change as Change)}\n`);
}

export function requestOf(file: string): Parameters<typeof set>[0] {
  return {
    load: { cwd: '/', env: {}, files: [file], asCompose: false },
    defaults: { haveOpenvswitch: null },
    ...{ side: 'netns', preflight: false, workers: 1, sockets: { dockerSocket: '', podmanSocket: '' } },
  };
}

/** The milliseconds from the first message until it is known what was refused, of the messages to the devices themselves. */
export async function setAll(file: string, change: Change): Promise<number> {
  const dispatches: Dispatch[] = [];
  const asked = { links: ['*:*'], settings: CHANGES[change], both: false };
  const io = { ...SILENT, onDispatch: (dispatch: Dispatch) => dispatches.push(dispatch) };
  const { failures } = await set(requestOf(file), asked, io);
  if (failures.length > 0) throw new Error(failures[0]?.message);
  const jobs = dispatches.filter(({ phase }) => phase === 'links' || phase === 'impair').flatMap((one) => one.jobs);
  const ends = jobs.map(({ endedMs }) => endedMs);
  return Math.max(...ends) - Math.min(...jobs.map(({ startedMs }) => startedMs));
}
