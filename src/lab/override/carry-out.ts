/** Goals → ops → execute: the part that everything that sets links by hand has in common. */
import { execute } from '../../engine/execute.ts';
import { observeCloser } from '../../engine/observe.ts';
import type { Execution } from '../../engine/run.ts';
import type { Workers } from '../../engine/workers.ts';
import { LinkloomError } from '../../errors.ts';
import type { Failure } from '../../events.ts';
import { grouped } from '../../grouped.ts';
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
import type { EndReport } from './report.ts';

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
  readonly execution: Execution;
}

export const WANTS: DumpWants = {
  ...{ addresses: true, routes: true, counters: false, traffic: true, translationsOf: null, offloads: [] },
};

/** Sets ends to their goals, all in one batch. Throws E_KERNEL where an end's mark has no room; then nothing has been touched. */
export async function carryOut(ground: Ground, goals: readonly EndGoal[], io: Io): Promise<CarriedOut> {
  const planned = goals.map((goal) => ({ goal, ops: planEnd(goal) }));
  const sets = planned.flatMap(({ ops }) => ops.device ?? []);
  const observed = await seenCloser(ground, sets);
  const before = sets.some(takes) || observed.hasOverrides ? await readParked(ground.lab) : new Map();
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
  return { ends: planned.map(({ goal, ops }) => reportOf(goal, ops, failed)), failures, execution };
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

/** Foreign addresses and routes are looked at only where something may happen to them. */
async function seenCloser({ lab, workers, observed }: Ground, sets: readonly LinkSet[]): Promise<Observed> {
  const others = new Set(sets.filter(takes).map(({ ns }) => ns));
  if (others.size === 0) return observed;
  return await observeCloser(workers, lab, observed, { others, farEnds: new Map() }, WANTS);
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
  const links = grouped(network?.links ?? [], ({ node }) => inodeOf(node.ns));
  for (const [inode, own] of grouped(sets.filter(takes), ({ ns }) => inodeOf(ns))) {
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
