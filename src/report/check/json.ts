/**
 * `report/check/` prints what checks have come to.
 *
 * This file: for programs.
 */
import { type CheckFailure, type CheckReport, hasFailed } from '../../check/report.ts';
import type { JunitCase, JunitSuite } from '../ci/junit.ts';

/** The document of `check --json`. */
export function checkJson(report: CheckReport, timings: Readonly<Record<string, number>>): object {
  return { schemaVersion: 1, verb: 'check', lab: report.lab, ...checkPart(report), timings };
}

/** What it has in the documents of other verbs. */
export function checkPart(report: CheckReport): object {
  const { checks, allPairs } = report;
  const ok = checks.filter(({ isHeld }) => isHeld).length;
  return {
    held: !hasFailed(report),
    counts: { checks: checks.length, ok, failed: checks.length - ok },
    checks: checks.map(({ isHeld, tookMs, where, ...rest }) => ({
      ...rest,
      held: isHeld,
      tookMs: Math.round(tookMs),
      where: where === null ? null : { file: where.file, line: where.line, column: where.column },
    })),
    allPairs: allPairs && {
      ...{ loopbacks: allPairs.isLoopbacks, pairs: allPairs.pairs, reached: allPairs.reached },
      tookMs: Math.round(allPairs.tookMs),
      nodes: allPairs.nodes,
    },
  };
}

/** A suite with a case for each check, and one with a case for each node. */
export function checkSuites({ lab, checks, allPairs }: CheckReport, seconds: number): readonly JunitSuite[] {
  const suites: JunitSuite[] = [];
  if (checks.length > 0) {
    const cases = checks.map(({ name, kind, failures, tookMs }) => ({
      ...{ name, group: `${lab}.${kind}`, seconds: tookMs / 1000 },
      ...failureOf(kind, failures),
    }));
    suites.push({ name: `checks of ${lab}`, cases, seconds });
  }
  if (allPairs !== null) {
    const cases = allPairs.nodes.map(({ node, failures }) => ({
      ...{ name: node, group: `${lab}.pairs` },
      ...failureOf('unreached', failures),
    }));
    suites.push({ name: `pairs of ${lab}`, cases, seconds: allPairs.tookMs / 1000 });
  }
  return suites;
}

function failureOf(kind: string, failures: readonly CheckFailure[]): Pick<JunitCase, 'failure'> {
  const [first] = failures;
  if (first === undefined) return {};
  const message = failures.length === 1 ? lineOf(first) : `${lineOf(first)}; and ${failures.length - 1} more`;
  return { failure: { kind, message, details: failures.map(lineOf).join('\n') } };
}

/** `r1 to r2: no answer within 1 s`. */
export function lineOf({ from, to, why }: CheckFailure): string {
  return `${from}${to === '' ? '' : ` to ${to}`}: ${why}`;
}
