/** What provokes each finding about the machine. */
import type { MACHINE } from '../../src/diagnostics/machine.ts';
import type { Examples } from './example.ts';

export const MACHINE_EXAMPLES: Examples<keyof typeof MACHINE> = {
  'kernel-old': { when: 'The machine runs Linux 5.4.' },
  'capability-missing': { when: '`linkloom doctor` as a user who is not root.' },
  'capability-useful': { when: 'A container with `cap_add: [NET_ADMIN, SYS_ADMIN]` and nothing more.' },
  'engine-missing': { when: 'A lab of services, and Docker is stopped.' },
  'feature-missing': { when: 'A link has `impair: {delay: 10ms}`, and the kernel has no `sch_netem`.' },
  'lab-refused': { when: 'A bridge of mode `ovs`, and Open vSwitch is not installed.' },
  'link-blocked': {
    when: 'A container that is on a network of Docker has an `eth0`, and the lab has a link of that name for it.',
  },
  'descriptors-short': { when: '`ulimit -n 128`, then a lab of 100 nodes.' },
  'namespaces-short': { when: '`sysctl -w user.max_net_namespaces=10`, then a lab of 20 nodes.' },
  'pids-short': { when: 'A lab of 3,000 containers where `kernel.pid_max` is 32768.' },
  'memory-short': { when: 'A lab of 100,000 links on a machine with 8 GiB.' },
  'memory-tight': { when: 'A lab of 70,000 links on a machine with 8 GiB.' },
  'backlog-short': {
    when: 'A bridge with 1,010 links, and `net.core.netdev_max_backlog` is 1000, as it is by default.',
  },
  'neighbours-short': {
    when: '600 wires with IPv4 addresses at both ends, and `gc_thresh3` is 1024, as it is by default.',
  },
  'neighbours-mesh': {
    when: 'A bridge with 40 links that have IPv4 addresses, and `gc_thresh3` is 1024, as it is by default.',
  },
  'conntrack-short': { when: 'A bridge with 800 links, some of them with `nat`, and `nf_conntrack_max` is 262144.' },
  'bridge-firewalled': { when: '`up --switch own` on a host that runs Docker, whose chain FORWARD drops.' },
  'firewall-in-path': { when: '`up --switch own` where nftables has a table of the family `bridge`.' },
  'console-noisy': { when: 'A lab with bridges of 100 ports on a machine that was started without `quiet`.' },
  'mtu-mixed': { when: 'Two links of a bridge, one with `mtu: 1500`, one with `mtu: 9000`.' },
  'mtu-above-parent': { when: 'A link of type `macvlan` with `mtu: 9000` on a parent that has 1500.' },
  'mtu-above-underlay': { when: 'A `vxlan` tunnel by a device with an MTU of 1500, and links that have 1500 too.' },
  'memory-expected': { when: '`linkloom doctor -f lab.yaml`' },
  'bridges-of-two': { when: '`linkloom doctor -f lab.yaml`, for a lab of 100 bridges with two links each.' },
  'time-expected': { when: '`linkloom doctor -f lab.yaml`' },
};
