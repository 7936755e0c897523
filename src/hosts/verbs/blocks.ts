/** Blocks of VNIs: a lab owns a block by having made its key, which only one lab can. Key `vni.K` of the bucket `desired`. */
import type { Identity } from '../../cluster/identity.ts';
import type { Store } from '../../cluster/store.ts';
import { LinkloomError } from '../../errors.ts';
import { freeBlocks } from '../../spread/vni.ts';

const PREFIX = 'vni.';

export interface TakeOptions {
  readonly store: Store;
  readonly lab: string;
  /**
   * The record that the next one follows; null: there is none. A key of the lab that is younger was made for a record that was never
   * written, and is used now. An older one is of an earlier record.
   */
  readonly since: Identity | null;
  /** Whether nothing is written: the same blocks are chosen. */
  readonly isDry: boolean;
}

interface Key {
  readonly block: number;
  readonly lab: string;
  readonly revision: number;
}

/** Makes so many blocks more the lab's, but none of `avoided`. Throws E_LIMIT where all are given, and E_STORE. */
export async function takeBlocks(
  { store, lab, since, isDry }: TakeOptions,
  count: number,
  held: readonly number[],
  avoided: ReadonlySet<number>,
): Promise<readonly number[]> {
  const keys = await listKeys(store);
  const left = keys.filter((key) => isLeft(key, lab, since) && !held.includes(key.block)).map(({ block }) => block);
  const taken = left.slice(0, count);
  for (const block of freeBlocks(new Set([...keys.map(({ block }) => block), ...held, ...avoided]))) {
    if (taken.length === count) break;
    if (isDry || (await tryTake(store, lab, block))) taken.push(block);
  }
  if (taken.length === count) return taken;
  throw new LinkloomError('E_LIMIT', 'all blocks of numbers for wires between hosts are given to labs', {
    hint: 'take away labs that are not needed any more, on all hosts',
  });
}

/** Those of the blocks that the lab had in a store that is gone, and that no other lab has taken since. They are the lab's again. */
export async function takeBlocksAgain(
  { store, lab, since, isDry }: TakeOptions,
  blocks: readonly number[],
): Promise<readonly number[]> {
  const keys = new Map((await listKeys(store)).map((key) => [key.block, key]));
  const again: number[] = [];
  for (const block of blocks) {
    const key = keys.get(block);
    const isOwn = key === undefined ? isDry || (await tryTake(store, lab, block)) : isLeft(key, lab, since);
    if (isOwn) again.push(block);
  }
  return again;
}

/** Whether a key was made for the next record, by somebody who has not written it. */
function isLeft({ lab: owner, revision }: Key, lab: string, since: Identity | null): boolean {
  return owner === lab && revision > (since?.revision ?? 0);
}

async function listKeys(store: Store): Promise<readonly Key[]> {
  return (await store.list('desired', PREFIX)).map(({ key, value, revision }) => {
    const { lab } = JSON.parse(new TextDecoder().decode(value)) as { readonly lab: string };
    return { block: Number(key.slice(PREFIX.length)), lab, revision };
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

/**
 * Gives all blocks of a lab back, once no host has anything of it. `deleted`: the record that says so. Keys that are younger are of
 * somebody who brings the lab up again. Throws E_STORE.
 */
export async function giveBlocksBack(store: Store, lab: string, deleted: Identity): Promise<void> {
  for (const key of await listKeys(store)) {
    if (key.lab === lab && key.revision < deleted.revision)
      await store.remove('desired', `${PREFIX}${key.block}`, key.revision);
  }
}
