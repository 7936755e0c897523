/** Answers what this host still knows of a lab: whoever writes a record asks when the store may have lost it. */
import type { HostName } from '../../cluster/names.ts';
import { packRecollection } from '../../cluster/recollection.ts';
import type { Recorded } from '../../cluster/records.ts';
import type { Store } from '../../cluster/store.ts';
import { recallSubject } from '../../cluster/subjects.ts';
import { WorkersOnDemand } from '../../engine/threads/on-demand.ts';
import { vnisHere } from '../../engine/vnis-here.ts';
import { blockOf } from '../../spread/vni.ts';

/** What an agent has of records, also of a store that is gone. */
export interface RecordsHere {
  /** null: none of this lab. */
  latest(lab: string): Recorded | null;
  /** The blocks of VNIs in all of them. */
  blocks(): readonly number[];
}

/**
 * Resolves when the signal aborts. The blocks are those of the kernel's VNIs, as an agent that was begun anew has no records of a store that
 * is gone, and those of records, as one that was just taken is carried out a moment later.
 */
export async function answerRecall(
  store: Store,
  host: HostName,
  records: RecordsHere,
  signal: AbortSignal,
): Promise<void> {
  await using workers = new WorkersOnDemand(1);
  const answer = async ({ data }: { readonly data: Uint8Array }): Promise<Uint8Array> => {
    const recorded = records.latest(new TextDecoder().decode(data));
    const vnis = await vnisHere(workers);
    return await packRecollection({
      known: recorded === null ? null : { ...recorded.record, ...recorded.identity },
      blocks: [...new Set([...vnis.map(blockOf), ...records.blocks()])],
    });
  };
  await store.answer(recallSubject(host), answer, signal);
}
