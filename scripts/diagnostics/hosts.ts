/** What provokes each fault of a lab over several hosts. */
import type { HOSTS } from '../../src/diagnostics/hosts.ts';
import type { Examples } from './example.ts';

export const HOST_EXAMPLES: Examples<keyof typeof HOSTS> = {
  'spread-no-host': { when: 'A node has `on: h3`, and no daemon follows the store with `--host h3`.' },
  'spread-host-end': {
    when: 'A lab on two hosts has a link `{host: true, dev: veth0, bridge: lan}`, and `lan` is on both.',
  },
  'spread-external': { when: 'Nodes of two hosts are on a bridge with `external: true`.' },
  'spread-wait': { when: 'A node on `h1` has `wait_for: [db]`, and `db` is on `h2`.' },
  'spread-addresses': { when: 'The host `h1` has the address 192.0.2.1, and `h2` has 2001:db8::2.' },
  'spread-claimed-twice': { when: 'A container called `db` runs on `h1`, and another on `h2`.' },
  'spread-room': { when: 'Containers with `memory: 12g` in all are on a host that has 8 GiB.' },
  'spread-mtu': { when: 'A wire between two hosts without `mtu`, where the network between the hosts has 1500.' },
};
