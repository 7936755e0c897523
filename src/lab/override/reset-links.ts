/** Takes back what was set by hand: each link is as configured again. */
import { execute } from '../../engine/execute.ts';
import type { Failure } from '../../events.ts';
import { grouped, packed } from '../../grouped.ts';
import type { NsId } from '../../net/ns-id.ts';
import { isOverridden, overriddenOn } from '../../net/override.ts';
import { planAlong } from '../../plan/overrides/along.ts';
import { settableLinks } from '../../plan/overrides/ends.ts';
import type { Resets } from '../../plan/overrides/overrides.ts';
import type { Plan } from '../../plan/plan.ts';
import { subjectText } from '../../subject.ts';
import type { Link, Network } from '../../topology/topology.ts';
import type { Op } from '../../wire/op.ts';
import { apply } from '../apply.ts';
import { confirmNodes } from '../confirm.ts';
import { lookAtDevices } from '../look.ts';
import { type Pass, pass, type Scope } from '../pass.ts';
import type { Io } from '../request.ts';
import type { Session } from '../session.ts';
import { ENDS_AT_A_TIME } from './carry-out.ts';
import { readParked, writeParked } from './parked.ts';
import { AlikeLists, type EndReport, type SetReport } from './report.ts';
import { selectLinks } from './select.ts';
import { groundSeen } from './set-links.ts';
import { ToldInParts } from './told-in-parts.ts';

/** What is asked for. */
export interface ResetRequest {
  /** `NODE:DEV`, globs of it, `bridge/NAME`. Empty: all links of the lab. */
  readonly links: readonly string[];
  /** The most links that are reset at a time. Default: as of `carryOut`. */
  readonly mostAtATime?: number;
}

/**
 * Takes back what was set by hand on both ends of links. Other links are left alone, however they differ. The lab's lock must be held.
 * Throws what `setLinks` and `pass` throw, before anything is touched; what the kernel refuses is in the report. Needs root.
 */
export async function resetLinks(session: Session, request: ResetRequest, io: Io): Promise<SetReport> {
  const { lab, ids, missing, set } = await found(session, request, io);
  const { causes, failures } = await resetOnly(session, set, io);
  const failed = new Set(failures.map(({ subject }) => subjectText(subject)));
  const alike = new AlikeLists();
  const ends = ids.map((link): EndReport => {
    const cause = causes.get(link);
    const hasFailed = failed.has(link);
    const changes = cause === undefined || hasFailed ? [] : [cause];
    return alike.of({ link, end: 'node', changes, overrides: [], hasFailed });
  });
  for (const { link, changes: what } of ends) {
    if (what.length > 0) io.emit({ type: 'override', step: 'reset', link, end: 'node', what: what.join(', ') });
  }
  return { lab, ends, missing, failures };
}

/** What is to be reset, as `NODE:DEV`. Nothing else is kept of the look: the passes look again. */
interface Found {
  readonly lab: string;
  readonly ids: readonly string[];
  readonly missing: readonly string[];
  /** Links of which something was set by hand, in parts that are reset one after the other. */
  readonly set: readonly Part[];
}

interface Part {
  /** The other end of a direct wire is a link of its own. */
  readonly ids: ReadonlySet<string>;
  readonly nodes: Scope['nodes'];
}

async function found(session: Session, request: ResetRequest, io: Io): Promise<Found> {
  const { ground, placement, containers } = await groundSeen(session, io, lookAtDevices);
  const { lab, network, observed } = ground;
  const settable = settableLinks(network, observed);
  const isAll = request.links.length === 0;
  const { links, missing } = isAll ? { links: settable, missing: [] } : selectLinks(lab, settable, request.links);
  const set = links.filter(({ node, other }) =>
    [node, other].some((end) => end !== null && isOverridden(overriddenOn(end.device))),
  );
  const ids = new Set(set.map(({ id }) => id));
  session.wholeLab.note(network, { observed, placement }, true);
  return {
    ...{ lab, ids: links.map(({ id }) => id), missing: missing.map(({ id }) => id) },
    set: partsOf(network, ids, session.wholeLab.canNarrow(containers), request.mostAtATime),
  };
}

/**
 * Parts by their nodes. There is one of the whole lab where that is not too large, or where a part of it would not tell what is wanted of
 * it: links with `state: late` rise once all others are there.
 */
export function partsOf(
  { links }: Pick<Network, 'links'>,
  ids: ReadonlySet<string>,
  canNarrow: boolean,
  mostLinks = ENDS_AT_A_TIME,
): readonly Part[] {
  if (ids.size === 0) return [];
  const isWhole = ids.size <= mostLinks || !canNarrow || links.some(({ spec }) => spec.isLate);
  const chosen = isWhole ? [] : links.filter(({ id }) => ids.has(id));
  if (isWhole || chosen.some(({ node }) => node.kind === 'host')) return [{ ids, nodes: 'all' }];
  const byNode = grouped(chosen, ({ node }) => node).values();
  return packed(byNode, (own) => own.length, mostLinks).map((part) => partOf(part.flat()));
}

function partOf(links: readonly Link[]): Part {
  const nodes = links.map(({ node }) => node);
  return {
    ids: new Set(links.map(({ id }) => id)),
    nodes: {
      containers: new Set(nodes.flatMap((node) => (node.kind === 'container' ? [node.id] : []))),
      netns: new Set(nodes.flatMap((node) => (node.kind === 'container' ? [] : [node.name]))),
    },
  };
}

interface Changed {
  readonly causes: ReadonlyMap<string, string>;
  readonly failures: readonly Failure[];
}

/** Passes that change these links and nothing else. */
async function resetOnly(session: Session, parts: readonly Part[], io: Io): Promise<Changed> {
  const causes = new Map<string, string>();
  const failures: Failure[] = [];
  const links = parts.reduce((sum, { ids }) => sum + ids.size, 0);
  const told = parts.length > 1 ? new ToldInParts(io.emit, links) : null;
  for (const part of parts) await resetPart(session, part, { ...io, emit: told?.part() ?? io.emit }, causes, failures);
  told?.end();
  return { causes, failures };
}

async function resetPart(
  session: Session,
  { ids, nodes }: Part,
  io: Io,
  causes: Map<string, string>,
  failures: Failure[],
): Promise<void> {
  const scope = { nodes, resets: ids, revise: (network: Network, plan: Plan) => only(network, plan, ids) };
  const seen = await pass(session, scope, io.emit);
  const { plan, execution } = await apply(session, seen, io);
  await restoreParked(session, seen, ids, io);
  for (const { link, verdict, cause } of plan.links) if (ids.has(link) && verdict === 'change') causes.set(link, cause);
  failures.push(...execution.failures);
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
