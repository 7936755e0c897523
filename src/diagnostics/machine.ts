/** What `doctor`, and `up` before it touches anything, find about the machine: whether the lab fits on it. */
import type { DiagnosticRules } from './rule.ts';

export const MACHINE = {
  'kernel-old': {
    severity: 'error',
    cause: 'The kernel is older than Linux 5.10, the oldest that linkloom works with.',
    cure: 'Boot a newer kernel.',
  },
  'capability-missing': {
    severity: 'error',
    cause: 'Linkloom makes links in the kernel, and the process lacks the capabilities for that.',
    cure: 'Run as root (`sudo linkloom`), or in a container with `cap_add: [NET_ADMIN, SYS_ADMIN]`.',
  },
  'capability-useful': {
    severity: 'warning',
    cause: 'A capability is missing without which linkloom makes links, but sees or hears less.',
    cure: 'Give the capability that the message names, or do without.',
  },
  'engine-missing': {
    severity: 'error',
    cause: 'Nodes of the lab are containers, and neither Docker nor Podman answers.',
    cure: 'Start the engine (`systemctl start docker`), or give its socket with `--docker-socket` or `--podman-socket`.',
  },
  'feature-missing': {
    severity: 'error',
    cause: 'The kernel lacks something that links of the lab are made of, and has no module to load for it.',
    cure: 'Load or install the module that the message names, boot a kernel that has it, or leave these links out.',
  },
  'lab-refused': {
    severity: 'error',
    cause: 'The lab can not be looked at as it is: something that it needs is not on this machine.',
    cure: 'Follow the hint of the message.',
  },
  'link-blocked': {
    severity: 'error',
    cause:
      'Something that linkloom did not make has the name of a device of the lab, or a link can not be made as it is.',
    cure: 'Remove or rename what is there, or give the link another name (`dev`).',
  },
  'descriptors-short': {
    severity: 'error',
    cause:
      'The process may open fewer files than linkloom needs: one or two for each namespace that it works on at a time.',
    cure: 'Raise the limit with `ulimit -n`, or `LimitNOFILE` of a systemd unit.',
  },
  'namespaces-short': {
    severity: 'error',
    cause: 'The lab needs more network namespaces than the kernel allows this user.',
    cure: 'Raise `user.max_net_namespaces`.',
  },
  'pids-short': {
    severity: 'error',
    cause:
      'Containers and programs of the lab need more processes and threads than the kernel, or the control group, allows.',
    cure: 'Raise `kernel.pid_max` and `kernel.threads-max`, or the control group’s `pids.max`.',
  },
  'memory-short': {
    severity: 'error',
    cause: 'The kernel needs more memory for the devices of the lab than is available.',
    cure: 'Free memory, or make the lab smaller. Wires of mode `direct` need least.',
  },
  'memory-tight': {
    severity: 'warning',
    cause:
      'The devices of the lab take most of the memory that is available, and leave little for what runs in the nodes.',
    cure: 'Free memory, or make the lab smaller. Wires of mode `direct` need least.',
  },
  'backlog-short': {
    severity: 'warning',
    cause:
      'A bridge copies each broadcast to all of its ports at once, and that is more packets than the queue of a processor takes. The rest is dropped.',
    cure: 'Raise `net.core.netdev_max_backlog`.',
  },
  'neighbours-short': {
    severity: 'warning',
    cause:
      'All namespaces share one table of neighbours (ARP, NDP), and it has no room for one neighbour per link. Then packets are dropped, and the kernel logs `neighbor table overflow`.',
    cure: 'Raise `gc_thresh1`, `gc_thresh2` and `gc_thresh3` of `net.ipv4.neigh.default` or `net.ipv6.neigh.default`.',
  },
  'neighbours-mesh': {
    severity: 'note',
    cause:
      'If every node of a bridge talks to every other, they have more neighbours than the table takes that all namespaces share.',
    cure: 'Raise `gc_thresh1`, `gc_thresh2` and `gc_thresh3` of `net.ipv4.neigh.default` or `net.ipv6.neigh.default`.',
  },
  'conntrack-short': {
    severity: 'warning',
    cause:
      'Packets of the lab pass a firewall or a translation that tracks connections, and one between any two links of a bridge is more than it takes.',
    cure: 'Raise `net.netfilter.nf_conntrack_max`.',
  },
  'bridge-firewalled': {
    severity: 'warning',
    cause:
      'The bridges are in a namespace whose firewall also sees bridged packets (`bridge-nf-call-iptables`), and may drop those of the lab.',
    cure: 'Switch it off, or use `--switch netns`, so that the bridges have namespaces of their own.',
  },
  'firewall-in-path': {
    severity: 'warning',
    cause: 'A chain of the firewall is in the way of the lab’s packets, and drops what none of its rules lets pass.',
    cure: 'Let the packets of the bridge pass with the command of the message.',
  },
  'console-noisy': {
    severity: 'warning',
    cause:
      'Each port of a bridge writes lines to the kernel’s console when it is made, raised and removed, which takes long on a serial line.',
    cure: 'Lower the level of the console: `sysctl -w kernel.printk=4`.',
  },
  'mtu-mixed': {
    severity: 'warning',
    cause:
      'Links of one broadcast domain have different MTUs: what the one with the larger sends whole, the other does not take.',
    cure: 'Give all links of the bridge the same `mtu`.',
  },
  'mtu-above-parent': {
    severity: 'warning',
    cause: 'A link is to have a larger MTU than the device that it stands on.',
    cure: 'Give the link no more than its parent has, or raise the parent’s.',
  },
  'mtu-above-underlay': {
    severity: 'warning',
    cause: 'Packets of a tunnel do not fit the device by which they leave: they are cut into fragments, or dropped.',
    cure: 'Give the links of the tunnel’s bridge an `mtu` that leaves room for the headers.',
  },
  'memory-expected': {
    severity: 'note',
    cause: 'How much memory the kernel will need for the lab.',
    cure: 'Nothing has to be done.',
  },
  'bridges-of-two': {
    severity: 'note',
    cause:
      'Many bridges tie two links each. A wire does the same for less, and some kernels take long for each bridge that goes.',
    cure: 'Give the bridges `mode: direct` or `mode: patch`, or the lab `--default-bridge-mode patch`.',
  },
  'time-expected': {
    severity: 'note',
    cause: 'How long it will take here to make the lab, and to remove it.',
    cure: 'Nothing has to be done.',
  },
} as const satisfies DiagnosticRules;
