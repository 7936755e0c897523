/** Asks the agents what they still know of a lab. */
import { isNews } from '../../cluster/identity.ts';
import type { HostName } from '../../cluster/names.ts';
import { type Recollection, unpackRecollection } from '../../cluster/recollection.ts';
import type { HostView } from '../../cluster/state.ts';
import type { Store } from '../../cluster/store.ts';
import { recallSubject } from '../../cluster/subjects.ts';
import type { Emit } from '../../events.ts';

const ANSWER_MS = 5000;

/** What all agents know together: the newest record, and all blocks that a kernel has, or will have, VNIs of. */
export interface Recalled {
  readonly known: Recollection['known'];
  readonly blocks: ReadonlySet<number>;
}

/**
 * Asks the agents that live, and those of the hosts that they name: after the store was wiped they come back one by one. A host that
 * lives and does not answer is told, since its numbers may be given twice.
 */
export async function recall(store: Store, lab: string, views: readonly HostView[], emit: Emit): Promise<Recalled> {
  const data = new TextEncoder().encode(lab);
  const live = new Set(views.filter(({ lease }) => lease !== null).map(({ host }) => host));
  const asked = new Set<HostName>();
  const blocks = new Set<number>();
  let known: Recollection['known'] = null;
  const ask = async (host: HostName): Promise<void> => {
    try {
      const answer = await unpackRecollection(await store.ask(recallSubject(host), data, ANSWER_MS));
      for (const block of answer.blocks) blocks.add(block);
      if (answer.known !== null && isNews(known, answer.known)) known = answer.known;
    } catch (error) {
      if (!live.has(host)) return;
      const message = `The host ${host} does not say which numbers its wires have: ${(error as Error).message}`;
      emit({ type: 'notice', message });
    }
  };
  for (;;) {
    const named = Object.keys((known as Recollection['known'])?.hosts ?? {});
    const next = [...live, ...named].filter((host) => !asked.has(host));
    if (next.length === 0) return { known, blocks };
    for (const host of next) asked.add(host);
    await Promise.all([...new Set(next)].map(ask));
  }
}
