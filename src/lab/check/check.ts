/**
 * `check/` finds out whether a lab does what its file says of it: checks → pairs of a node and a target → tries → results.
 *
 * This file: on the nodes of a lab. Everything that checks a lab calls it.
 */
import { addressOf, chooseNodes } from '../../check/node.ts';
import type { CheckFailure, CheckReport, CheckResult } from '../../check/report.ts';
import type { CheckTarget } from '../../config/checks/target.ts';
import { isGlob, patternOf } from '../../config/nodes/pattern.ts';
import { CheckThread } from '../../engine/threads/checker.ts';
import { LinkloomError } from '../../errors.ts';
import { Limiter } from '../../runtime/nodes/limiter.ts';
import type { CheckSpec } from '../../topology/check/spec.ts';
import type { Io } from '../request.ts';
import { timed } from '../timed.ts';
import { checkAllPairs } from './all-pairs.ts';
import { attempt, type Means } from './attempt.ts';
import { hold } from './hold.ts';
import type { LabNow, Placed } from './nodes.ts';

export interface CheckOptions {
  /** Every node against every other, too. */
  readonly allPairs: boolean;
  /** Names and patterns of the nodes that try; empty: all. */
  readonly from: readonly string[];
  /** How long every pair is tried again, and checks that say nothing of it. null: as the checks say. */
  readonly withinMs: number | null;
  /** How long all of it may take. null: as long as it takes. */
  readonly timeoutMs: number | null;
  /** Programs and requests of HTTP at a time. */
  readonly parallel: number;
}

/** Between two looks at which nodes there are. */
const LOOK_MS = 1000;

/**
 * Runs checks, all at the same time. `look` says which nodes there are. Throws E_INTERRUPTED, E_NODE_MISSING where a name in `from` stands
 * for nothing, and what `look` throws. Needs CAP_SYS_ADMIN and CAP_NET_RAW.
 */
export async function checkLab(
  checks: readonly CheckSpec[],
  look: () => Promise<LabNow>,
  options: CheckOptions,
  io: Io,
): Promise<CheckReport> {
  await using thread = new CheckThread();
  const { signal } = io;
  const now = new LookedAt(look);
  const first = await now.get();
  const { lab } = first;
  const isFrom = senders(options.from, first);
  const untilMs = performance.now() + (options.timeoutMs ?? Number.POSITIVE_INFINITY);
  const means = { thread, limiter: new Limiter(options.parallel), signal };
  const { value } = await timed('check', io.emit, () =>
    Promise.all([
      Promise.all(checks.map((spec) => runCheck(spec, { now, means, untilMs, isFrom }))),
      options.allPairs
        ? checkAllPairs(
            { isFrom, untilMs, withinMs: options.withinMs ?? PAIRS_WITHIN_MS },
            () => now.get(),
            thread,
            signal,
          )
        : null,
    ]),
  );
  if (signal?.aborted) throw new LinkloomError('E_INTERRUPTED', 'interrupted; nothing was changed');
  const [results, allPairs] = value;
  return { lab, checks: results.filter((result) => result !== null), allPairs };
}

const PAIRS_WITHIN_MS = 3000;

type IsFrom = (node: { readonly names: readonly string[]; readonly label: string }) => boolean;

function senders(names: readonly string[], now: LabNow): IsFrom {
  const { nodes, elsewhere = new Set(), missingElsewhere = [] } = now;
  const missing = [...now.missing, ...missingElsewhere];
  const isHere = ({ label }: { readonly label: string }): boolean => !elsewhere.has(label);
  if (names.length === 0) return isHere;
  const { absent } = chooseNodes(names, nodes);
  const unknown = absent.find((name) => !missing.includes(name));
  if (unknown !== undefined) {
    throw new LinkloomError('E_NODE_MISSING', `no node of the lab is called ${unknown}`, { where: unknown });
  }
  const pattern = patternOf(names);
  return (node) => isHere(node) && node.names.some((name) => pattern.test(name));
}

interface Running {
  readonly now: LookedAt;
  readonly means: Means;
  readonly untilMs: number;
  readonly isFrom: IsFrom;
}

/** null: none of its nodes is to try. */
async function runCheck(spec: CheckSpec, running: Running): Promise<CheckResult | null> {
  const begunMs = performance.now();
  const { tasks, absent } = tasksOf(spec, await running.now.get(), running.isFrom);
  if (tasks.length === 0 && absent.length === 0) return null;
  const whys = await Promise.all(tasks.map((task) => runTask(spec, task, running)));
  const failures = tasks.flatMap(({ from, label }, at): CheckFailure[] => {
    const why = whys[at];
    return typeof why === 'string' ? [{ from, to: label, why }] : [];
  });
  const all = [...failures, ...absent];
  return {
    ...{ name: spec.name, kind: spec.try.kind, isHeld: all.length === 0, pairs: tasks.length + absent.length },
    ...{ tookMs: performance.now() - begunMs, failures: all, where: spec.where() ?? null },
  };
}

