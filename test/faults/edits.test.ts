/** Random edits of a running lab on the real kernel: each ends as the lab does from nothing, with what others put beside still there. */
import { test } from 'node:test';
import { runPairs } from '../support/edits/pairs.ts';
import { amount } from '../support/faults/amount.ts';

test('random edits of a lab end as the lab does from nothing', { timeout: 3_600_000 }, () =>
  runPairs(amount('EDITS', 300)),
);
