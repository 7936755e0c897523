/** Faults of a whole lab in one file: nodes, wires, defaults, groups and the address plan. */
import type { DiagnosticRules } from './rule.ts';

export const NODES = {
  'node-name': {
    severity: 'error',
    cause: 'A key of `nodes:` can not be the name of a node.',
    cure: 'Use letters, digits, `_`, `.` and `-`, at most 63; not `host`, which is the host itself.',
  },
  'node-unknown': {
    severity: 'error',
    cause: 'A link, a command, a wire, a check or `wait_for` names a node that is not among `nodes:`.',
    cure: 'Correct the name, or add the node.',
  },
  'node-is-service': {
    severity: 'error',
    cause: 'A node has the name of a service of the compose file.',
    cure: 'Rename one of the two: compose starts services, linkloom starts nodes.',
  },
  'node-two-names': {
    severity: 'error',
    cause: 'A link names a node by what the host calls it, or the host can not call it so.',
    cure: 'Write `node:` with the name that it has in `nodes:`.',
  },
  'node-key-under-service': {
    severity: 'error',
    cause: '`nodes:`, `wires:` or another key of a whole lab is under a service of a compose file.',
    cure: 'Move them to the `x-network:` at the top of the file.',
  },
  'container-key': {
    severity: 'error',
    cause: 'A node without an image is a network namespace, and has a key that only containers have.',
    cure: 'Give the node an `image:`, or leave the key out.',
  },
  'container-value': {
    severity: 'error',
    cause: 'A value of a node is one that container engines refuse.',
    cure: 'Write it as the message says.',
  },
  'container-clash': {
    severity: 'error',
    cause:
      'Two values of nodes exclude each other: two binds to one place, one port of the host for two, ports without a network.',
    cure: 'Leave one of them out, or change it.',
  },
  'program-twice': {
    severity: 'error',
    cause: 'Two programs of one node have the same name.',
    cure: 'Give one of them another name.',
  },
  'wait-impossible': {
    severity: 'error',
    cause: 'A node waits for itself, or for something that never comes.',
    cure: 'Wait for another node, or for its `links`.',
  },
  'wait-circle': {
    severity: 'error',
    cause: 'Nodes wait for each other in a circle.',
    cure: 'Leave out one `wait_for` of the circle.',
  },
  'group-unknown-node': {
    severity: 'warning',
    cause: 'A group names a node that does not exist.',
    cure: 'Correct the name.',
  },
  'wire-end': {
    severity: 'error',
    cause: 'A text does not name an end of a wire.',
    cure: 'Write NODE:DEV, host:DEV, or netns/NAME:DEV and the like.',
  },
  'wire-end-twice': {
    severity: 'error',
    cause: 'A device is an end of two wires, or of a wire and of a link.',
    cure: 'Give one of them another device.',
  },
  'wire-bridge': {
    severity: 'error',
    cause: 'A bridge has the name of the broadcast domain of a wire, `wire-N`.',
    cure: 'Choose another name for the bridge.',
  },
  'engine-device': {
    severity: 'error',
    cause: 'A node with ports or a network has its eth0 from the engine, and a link wants that device.',
    cure: 'Give the link another `dev`, as eth1.',
  },
  'pool-invalid': {
    severity: 'error',
    cause: 'A pool of the address plan can not be given out.',
    cure: 'Write a prefix of the family of the plan, without host bits, of addresses that devices can have.',
  },
  'pool-exhausted': {
    severity: 'error',
    cause: 'A pool has too few addresses for what has no `ip`.',
    cure: 'Choose a larger pool, or longer prefixes.',
  },
  'pools-overlap': {
    severity: 'error',
    cause: 'Two pools of the address plan have addresses in common.',
    cure: 'Give each a pool of its own.',
  },
  'host-name': {
    severity: 'error',
    cause: 'A key of `hosts:` can not be the name of a host.',
    cure: 'Use lower-case letters, digits and `-`, at most 63.',
  },
  'host-unknown': {
    severity: 'error',
    cause: '`on` names a host that is not among `hosts:`.',
    cure: 'Correct the name, or add the host.',
  },
  'host-unknown-node': {
    severity: 'warning',
    cause: 'A host names a node that does not exist, or that runs where it was started.',
    cure: 'Correct the name. A container that linkloom does not start is where it runs.',
  },
  'host-twice': {
    severity: 'error',
    cause: 'Two hosts have the same address and port.',
    cure: 'Give each the address by which the others reach it.',
  },
  'pool-address-taken': {
    severity: 'error',
    cause: 'An address that the plan gives out lies in a subnet that is written elsewhere in the files.',
    cure: 'Choose another pool, or another `ip` there.',
  },
} as const satisfies DiagnosticRules;