/** From one node to one target. They are names: a node that is started anew is looked up again. */
interface Task {
  readonly from: string;
  readonly target: CheckTarget | null;
  /** The target as people call it. */
  readonly label: string;
}

/** The pairs of a check. A node does not try itself where a pattern, or one of several names, means it. */
function tasksOf(
  spec: CheckSpec,
  { nodes, missing: missingHere, missingElsewhere = [] }: LabNow,
  isFrom: IsFrom,
): { readonly tasks: readonly Task[]; readonly absent: readonly CheckFailure[] } {
  const { chosen, absent } = chooseNodes(spec.from, nodes);
  const missing = [...missingHere, ...missingElsewhere];
  const senders = chosen.filter(isFrom).map(({ label }) => label);
  // What does not run yet is tried all the same: it may come in time.
  const late = absent.filter((name) => missingHere.includes(name) && isFrom({ names: [name], label: name }));
  const unknown = absent.filter((name) => !missing.includes(name));
  const targets = spec.try.kind === 'run' ? [null] : spec.to.flatMap((target) => spread(target, nodes, missing));
  const isMany = targets.length > 1 || spec.from.length > 1 || spec.from.some(isGlob) || spec.to.some(isPattern);
  const tasks = [...senders, ...late].flatMap((from) =>
    targets
      .filter((target) => !(isMany && target?.kind === 'node' && target.dev === null && target.node === from))
      .map((target) => ({ from, target, label: labelOf(target) })),
  );
  const to = spec.to.map(labelOf).join(', ');
  return {
    tasks,
    absent: unknown.map((name) => ({ from: name, to, why: `no node is called ${name}, or matches it` })),
  };
}

function isPattern(target: CheckTarget): boolean {
  return target.kind === 'node' && isGlob(target.node);
}

/** A target for each node that a pattern or the name of a service stands for. */
function spread(target: CheckTarget, nodes: readonly Placed[], missing: readonly string[]): readonly CheckTarget[] {
  if (target.kind === 'address') return [target];
  const { chosen } = chooseNodes([target.node], nodes);
  const found = chosen.map(({ label }) => ({ ...target, node: label }));
  return found.length > 0 || missing.includes(target.node) ? (found.length > 0 ? found : [target]) : [target];
}

function labelOf(target: CheckTarget | null): string {
  if (target === null) return '';
  if (target.kind === 'address') return target.address;
  return target.dev === null ? target.node : `${target.node}:${target.dev}`;
}

async function runTask(
  spec: CheckSpec,
  { from, target }: Task,
  { now, means, untilMs }: Running,
): Promise<string | null> {
  const { withinMs, forMs } = spec;
  return await hold({ withinMs, forMs, untilMs, signal: means.signal }, async () => {
    const { nodes } = await now.get();
    const node = nodes.find(({ label }) => label === from);
    if (node === undefined) return `${from} does not run`;
    if (target === null) return await attempt(spec, node, '', means);
    const address = addressFor(spec, node, target, nodes);
    if (!address.isThere) return address.why;
    return await attempt(spec, node, address.address, means);
  });
}

type Found = { readonly isThere: true; readonly address: string } | { readonly isThere: false; readonly why: string };

function addressFor(spec: CheckSpec, node: Placed, target: CheckTarget, nodes: readonly Placed[]): Found {
  if (target.kind === 'address') return { isThere: true, address: target.address };
  const other = nodes.find(({ names }) => names.includes(target.node));
  if (other === undefined) return { isThere: false, why: `${target.node} does not run` };
  const found = addressOf(other, target.dev, node, spec.family);
  return typeof found === 'string' ? { isThere: false, why: found } : { isThere: true, address: found.address };
}

/** Looks at which nodes there are, at most once a second for all who ask. */
class LookedAt {
  readonly #look: () => Promise<LabNow>;
  #last: Promise<LabNow> | null = null;
  #lastMs = 0;

  constructor(look: () => Promise<LabNow>) {
    this.#look = look;
  }

  get(): Promise<LabNow> {
    const nowMs = performance.now();
    if (this.#last === null || nowMs - this.#lastMs >= LOOK_MS) {
      this.#lastMs = nowMs;
      this.#last = this.#look();
    }
    return this.#last;
  }
}
