/** Takes back what was set by hand: each link is as configured again. */
import { execute } from '../../engine/execute.ts';
import type { Failure } from '../../events.ts';
import { grouped } from '../../grouped.ts';
import type { NsId } from '../../net/ns-id.ts';
import { isOverridden, overriddenOn } from '../../net/override.ts';
import { planAlong } from '../../plan/overrides/along.ts';
import { settableLinks } from '../../plan/overrides/ends.ts';
import type { Resets } from '../../plan/overrides/overrides.ts';
import type { Plan } from '../../plan/plan.ts';
import { subjectText } from '../../subject.ts';
import type { Network } from '../../topology/topology.ts';
import type { Op } from '../../wire/op.ts';
import { apply } from '../apply.ts';
import { confirmNodes } from '../confirm.ts';
import { type Pass, pass, WHOLE_LAB } from '../pass.ts';
import type { Io } from '../request.ts';
import type { Session } from '../session.ts';
import { readParked, writeParked } from './parked.ts';
import type { EndReport, SetReport } from './report.ts';
import { selectLinks } from './select.ts';
import { groundOf } from './set-links.ts';

/** What is asked for. */
export interface ResetRequest {
  /** `NODE:DEV`, globs of it, `bridge/NAME`. Empty: all links of the lab. */
  readonly links: readonly string[];
}

/**
 * Takes back what was set by hand on both ends of links. Other links are left alone, however they differ. The lab's lock must be held.
 * Throws what `setLinks` and `pass` throw, before anything is touched; what the kernel refuses is in the report. Needs root.
 */
export async function resetLinks(session: Session, request: ResetRequest, io: Io): Promise<SetReport> {
  const { lab, network, observed } = await groundOf(session, io);
  const settable = settableLinks(network, observed);
  const isAll = request.links.length === 0;
  const { links, missing } = isAll ? { links: settable, missing: [] } : selectLinks(lab, settable, request.links);
  const set = links.filter(({ node, other }) =>
    [node, other].some((end) => end !== null && isOverridden(overriddenOn(end.device))),
  );
  // The other end of a direct wire is a link of its own.
  const ids = new Set(set.map(({ id }) => id));
  const { causes, failures } = ids.size === 0 ? NOTHING : await resetOnly(session, ids, io);
  const failed = new Set(failures.map(({ subject }) => subjectText(subject)));
  const ends = links.map(({ id }): EndReport => {
    const cause = causes.get(id);
    const hasFailed = failed.has(id);
    return {
      link: id,
      end: 'node',
      changes: cause === undefined || hasFailed ? [] : [cause],
      overrides: [],
      hasFailed,
    };
  });
  for (const { link, changes: what } of ends) {
    if (what.length > 0) io.emit({ type: 'override', step: 'reset', link, end: 'node', what: what.join(', ') });
  }
  return { lab, ends, missing: missing.map(({ id }) => id), failures };
}

interface Changed {
  readonly causes: ReadonlyMap<string, string>;
  readonly failures: readonly Failure[];
}

const NOTHING: Changed = { causes: new Map(), failures: [] };

/** One pass that changes these links and nothing else. */
async function resetOnly(session: Session, ids: ReadonlySet<string>, io: Io): Promise<Changed> {
  const scope = { ...WHOLE_LAB, resets: ids, revise: (network: Network, plan: Plan) => only(network, plan, ids) };
  const found = await pass(session, scope, io.emit);
  const { plan, execution } = await apply(session, found, io);
  await restoreParked(session, found, ids, io);
  const causes = plan.links.flatMap(({ link, verdict, cause }) =>
    ids.has(link) && verdict === 'change' ? [[link, cause] as const] : [],
  );
  return { causes: new Map(causes), failures: execution.failures };
}

/** The ops of a plan for these links, and what these take along. */
function only(network: Network, plan: Plan, ids: ReadonlySet<string>): Plan {
  const places = new Set(network.links.filter(({ id }) => ids.has(id)).map(({ node }) => node.ns));
  const isFor = ({ op, link, ns }: Op): boolean => {
    if (link !== null) return ids.has(link);
    return op === 'ip.restore' && places.has(ns);
  };
  return {
    ...plan,
    ops: plan.ops.filter(isFor),
    links: plan.links.filter(({ link }) => ids.has(link)),
    ...{ removed: [], orphans: [], notes: [] },
    failures: plan.failures.filter(({ subject }) => ids.has(subjectText(subject))),
  };
}

/** Puts back what was parked for devices that a plan has raised, and parks what it has set down. */
export async function restoreParked(session: Session, found: Pass, resets: Resets, io: Io): Promise<void> {
  const { lab } = found.network;
  const parked = await readParked(lab);
  if (parked.size === 0) return;
  const { observed } = found.snapshot;
  const inodeOf = (ns: NsId): number => observed.namespaces.get(ns)?.dump.inode ?? 0;
  const sets = found.plan.ops.flatMap((op) =>
    op.op === 'link.set' && (resets === 'all' || resets.has(op.link ?? '')) ? [op] : [],
  );
  const after = new Map(parked);
  const ops: Op[] = [];
  for (const [inode, own] of grouped(sets, ({ ns }) => inodeOf(ns))) {
    const ns = own[0]?.ns;
    const view = ns === undefined ? undefined : observed.namespaces.get(ns);
    const noted = parked.get(inode);
    if (ns === undefined || view === undefined || noted === undefined) continue;
    const along = planAlong({ ns, view, sets: own, parked: noted, links: [] });
    ops.push(...along.ops);
    after.set(inode, along.parked);
  }
  if (ops.length > 0) {
    const nothing = { links: [], removed: [], orphans: [], failures: [], notes: [], overrides: [], doubts: null };
    const plan = await confirmNodes(session, found.network, { lab, ops, ...nothing });
    await execute(plan, observed, session.workers, { emit: io.emit, signal: null, nodes: found.network.nodes });
  }
  await writeParked(lab, after);
}
