import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { figures } from '../faults/amount.ts';
import { pairOf, runPair } from './pair.ts';

/** How many pairs run at once. Most of a pair's time is waiting. */
const AT_ONCE = 3;

/**
 * Runs `count` pairs, each with a seed of its own. With `LINKLOOM_EDITS_SEED` it runs only that one. Rejects with everything that
 * went wrong, by seed.
 */
export async function runPairs(count: number): Promise<void> {
  const asked = process.env['LINKLOOM_EDITS_SEED'];
  const first = asked === undefined ? randomInt(2 ** 31) : Number(asked);
  const number = asked === undefined ? count : 1;
  figures('edits', { pairs: number, seeds: `${first} to ${first + number - 1}` });
  const wrong: string[] = [];
  let seed = first;
  const runSome = async (): Promise<void> => {
    while (seed < first + number) {
      const own = seed++;
      const faults = await runPair(own).catch((error: unknown) => [String(error)]);
      if (faults.length === 0) continue;
      const labs = asked === undefined ? '' : `\n${JSON.stringify(pairOf(own), null, 1)}`;
      wrong.push(`LINKLOOM_EDITS_SEED=${own}${labs}\n  ${faults.join('\n  ')}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, runSome));
  assert.deepEqual(wrong, [], wrong.join('\n'));
}
