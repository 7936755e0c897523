/** Faults of what a configuration describes: keys that do not fit together, and links that the kernel can't make. */
import type { DiagnosticRules } from './rule.ts';

export const NETWORK = {
  'nothing-to-link': {
    severity: 'warning',
    cause: 'The files describe no nodes, wires, links, bridges, tunnels or commands.',
    cure: 'Write `links:` at the top of a network file, or under `x-network:` of a compose file.',
  },
  'lab-twice': {
    severity: 'error',
    cause: 'Two files give the lab different names.',
    cure: 'One run makes one lab: keep one of the two names.',
  },
  'too-many-links': {
    severity: 'error',
    cause: 'There are more links than one lab may have.',
    cure: 'Split the lab into several.',
  },
  'node-missing': {
    severity: 'error',
    cause: 'A link or a command does not say which node it is for.',
    cure: 'Give exactly one of `service`, `container`, `netns`, `node` and `host`.',
  },
  'node-ambiguous': {
    severity: 'error',
    cause: 'A link or a command names more than one node.',
    cure: 'Keep one of `service`, `container`, `netns`, `node` and `host`.',
  },
  'link-twice': {
    severity: 'warning',
    cause: 'One file describes a link of the same node twice, both times without `dev`, so the two become one link.',
    cure: 'Give each link its own `dev`.',
  },
  'keys-exclude': {
    severity: 'error',
    cause: 'Two keys are given that exclude each other.',
    cure: 'Keep one of the two.',
  },
  'key-without-meaning': {
    severity: 'error',
    cause: 'A key has no meaning for the type of its link.',
    cure: 'Remove the key, or change the type.',
  },
  'key-ignored': {
    severity: 'warning',
    cause: 'A key has no meaning for the type of its link, and has no effect.',
    cure: 'Remove the key, or change the type.',
  },
  'link-mode': {
    severity: 'error',
    cause: 'The type of a link has no such mode.',
    cure: 'Use one of the modes that are listed.',
  },
  'address-twice': {
    severity: 'error',
    cause: 'A link has the same address twice.',
    cure: 'Leave one of them out.',
  },
  'address-shared': {
    severity: 'warning',
    cause: 'Two links on one bridge have the same address.',
    cure: 'Give one of them another address.',
  },
  'mac-shared': {
    severity: 'warning',
    cause: 'Two links on one bridge have the same MAC address.',
    cure: 'Give one of them another MAC address.',
  },
  'subnets-overlap': {
    severity: 'warning',
    cause: 'The subnets of two devices of one node overlap, so the node sends through one of them only.',
    cure: 'Give each device of a node a subnet of its own.',
  },
  'ipv6-mtu': {
    severity: 'error',
    cause: 'A link with IPv6 has an MTU below 1280, with which the kernel removes IPv6 from the device.',
    cure: 'Raise the `mtu` to 1280, or leave IPv6 out.',
  },
  'route-twice': {
    severity: 'error',
    cause: 'Two routes of a node have the same destination, metric and table.',
    cure: 'Leave one out, or give one of them another metric.',
  },
  'nat-address': {
    severity: 'error',
    cause: 'A link with `nat` has no address of the same family.',
    cure: 'Give the link an `ip` of that family.',
  },
  'forward-address': {
    severity: 'error',
    cause: 'A link with `forward` has no IPv4 address.',
    cure: 'Give the link an `ip`.',
  },
  'forward-bridge': {
    severity: 'error',
    cause: 'A link with `forward` is on a bridge through which no port can be published.',
    cure: 'Use one of the bridge modes that are listed.',
  },
  'forward-uplink': {
    severity: 'error',
    cause: 'Ports are published through the eth0 of linkloom’s own container, and there is none.',
    cure: 'Run linkloom in a container, on a network of the engine that publishes the ports.',
  },
  'forward-shared': {
    severity: 'warning',
    cause: 'Two links forward the same outer port, so it leads to the first of them.',
    cure: 'Forward another port. Each replica of a service takes the next one.',
  },
  'replica-outside-subnet': {
    severity: 'warning',
    cause: 'Counting up with the replicas takes an address out of its own subnet.',
    cure: 'Use a shorter prefix, or run fewer replicas.',
  },
  'bridge-name': {
    severity: 'error',
    cause: 'A bridge is a device, and the kernel refuses its name.',
    cure: 'Choose a name that a device can have, or a mode in which the bridge is no device.',
  },
  'bridge-mode-fallback': {
    severity: 'warning',
    cause: 'A bridge of mode `auto` becomes one of mode `linux`, since Open vSwitch is not available.',
    cure: 'Load the kernel module `openvswitch`, or write `mode: linux`.',
  },
  'bridge-full': {
    severity: 'error',
    cause: 'A bridge has more ports than its mode takes.',
    cure: 'Spread the links over several bridges, or use mode `ovs`.',
  },
  'wire-third-end': {
    severity: 'error',
    cause: 'A bridge of mode `patch` or `direct` is a wire of two ends, and has more.',
    cure: 'Keep two links on it, or use another mode.',
  },
  'tunnel-remote': {
    severity: 'error',
    cause: '`remote` of a tunnel is no address of one machine that a route leads to.',
    cure: 'Give the address of the other end: not multicast, link-local or unspecified.',
  },
  'tunnel-bridge': {
    severity: 'error',
    cause: 'A tunnel joins a bridge whose mode takes no tunnels.',
    cure: 'Use one of the bridge modes that are listed.',
  },
  'node-clash': {
    severity: 'error',
    cause: 'Two running containers have the same name.',
    cure: 'Stop or rename one of them.',
  },
  'device-clash': {
    severity: 'error',
    cause: 'Two links, bridges or tunnels would be devices of the same name in the same namespace.',
    cure: 'Give one of them another `dev`, `outer-dev` or name.',
  },
  'parent-vlan-id': {
    severity: 'error',
    cause: 'Two links of type vlan on one parent have the same VLAN id.',
    cure: 'Give one of them another `vlanid`.',
  },
  'parent-mixed-types': {
    severity: 'error',
    cause: 'A parent carries links of both macvlan and ipvlan, and the kernel allows one of the two.',
    cure: 'Use the same type for all links on a parent.',
  },
  'parent-mixed-modes': {
    severity: 'error',
    cause: 'The ipvlan links on one parent have different modes, and the kernel allows one mode.',
    cure: 'Give them the same mode.',
  },
  'parent-taken-whole': {
    severity: 'error',
    cause: 'A macvlan of mode passthru takes its parent whole, and another link is on that parent too.',
    cure: 'Use mode bridge to share a parent.',
  },
  'parent-circle': {
    severity: 'error',
    cause: 'A link is its own parent, directly or through other links.',
    cure: 'Name the device below it as `outer-dev`.',
  },
} as const satisfies DiagnosticRules;
