import assert from 'node:assert/strict';
import { test } from 'node:test';
import { benchHtml, benchText } from '../../../src/report/chart/bench.ts';
import { fakeSink } from '../../support/sink.ts';

test('the table of bench has units as units are written', () => {
  const timings = { loadMs: 1, observeMs: 1, planMs: 1, applyMs: 1, totalMs: 5 };
  const step = { up: timings, again: timings, down: timings };
  const machine = { cpu: 'cpu', cpus: 1, memoryGiB: 1, kernel: '6', node: 'v20' };
  const report = { machine, shape: 'ring' as const, nodes: 1, links: 1, rounds: [step], medians: step };
  const text = benchText(report, fakeSink());
  assert.match(text, /^ring, 1 node, 1 link, one run, in milliseconds\n/);
  assert.match(text, /\nSTEP +LOAD +OBSERVE +PLAN +APPLY +REST +WHOLE +µs PER LINK\n/);
  assert.match(benchHtml(report), /µs per link/);
});
