/** The reports of several hosts become one: each check once, with what every host has to say of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CheckReport, CheckResult } from '../../../src/check/report.ts';
import { type HostChecked, together } from '../../../src/hosts/verbs/check.ts';

function result(name: string, more: Partial<CheckResult> = {}): CheckResult {
  return { name, kind: 'ping', isHeld: true, pairs: 1, tookMs: 5, failures: [], where: null, ...more };
}

/** As each host sends it. */
function answersOf(reports: readonly CheckReport[]): readonly HostChecked[] {
  return reports.map((report) => ({ report, order: ['one', 'zero', 'two', 'three'] }));
}

test('a check holds if it holds on all hosts; a name that is nowhere is told once', () => {
  const nowhere = { from: 'x', to: 'a', why: 'no node is called x, or matches it' };
  const broken = { from: 'b', to: 'a', why: 'no answer' };
  const reports: CheckReport[] = [
    {
      lab: 'l',
      allPairs: null,
      checks: [result('one', { pairs: 2 }), result('two', { isHeld: false, failures: [nowhere] })],
    },
    {
      lab: 'l',
      allPairs: null,
      checks: [
        result('one', { isHeld: false, failures: [broken], tookMs: 9 }),
        result('two', { isHeld: false, failures: [nowhere] }),
        result('three'),
        result('zero'),
      ],
    },
  ];
  assert.deepEqual(together('l', answersOf(reports)), {
    lab: 'l',
    allPairs: null,
    checks: [
      result('one', { isHeld: false, pairs: 3, tookMs: 9, failures: [broken] }),
      result('zero'),
      result('two', { isHeld: false, pairs: 1, failures: [nowhere] }),
      result('three'),
    ],
  });
});

test('every pair is counted once, also of a node that does not run and is told by each host', () => {
  const reach = (node: string, reached: number, failures: string[] = []): object => ({
    ...{ node, pairs: 2, reached },
    failures: failures.map((to) => ({ from: node, to, why: 'does not run' })),
  });
  const gone = (to: string): object => ({
    ...{ node: 'c', pairs: 1, reached: 0 },
    failures: [{ from: 'c', to, why: 'c does not run' }],
  });
  const pairs = (nodes: object[], reached: number): CheckReport => ({
    ...{ lab: 'l', checks: [] },
    allPairs: { isLoopbacks: true, pairs: 3, reached, tookMs: 1, nodes } as unknown as CheckReport['allPairs'],
  });
  const { allPairs } = together(
    'l',
    answersOf([pairs([reach('a', 1, ['c']), gone('a')], 1), pairs([reach('b', 1, ['c']), gone('b')], 1)]),
  );
  assert.equal(allPairs?.pairs, 6);
  assert.equal(allPairs?.reached, 2);
  assert.deepEqual(allPairs?.nodes.map(({ node, pairs: count, failures }) => [node, count, failures.length]).sort(), [
    ['a', 2, 1],
    ['b', 2, 1],
    ['c', 2, 2],
  ]);
});
