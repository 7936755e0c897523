/** `rebalance` places the nodes of a lab over several hosts anew. */

import { verb } from '../../verb-names.ts';
import { REPORT_FLAGS, SOURCE_FLAGS, STORE_FLAGS } from '../flags.ts';
import type { Verb } from '../verb.ts';

export const rebalance: Verb = {
  description:
    `Places the nodes of a lab anew over the hosts that live, so that few wires are between hosts: ${verb('up')} only places nodes that are ` +
    'new. Nodes that move are made anew on their new host; containers are where they run. With --dry-run it only shows which ones would move.',
  flags: [...SOURCE_FLAGS, ...STORE_FLAGS, 'wait', 'dryRun', ...REPORT_FLAGS],
  examples: [
    ['rebalance -f lab.yaml --store nats://192.0.2.1:4222 --dry-run', 'which nodes would move'],
    ['rebalance -f lab.yaml --store nats://192.0.2.1:4222', 'move them'],
  ],
  exitNotes: ['0  done, or shown', '1  a host is behind or lost', '3  the store does not answer'],
  async run(context, options) {
    const { planOnHosts, upOnHosts } = await import('./up.ts');
    return options.dryRun ? await planOnHosts(context, options, false) : await upOnHosts(context, options, false);
  },
};
