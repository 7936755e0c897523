/** `check` on a lab over several hosts: each host tries from its own nodes, to the nodes of all. */
import type { CheckFailure, CheckReport, CheckResult, NodeReach, PairsResult } from '../../check/report.ts';
import type { Store } from '../../cluster/store.ts';
import { LinkloomError } from '../../errors.ts';
import type { FarNodes } from '../../lab/check/nodes.ts';
import type { CheckRequest } from '../../lab/verbs/check.ts';
import { type Answered, askHosts } from './ask.ts';

/** The hosts say within this which nodes they have. */
const NODES_MS = 30_000;
/** How long all checks of a host may take, where nobody says it. */
const CHECK_MAX_MS = 300_000;

/** Throws E_NODE_MISSING if the store knows no such lab, the first error of a host, named, and E_STORE. */
export async function checkOnHosts(store: Store, lab: string, asked: CheckRequest): Promise<CheckReport> {
  const known = answersOf(await askHosts(store, lab, 'nodes', {}, NODES_MS));
  const nodesOf = new Map(known.map(({ host, answer }) => [host, answer as FarNodes]));
  const timeoutMs = Math.min(asked.timeoutMs ?? CHECK_MAX_MS, CHECK_MAX_MS);
  const questionFor = (host: string): object => {
    const others = [...nodesOf].flatMap(([name, of]) => (name === host ? [] : [of]));
    const far = { nodes: others.flatMap(({ nodes }) => nodes), missing: others.flatMap(({ missing }) => missing) };
    return { ...asked, timeoutMs, far };
  };
  const answers = answersOf(await askHosts(store, lab, 'check', questionFor, timeoutMs + NODES_MS));
  return together(
    lab,
    answers.map(({ answer }) => answer as HostChecked),
  );
}

function answersOf(answers: readonly Answered[]): readonly Answered[] {
  const failed = answers.find(({ error }) => error !== null);
  if (failed?.error == null) return answers;
  const { code, message, hint } = failed.error;
  throw new LinkloomError(code, `host ${failed.host}: ${message}`, hint === undefined ? {} : { hint });
}

/** What a host answers. `order`: the names of all checks of the lab, in the order of the configuration. */
export interface HostChecked {
  readonly report: CheckReport;
  readonly order: readonly string[];
}

/** One report of those of all hosts, in the order of the configuration. */
export function together(lab: string, answers: readonly HostChecked[]): CheckReport {
  const reports = answers.map(({ report }) => report);
  const at = new Map(answers[0]?.order.map((name, nth) => [name, nth]));
  const results = new Map<string, CheckResult>();
  for (const result of reports.flatMap(({ checks }) => checks)) {
    const before = results.get(result.name);
    results.set(result.name, before === undefined ? { ...result, where: null } : joined(before, result));
  }
  const pairs = reports.flatMap(({ allPairs }) => allPairs ?? []);
  const checks = [...results.values()].sort((a, b) => (at.get(a.name) ?? 0) - (at.get(b.name) ?? 0));
  return { lab, checks, allPairs: pairs.length === 0 ? null : joinedPairs(pairs) };
}

/** A name that stands for no node is said by each host, and told once. */
function joined(one: CheckResult, other: CheckResult): CheckResult {
  const same = (a: CheckFailure, b: CheckFailure): boolean => a.from === b.from && a.to === b.to && a.why === b.why;
  const more = other.failures.filter((failure) => !one.failures.some((known) => same(known, failure)));
  return {
    ...one,
    isHeld: one.isHeld && other.isHeld,
    pairs: one.pairs + other.pairs - (other.failures.length - more.length),
    tookMs: Math.max(one.tookMs, other.tookMs),
    failures: [...one.failures, ...more],
  };
}

/** A node that does not run is told by each host, for the nodes that are there. */
function joinedPairs(results: readonly PairsResult[]): PairsResult {
  const nodes = new Map<string, NodeReach>();
  for (const reach of results.flatMap((result) => result.nodes)) {
    const { node, pairs, reached, failures } = nodes.get(reach.node) ?? {
      ...reach,
      pairs: 0,
      reached: 0,
      failures: [],
    };
    nodes.set(node, {
      node,
      pairs: pairs + reach.pairs,
      reached: reached + reach.reached,
      failures: [...failures, ...reach.failures],
    });
  }
  const all = [...nodes.values()];
  return {
    isLoopbacks: results.every(({ isLoopbacks }) => isLoopbacks),
    pairs: all.reduce((sum, { pairs }) => sum + pairs, 0),
    reached: all.reduce((sum, { reached }) => sum + reached, 0),
    tookMs: Math.max(...results.map(({ tookMs }) => tookMs)),
    nodes: all,
  };
}
