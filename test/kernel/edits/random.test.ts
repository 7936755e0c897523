/** Random edits, some of them; 300 are test/faults/edits.test.ts. */
import { test } from 'node:test';
import { runPairs } from '../../support/edits/pairs.ts';
import { needs } from '../../support/needs.ts';

test(
  'forty random edits of a lab end as the lab does from nothing',
  { timeout: 600_000, ...needs('root', 'program:ip') },
  () => runPairs(40),
);
