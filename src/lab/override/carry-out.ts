/** Goals → ops → execute: the part that everything that sets links by hand has in common. */
import { execute } from '../../engine/execute.ts';
import { observeCloser } from '../../engine/observe.ts';
import type { Workers } from '../../engine/workers.ts';
import { LinkloomError } from '../../errors.ts';
import type { Failure } from '../../events.ts';
import { grouped, packed } from '../../grouped.ts';
import type { NsId } from '../../net/ns-id.ts';
import type { Observed } from '../../plan/observed.ts';
import { planAlong } from '../../plan/overrides/along.ts';
import { overridesOfDevice } from '../../plan/overrides/describe.ts';
import type { EndGoal } from '../../plan/overrides/goals.ts';
import { deviceAfter, type EndOps, endOps } from '../../plan/overrides/set.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Link, Network } from '../../topology/topology.ts';
import type { Op } from '../../wire/op.ts';
import type { LinkSet } from '../../wire/ops/links.ts';
import type { DumpWants } from '../../wire/task.ts';
import type { Io } from '../request.ts';
import { type ParkedByInode, readParked, writeParked } from './parked.ts';
import { AlikeLists, type EndReport } from './report.ts';
import { ToldInParts } from './told-in-parts.ts';

/** The lab on which something is set, as it was observed. */
export interface Ground {
  readonly lab: string;
  readonly workers: Workers;
  readonly observed: Observed;
  /** null: there is no configuration. */
  readonly network: Network | null;
  /** Takes out of a plan what is for containers that were replaced since they were observed. */
  readonly confirm: (plan: Plan) => Promise<Plan>;
}

/** What came of it. */
export interface CarriedOut {
  readonly ends: readonly EndReport[];
  readonly failures: readonly Failure[];
}

/** Goals of ends, each of which is made when it is asked for, and may be asked for again. */
export interface Goals {
  readonly count: number;
  /** `place`: from 0. */
  readonly at: (place: number) => EndGoal;
}

export const WANTS: DumpWants = {
  ...{ addresses: true, routes: true, counters: false, traffic: true, translationsOf: null, offloads: [] },
};

/**
 * The most ends that are set at a time: what is planned of an end takes as much memory as all else that is known of it. The kernel takes
 * more than a second for so many.
 */
export const ENDS_AT_A_TIME = 8192;

/**
 * Sets ends to their goals, all in one batch; of more than `mostEnds` one part after the other, by their namespaces. Throws E_KERNEL where
 * an end's mark has no room, and what making a goal throws; then nothing has been touched.
 */
export async function carryOut(ground: Ground, goals: Goals, io: Io, mostEnds = ENDS_AT_A_TIME): Promise<CarriedOut> {
  const { parts, ops } = partsOf(goals, mostEnds);
  const ends = new Array<EndReport>(goals.count);
  const failures: Failure[] = [];
  const told = parts.length > 1 ? new ToldInParts(io.emit, ops) : null;
  const alike = new AlikeLists();
  for (const places of parts) {
    const part = await carryOutPart(ground, places.map(goals.at), { ...io, emit: told?.part() ?? io.emit });
    for (const [at, place] of places.entries()) {
      const report = part.ends[at];
      if (report !== undefined) ends[place] = alike.of(report);
    }
    failures.push(...part.failures);
  }
  return { ends, failures };
}

interface Parts {
  /** Places of goals. */
  readonly parts: readonly (readonly number[])[];
  /** How many ops they come to. Counted where there are several. */
  readonly ops: number;
}

/** Makes each goal, so that none is refused once others have been carried out. */
function partsOf({ count, at }: Goals, mostEnds: number): Parts {
  const all = Array.from({ length: count }, (_, place) => place);
  if (count <= mostEnds) return { parts: [all], ops: 0 };
  const namespaces: NsId[] = [];
  let ops = 0;
  for (const place of all) {
    const goal = at(place);
    const { device, traffic } = planEnd(goal);
    ops += (device === null ? 0 : 1) + (traffic === null ? 0 : 1);
    namespaces.push(goal.target.ns);
  }
  const byNs = grouped(all, (place) => namespaces[place]);
  const parts = packed(byNs.values(), (places) => places.length, mostEnds);
  return { parts: parts.map((part) => part.flat()), ops };
}

async function carryOutPart(ground: Ground, goals: readonly EndGoal[], io: Io): Promise<CarriedOut> {
  const planned = goals.map((goal) => ({ goal, ops: planEnd(goal) }));
  const sets = planned.flatMap(({ ops }) => ops.device ?? []);
  const observed = await seenCloser(ground, sets);
  const before = sets.some(takes) || ground.observed.hasOverrides ? await readParked(ground.lab) : new Map();
  const along = alongOf(ground, observed, sets, before);
  const traffic = planned.flatMap(({ ops }) => ops.traffic ?? []);
  const plan = await ground.confirm(planOf(ground.lab, planned, [...sets, ...traffic, ...along.ops]));
  // What the kernel takes is noted before it does.
  if (along.parked !== before) await writeParked(ground.lab, joined(before, along.parked));
  const execution = await execute(plan, observed, ground.workers, {
    ...{ emit: io.emit, signal: null, onDispatch: io.onDispatch },
    nodes: ground.network?.nodes ?? [],
  });
  if (along.parked !== before) await writeParked(ground.lab, along.parked);
  const failures = [...plan.failures, ...execution.failures];
  for (const failure of plan.failures) io.emit({ type: 'failure', failure });
  const failed = new Set([...execution.failed, ...lostIn(plan)]);
  return { ends: planned.map(({ goal, ops }) => reportOf(goal, ops, failed)), failures };
}

