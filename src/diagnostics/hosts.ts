/** Faults of a lab that is spread over several hosts. */
import type { DiagnosticRules } from './rule.ts';

export const HOSTS = {
  'spread-no-host': {
    severity: 'error',
    cause: 'A node is to be on a host that does not take part, or there is no host at all.',
    cure: 'Start the daemon of that host, or correct `on` or `hosts:`.',
  },
  'spread-host-end': {
    severity: 'error',
    cause: 'A link or command is of the host itself, and the lab is on several hosts: it does not say which one.',
    cure: 'Tie the link to nodes of one host, or place these by `on:`.',
  },
  'spread-external': {
    severity: 'warning',
    cause:
      'Nodes of several hosts are on a bridge of mode `external`. Each host has its own, and linkloom does not tie them together.',
    cure: 'See that the network between the hosts does, or place the nodes on one host by `on:`.',
  },
  'spread-wait': {
    severity: 'error',
    cause: 'A node waits for a node of another host, which a host can not see.',
    cure: 'Place both on one host by `on:`, or leave the `wait_for` out.',
  },
  'spread-addresses': {
    severity: 'error',
    cause: 'Two hosts with wires between them have addresses of different families, or different ports.',
    cure: 'Give both hosts an `address` of IPv4, or both one of IPv6, and the same `port`: what a vxlan learns has its own port.',
  },
  'spread-claimed-twice': {
    severity: 'error',
    cause: 'Containers of one name run on two hosts.',
    cure: 'Stop or rename one of them.',
  },
  'spread-room': {
    severity: 'warning',
    cause: 'The nodes that are placed on a host may use more processors or more memory than it has.',
    cure: 'Place some of them on another host by `on:`, or correct `cpus` and `memory` in `hosts:`.',
  },
  'spread-mtu': {
    severity: 'warning',
    cause:
      'Packets of wires between hosts do not fit the network between the hosts: they are cut into fragments, which is slow.',
    cure: 'Give these links an `mtu` that leaves room for the headers, or raise that of the network between the hosts.',
  },
} as const satisfies DiagnosticRules;
