/** Answers what this host still knows of a lab: whoever writes a record asks when the store may have lost it. */
import type { HostName } from '../../cluster/names.ts';
import { packRecollection } from '../../cluster/recollection.ts';
import type { Recorded } from '../../cluster/records.ts';
import type { Store } from '../../cluster/store.ts';
import { recallSubject } from '../../cluster/subjects.ts';
import { WorkersOnDemand } from '../../engine/threads/on-demand.ts';
import { vnisHere } from '../../engine/vnis-here.ts';
import { blockOf } from '../../spread/vni.ts';

/** Resolves when the signal aborts. The kernel is asked, not the records: an agent that was begun anew has none of a store that is gone. */
export async function answerRecall(
  store: Store,
  host: HostName,
  latest: (lab: string) => Recorded | null,
  signal: AbortSignal,
): Promise<void> {
  await using workers = new WorkersOnDemand(1);
  const answer = async ({ data }: { readonly data: Uint8Array }): Promise<Uint8Array> => {
    const recorded = latest(new TextDecoder().decode(data));
    const vnis = await vnisHere(workers);
    return await packRecollection({
      known: recorded === null ? null : { ...recorded.record, ...recorded.identity },
      blocks: [...new Set(vnis.map(blockOf))],
    });
  };
  await store.answer(recallSubject(host), answer, signal);
}