/** Throws E_KERNEL where the mark has no room. */
export function planEnd(goal: EndGoal): EndOps {
  const ops = endOps(goal);
  if (!('message' in ops)) return ops;
  throw new LinkloomError('E_KERNEL', `${goal.target.link} ${ops.message}; nothing has been touched`, {
    where: goal.target.link,
    hint: ops.hint,
  });
}

/** Whether a message can make the kernel take addresses and routes away, or let them come back. */
export function takes({ settings: { up, mtuBytes } }: LinkSet): boolean {
  return up !== null || mtuBytes !== null;
}

/** Foreign addresses and routes are looked at only where something may happen to them. Of more than that nothing is needed then. */
async function seenCloser({ lab, workers, observed }: Ground, sets: readonly LinkSet[]): Promise<Observed> {
  const others = new Set(sets.filter(takes).map(({ ns }) => ns));
  if (others.size === 0) return observed;
  const inodeOf = (ns: NsId): number => observed.namespaces.get(ns)?.dump.inode ?? 0;
  // Some are reached by several names.
  const concerned = new Set(sets.map(({ ns }) => inodeOf(ns)));
  const namespaces = new Map([...observed.namespaces].filter(([, { dump }]) => concerned.has(dump.inode)));
  return await observeCloser(workers, lab, { ...observed, namespaces }, { others, farEnds: new Map() }, WANTS);
}

function alongOf(
  { network }: Pick<Ground, 'network'>,
  observed: Observed,
  sets: readonly LinkSet[],
  before: ParkedByInode,
): { readonly ops: readonly Op[]; readonly parked: ParkedByInode } {
  const ops: Op[] = [];
  let parked: Map<number, ReturnType<typeof planAlong>['parked']> | null = null;
  const inodeOf = (ns: NsId): number => observed.namespaces.get(ns)?.dump.inode ?? 0;
  const setsOf = grouped(sets.filter(takes), ({ ns }) => inodeOf(ns));
  const concerned = (network?.links ?? []).filter(({ node }) => setsOf.has(inodeOf(node.ns)));
  const links = grouped(concerned, ({ node }) => inodeOf(node.ns));
  for (const [inode, own] of setsOf) {
    const ns = own[0]?.ns;
    const view = ns === undefined ? undefined : observed.namespaces.get(ns);
    if (ns === undefined || view === undefined) continue;
    const noted = before.get(inode) ?? [];
    const inNs: readonly Link[] = links.get(inode) ?? [];
    const along = planAlong({ ns, view, sets: own, parked: noted, links: inNs });
    ops.push(...along.ops);
    if (along.parked.length === 0 && noted.length === 0) continue;
    parked ??= new Map(before);
    parked.set(inode, along.parked);
  }
  return { ops, parked: parked ?? before };
}

/** All that is parked before or after: if this process dies in between, nothing is lost. */
function joined(before: ParkedByInode, after: ParkedByInode): ParkedByInode {
  const both = new Map(before);
  for (const [inode, parked] of after) both.set(inode, [...(before.get(inode) ?? []), ...parked]);
  return both;
}

function planOf(
  lab: string,
  planned: readonly { readonly goal: EndGoal; readonly ops: EndOps }[],
  ops: readonly Op[],
): Plan {
  const causes = new Map<string, string[]>();
  for (const { goal, ops: own } of planned) {
    const { link } = goal.target;
    causes.set(link, [...(causes.get(link) ?? []), ...own.causes]);
  }
  const links = [...causes].map(([link, list]) => ({ link, verdict: 'change' as const, cause: list.join(', ') }));
  const nothing = { removed: [], orphans: [], failures: [], notes: [], overrides: [], doubts: null };
  return { lab, ops, links, ...nothing };
}

function lostIn(plan: Plan): readonly string[] {
  return plan.links.flatMap(({ link, verdict }) => (verdict === 'blocked' ? [link] : []));
}

function reportOf(goal: EndGoal, ops: EndOps, failed: ReadonlySet<string>): EndReport {
  const { link, end, device, configured } = goal.target;
  const hasFailed = failed.has(link);
  const overrides = overridesOfDevice(hasFailed ? device : deviceAfter(goal, ops), end, configured);
  return { link, end, changes: hasFailed ? [] : ops.causes, overrides, hasFailed };
}
