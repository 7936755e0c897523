/** Labs that share their nodes, beside each other, for hundreds of rounds. */
import { test } from 'node:test';
import { amount, figures } from '../../support/faults/amount.ts';
import { shareAndLeave } from '../../support/faults/shared-labs.ts';
import { temporaryFolder } from '../../support/folder.ts';

test('labs that share nodes neither wait for each other nor lose a link, and the last takes the nodes along', {
  timeout: 3_600_000,
}, async () => {
  using folder = temporaryFolder('shared');
  const size = { labs: 6, nodes: 8, rounds: amount('SHARED_ROUNDS', 200) };
  figures('labs that share nodes', { ...size, ...(await shareAndLeave(folder.path, size)) });
});
