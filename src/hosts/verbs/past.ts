/** What the next record of a lab goes on from: the record so far, or, where the store has lost it, what the agents still know. */
import { withoutEvicted } from '../../cluster/evictions.ts';
import type { Identity } from '../../cluster/identity.ts';
import type { LabRecord } from '../../cluster/record.ts';
import type { Recorded } from '../../cluster/records.ts';
import type { HostView } from '../../cluster/state.ts';
import { NO_NUMBERS, type Numbers } from '../../spread/vni.ts';
import { type TakeOptions, takeBlocks, takeBlocksAgain } from './blocks.ts';
import type { Recalled } from './recall.ts';

export interface Past {
  readonly place: LabRecord['place'];
  readonly hosts: LabRecord['hosts'];
  readonly numbers: Numbers;
  /** The revision of the record so far; 0: there is none. */
  readonly revision: number;
  /** The revision that all hosts have reached which have, or may still have, a part of the lab. */
  readonly reached: number;
}

export interface PastOptions extends Omit<TakeOptions, 'since'> {
  readonly before: Recorded | null;
  readonly views: readonly HostView[];
  /** Asks the agents, once. */
  readonly recalled: () => Promise<Recalled>;
}

const NOTHING: Past = { place: {}, hosts: {}, numbers: NO_NUMBERS, revision: 0, reached: 0 };

/** Hosts that are evicted are not among `hosts`, so that nothing is placed on them. Throws E_STORE. */
export async function pastOf(options: PastOptions): Promise<Past> {
  const past = await writtenOrRemembered(options);
  return { ...past, hosts: await withoutEvicted(options.store, past.hosts, options.views) };
}

async function writtenOrRemembered(options: PastOptions): Promise<Past> {
  const { before, views } = options;
  if (before === null) return await rememberedBy(options);
  const { record, identity } = before;
  const { revision } = identity;
  // The blocks of a lab that was taken away are given back, or will be.
  if (record.deleted) return { ...NOTHING, revision };
  const { place, hosts, vni, block, retired } = record;
  return { place, hosts, numbers: { vni, block, retired }, revision, reached: reachedByAll(before, views) };
}

/** More blocks for the lab, none of which a host has in its kernel. Throws E_LIMIT and E_STORE. */
export async function moreBlocks(options: PastOptions, count: number, held: readonly number[]) {
  const { blocks } = await options.recalled();
  return await takeBlocks({ ...options, since: sinceOf(options) }, count, held, blocks);
}

/**
 * The store was wiped: a VNI that a host still has stays that of its wire, in a block that is still the lab's. Those that rested rest
 * until all hosts have the next record, since nobody knows how far each host was.
 */
async function rememberedBy(options: PastOptions): Promise<Past> {
  const { known } = await options.recalled();
  if (known === null) return NOTHING;
  const block = await takeBlocksAgain({ ...options, since: null }, known.block);
  const retired = Object.fromEntries(Object.keys(known.retired).map((vni) => [vni, 0]));
  const where = known.deleted ? {} : { place: known.place, hosts: known.hosts };
  return { ...NOTHING, ...where, numbers: { vni: known.vni, block, retired } };
}

function sinceOf({ before }: PastOptions): Identity | null {
  return before?.identity ?? null;
}

function reachedByAll({ lab, record, identity }: Recorded, views: readonly HostView[]): number {
  const withPart = views.filter(({ labs }) => labs.get(lab)?.deleted === false).map(({ host }) => host);
  const names = new Set([...Object.keys(record.hosts), ...withPart]);
  const revisions = [...names].map((name) => {
    const state = views.find(({ host }) => host === name)?.labs.get(lab);
    return state?.epoch === identity.epoch ? state.rev : 0;
  });
  return revisions.length === 0 ? identity.revision : Math.min(...revisions);
}
