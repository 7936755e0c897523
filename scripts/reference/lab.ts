/** Facts of the keys at the top of a file, and of bridges, tunnels and commands. */
import type { NetworkSchema } from '../../src/config/network-schema.ts';
import type { BridgeSchema, CommandSchema, TunnelSchema } from '../../src/config/schema.ts';
import type { Facts } from './facts.ts';

const MERGED = { text: 'each entry by itself: see its keys' } as const;

export const TOP_FACTS: Facts<keyof typeof NetworkSchema.entries> = {
  lab: {
    example: 'lab: hello\nlinks:\n  - {netns: alice, bridge: lan}\n',
    default: "the compose project's name, else the folder's; inside a container its own project, else its id",
    edit: { text: 'another lab: the one of the old name stays until `down --lab NAME`' },
  },
  nodes: {
    example: 'nodes:\n  r1: {exec: ["sysctl -w net.ipv4.ip_forward=1"]}\n  r2:\nwires:\n  - [r1:eth1, r2:eth1]\n',
    default: 'none',
    edit: MERGED,
  },
  wires: { example: 'wires:\n  - [alice:eth1, bob:eth1]\n', default: 'none', edit: MERGED },
  links: {
    example:
      'links:\n  - {netns: alice, bridge: lan, ip: 10.0.0.1/24}\n  - {netns: bob, bridge: lan, ip: 10.0.0.2/24}\n',
    default: 'none',
    edit: MERGED,
  },
  bridges: {
    example: 'bridges:\n  - {bridge: lan, mode: linux}\nlinks:\n  - {netns: alice, bridge: lan}\n',
    default: 'each bridge that a link names, of the mode of `--default-bridge-mode`',
    edit: MERGED,
  },
  tunnels: {
    example:
      'tunnels:\n  - {type: vxlan, vni: 100, bridge: lan, remote: 192.0.2.2}\nlinks:\n  - {netns: alice, bridge: lan, mtu: 1400}\n',
    default: 'none',
    edit: MERGED,
  },
  commands: {
    example:
      'commands:\n  - {netns: alice, command: "sysctl -w net.ipv4.ip_forward=1"}\nlinks:\n  - {netns: alice, bridge: lan}\n',
    default: 'none',
    edit: MERGED,
  },
  checks: {
    example:
      'links:\n  - {netns: alice, bridge: lan, ip: 10.0.0.1/24}\n  - {netns: bob, bridge: lan, ip: 10.0.0.2/24}\nchecks:\n  - {from: alice, to: bob}\n',
    default: 'none',
  },
  defaults: {
    example: 'defaults:\n  link: {mtu: 1500}\nwires:\n  - [alice:eth1, bob:eth1]\n',
    default: 'none',
    edit: MERGED,
  },
  groups: {
    example:
      'groups:\n  leafs: {nodes: ["leaf*"], link: {mtu: 9000}}\nnodes: {leaf1: , leaf2: }\nwires:\n  - [leaf1:eth1, leaf2:eth1]\n',
    default: 'none',
    edit: MERGED,
  },
  addressing: {
    example: 'addressing:\n  wires: {pool: 10.0.0.0/24}\nnodes: {r1: , r2: }\nwires:\n  - [r1:eth1, r2:eth1]\n',
    default: 'none: what has no `ip` has no address',
    edit: { text: 'the addresses that become other ones are changed in place' },
  },
  hosts: {
    example:
      'hosts:\n  h1: {nodes: ["leaf*"]}\n  h2:\nnodes: {leaf1: , spine1: }\nwires:\n  - [leaf1:eth1, spine1:eth1]\n',
    default: 'all hosts whose daemons follow the store',
    edit: MERGED,
  },
};

export const BRIDGE_FACTS: Facts<keyof typeof BridgeSchema.entries> = {
  bridge: { example: 'bridge: lan', edit: { text: 'another bridge: links that name it move to it in place' } },
  mode: {
    example: 'bridge: lan, mode: linux',
    default: '`auto` (`--default-bridge-mode`)',
    edit: {
      text: 'nodes keep their devices between `linux`, `patch` and `ovs`; from and to `direct` links are made anew',
    },
  },
  datapath: {
    example: 'bridge: lan, mode: ovs, datapath: netdev',
    default: '`system`, which needs the kernel module `openvswitch`',
    edit: { text: 'changed in place in the database of Open vSwitch' },
  },
  'mcast-snooping': {
    example: 'bridge: lan, mcast-snooping: true',
    default: 'false',
    edit: 'in place',
  },
  external: {
    example: 'bridge: br-lab, external: true',
    default: 'false',
    edit: { text: 'links are made anew, with ports where the bridge is' },
  },
};

export const TUNNEL_FACTS: Facts<keyof typeof TunnelSchema.entries> = {
  type: { example: 'type: geneve', edit: { text: 'another tunnel' } },
  bridge: { example: 'type: geneve', edit: 'in place' },
  remote: { example: 'type: geneve', edit: 'anew' },
  vni: { example: 'type: gre', edit: { text: 'another tunnel' } },
  netem: { example: 'type: vxlan, netem: "delay 10ms"', default: 'no impairment', edit: 'in place' },
  impair: { example: 'type: vxlan, impair: {delay: 10ms}', default: 'no impairment', edit: 'in place' },
};

const RUNS = { text: 'the command as it is now runs when the links of its node are made again' } as const;

export const COMMAND_FACTS: Facts<keyof typeof CommandSchema.entries> = {
  node: { example: 'node: r1, command: hostname', edit: RUNS },
  service: { example: 'service: web, command: hostname', edit: RUNS },
  container: { example: 'container: my-database, command: hostname', edit: RUNS },
  netns: { example: 'netns: alice, command: [sysctl, -w, net.ipv4.ip_forward=1]', edit: RUNS },
  host: { example: 'host: true, command: [sysctl, net.ipv4.ip_forward]', edit: RUNS },
  command: { example: 'netns: alice, command: "sysctl -w net.ipv4.ip_forward=1"', edit: RUNS },
};
