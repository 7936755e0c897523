/** Blocks of VNIs: a lab owns a block by having made its key, which only one lab can. Key `vni.K` of the bucket `desired`. */
import type { Store } from '../../cluster/store.ts';
import { LinkloomError } from '../../errors.ts';
import { freeBlocks } from '../../spread/vni.ts';

const PREFIX = 'vni.';

/** Makes so many blocks the lab's. Throws E_LIMIT where all are given, and E_STORE. */
export async function takeBlocks(store: Store, lab: string, count: number): Promise<readonly number[]> {
  const owned = new Set((await store.list('desired', PREFIX)).map(({ key }) => Number(key.slice(PREFIX.length))));
  const taken: number[] = [];
  for (const block of freeBlocks(owned)) {
    if (taken.length === count) break;
    if (await tryTake(store, lab, block)) taken.push(block);
  }
  if (taken.length === count) return taken;
  throw new LinkloomError('E_LIMIT', 'all blocks of numbers for wires between hosts are given to labs', {
    hint: 'take away labs that are not needed any more, on all hosts',
  });
}

async function tryTake(store: Store, lab: string, block: number): Promise<boolean> {
  try {
    await store.write('desired', `${PREFIX}${block}`, new TextEncoder().encode(JSON.stringify({ lab })), 'absent');
    return true;
  } catch (error) {
    if (error instanceof LinkloomError && error.code === 'E_CONFLICT') return false;
    throw error;
  }
}

/** Gives blocks back, once no host has anything of the lab. Throws E_STORE. */
export async function giveBlocksBack(store: Store, blocks: readonly number[]): Promise<void> {
  for (const block of blocks) await store.remove('desired', `${PREFIX}${block}`, 'any');
}
