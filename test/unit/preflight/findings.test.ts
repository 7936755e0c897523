/** Each finding about the machine: what provokes it, its words, and that less does not provoke it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DiagnosticCode } from '../../../src/diagnostics/table.ts';
import { checkCapabilities } from '../../../src/preflight/checks/kernel.ts';
import type { Facts } from '../../../src/preflight/facts.ts';
import type { Lab } from '../../../src/preflight/lab.ts';
import type { NodeDefinition } from '../../../src/topology/nodes/definition.ts';
import type { Network } from '../../../src/topology/topology.ts';
import { networkOf, type Wanted } from '../../support/networks.ts';
import { findingsOf, ROOMY } from '../../support/preflight/machine.ts';

/** A bridge `b` with so many links, `n0:eth0` and on. */
function lan(count: number, more: (index: number) => Partial<Wanted> = () => ({})): Network {
  return networkOf(
    'lab',
    Array.from({ length: count }, (_, i) => ({ node: `n${i}`, dev: 'eth0', bridge: 'b', ...more(i) })),
  );
}

/** So many wires of mode `direct`, each between two nodes of its own. */
function wires(count: number, more: (end: number) => Partial<Wanted> = () => ({})): Network {
  const ends = Array.from({ length: count * 2 }, (_, i) => ({
    node: `n${i}`,
    dev: 'eth0',
    bridge: `w${i >> 1}`,
    ...more(i),
  }));
  return networkOf('lab', ends, Object.fromEntries(ends.map(({ bridge }) => [bridge, 'direct'])));
}

const addressed = (i: number): Partial<Wanted> => ({
  addresses: [`10.${i >> 8}.${i & 255}.1/16`, `fd00::${i.toString(16)}/64`],
});
const CHAIN = { family: 'ip', table: 'filter', chain: 'FORWARD', drops: true };
const BRIDGE_CHAIN = { family: 'bridge', table: 'filter', chain: 'forward', drops: false };
const OWN: Partial<Lab> = { side: 'own' };

/** Entries of `nodes:`, as far as preflight looks at them. */
function definitions(containers: number, programs = 0): readonly NodeDefinition[] {
  const run = Array.from({ length: programs }, () => ({}));
  return Array.from({ length: containers }, (_, i) => ({
    kind: 'container',
    run: i === 0 ? run : [],
  })) as unknown as NodeDefinition[];
}

interface Row {
  readonly code: DiagnosticCode;
  readonly network: Network;
  readonly facts: Partial<Facts>;
  readonly lab?: Partial<Lab>;
  readonly message: RegExp;
  readonly hint?: RegExp;
  readonly links?: readonly string[];
  /** The nearest facts under which it is not found. */
  readonly fine: Partial<Facts>;
}

const ROWS: readonly Row[] = [
  {
    code: 'kernel-old',
    network: lan(2),
    facts: { kernel: '5.4.0', isKernelOld: true },
    message: /^this kernel is Linux 5\.4\.0, and 5\.10 is the oldest that will do$/,
    fine: { kernel: '5.10.0' },
  },
  {
    code: 'feature-missing',
    network: lan(6, (i) => (i < 5 ? { netem: 'delay 10ms' } : {})),
    facts: { missing: ['netem'] },
    message:
      /^this kernel has no netem \(module sch_netem, for `impair` and `netem`\), which n0:eth0, n1:eth0, n2:eth0, n3:eth0 and 1 more need$/,
    hint: /^`modprobe sch_netem`; .*`apt-get install linux-modules-extra-6\.1\.0-18-amd64`.*CONFIG_NET_SCH_NETEM$/,
    links: ['n0:eth0', 'n1:eth0', 'n2:eth0', 'n3:eth0', 'n4:eth0'],
    fine: { missing: ['geneve'] },
  },
  {
    code: 'descriptors-short',
    network: lan(100),
    facts: { descriptors: 329 },
    message: /^up to 330 file descriptors are open at a time for this lab, and 329 may be \(RLIMIT_NOFILE\)$/,
    hint: /^`ulimit -n 512` in the shell/,
    fine: { descriptors: 330 },
  },
  {
    code: 'namespaces-short',
    network: lan(9),
    facts: { namespaces: 12, namespacesUsed: 3 },
    message: /^the lab makes 10 network namespaces, there are 3 with names already, and the kernel allows 12/,
    hint: /^`sysctl -w user\.max_net_namespaces=32`$/,
    fine: { namespaces: 13, namespacesUsed: 3 },
  },
  {
    code: 'pids-short',
    network: lan(2),
    facts: { pids: 1000, pidsUsed: 900 },
    lab: { definitions: definitions(10, 2) },
    message: /^10 containers and 2 programs of `run:` need some 132 processes and threads, there are 900 already/,
    hint: /^`sysctl -w kernel\.pid_max=2048 kernel\.threads-max=2048`$/,
    fine: { pids: 1032, pidsUsed: 900 },
  },
  {
    code: 'pids-short',
    network: lan(2),
    facts: { groupPids: { max: 100, used: 99 } },
    lab: { definitions: definitions(1, 2) },
    message: /^2 programs of `run:` do not fit the control group: it has 99 .* may have 100 \(pids\.max\)$/,
    hint: /TasksMax/,
    fine: { groupPids: { max: 101, used: 99 } },
  },
  {
    code: 'memory-short',
    network: lan(100),
    facts: { memoryBytes: 30 * 2 ** 20 },
    message: /^the kernel needs some 33 MiB for the devices of this lab, and 30 MiB are available$/,
    hint: /`direct` wires need least/,
    fine: { memoryBytes: 34 * 2 ** 20 },
  },
  {
    code: 'memory-tight',
    network: lan(100),
    facts: { memoryBytes: 40 * 2 ** 20 },
    message: /^the kernel needs some 33 MiB for the devices of this lab; 40 MiB are available$/,
    fine: { memoryBytes: 50 * 2 ** 20 },
  },
  {
    code: 'memory-expected',
    network: lan(100),
    facts: {},
    message: /^the kernel needs some 33 MiB for the devices of this lab; 64\.0 GiB are available$/,
    fine: { memoryBytes: null },
  },
  {
    code: 'backlog-short',
    network: lan(12),
    facts: { backlog: 10 },
    message: /^bridge b copies a broadcast to 11 ports at once, of which a processor's queue takes 10/,
    hint: /^`sysctl -w net\.core\.netdev_max_backlog=32`$/,
    fine: { backlog: 11 },
  },
  {
    code: 'neighbours-short',
    network: wires(5, addressed),
    facts: { neighbours: { 4: 9, 6: 1000 } },
    message:
      /^10 IPv4 links of the lab have a neighbour each at least, and the kernel's table for all namespaces takes 9/,
    hint: /^`sysctl -w net\.ipv4\.neigh\.default\.gc_thresh1=8 net\.ipv4\.neigh\.default\.gc_thresh2=16 net\.ipv4\.neigh\.default\.gc_thresh3=32`$/,
    fine: { neighbours: { 4: 10, 6: 1000 } },
  },
  {
    code: 'neighbours-short',
    network: wires(5, addressed),
    facts: { neighbours: { 4: null, 6: 9 } },
    message: /^10 IPv6 links/,
    hint: /net\.ipv6\.neigh\.default\.gc_thresh3=32`$/,
    fine: { neighbours: { 4: null, 6: 10 } },
  },
  {
    code: 'neighbours-mesh',
    network: lan(5, addressed),
    facts: { neighbours: { 4: 19, 6: 1000 } },
    message: /^if all nodes talk to all others of their bridges, they have 20 IPv4 neighbours, .* takes 19/,
    fine: { neighbours: { 4: 20, 6: 1000 } },
  },
  {
    code: 'conntrack-short',
    network: lan(5, (i) => (i === 0 ? { nat: '10.0.0.1', addresses: ['10.1.0.1/24'] } : {})),
    facts: { connections: 9 },
    message:
      /one between any two links of a bridge makes 10, and the kernel takes 9 \(net\.netfilter\.nf_conntrack_max\)$/,
    hint: /^`sysctl -w net\.netfilter\.nf_conntrack_max=16`$/,
    fine: { connections: 10 },
  },
  {
    code: 'bridge-firewalled',
    network: lan(2),
    lab: OWN,
    facts: { firewall: [CHAIN], bridgeNf: ['iptables', 'ip6tables', 'arptables'] },
    message: /\(ip filter FORWARD\), as bridge-nf-call-iptables is on/,
    hint: /^`sysctl -w net\.bridge\.bridge-nf-call-iptables=0`, or use `--switch netns`$/,
    links: ['n0:eth0', 'n1:eth0'],
    fine: { firewall: [CHAIN], bridgeNf: ['ip6tables'] },
  },
  {
    code: 'firewall-in-path',
    network: lan(2),
    lab: OWN,
    facts: { firewall: [BRIDGE_CHAIN] },
    message: /^bridged packets of the lab go through the chain forward of the table bridge filter$/,
    hint: /^`nft insert rule bridge filter forward meta ibrname b accept`$/,
    fine: { firewall: [CHAIN] },
  },
  {
    code: 'console-noisy',
    network: lan(64),
    facts: { consoleLevel: 7 },
    message: /^64 ports will write to the kernel's console, as its level is 7 \(kernel\.printk\)$/,
    hint: /^`sysctl -w kernel\.printk=4`$/,
    fine: { consoleLevel: 6 },
  },
  {
    code: 'time-expected',
    network: lan(2000),
    facts: { pairMs: 1 },
    message: /^`up` will take some \d.* s, and `down` some \d.* s$/,
    fine: { pairMs: 0.000_01 },
  },
];

describe('findings about the machine', () => {
  for (const { code, network, facts, lab = {}, message, hint, links, fine } of ROWS) {
    test(`${code}: ${message.source}`, () => {
      const found = findingsOf(network, facts, lab).filter((finding) => finding.code === code);
      assert.equal(found.length, 1, JSON.stringify(found));
      assert.match(found[0]?.message ?? '', message);
      if (hint) assert.match(found[0]?.hint ?? '', hint);
      if (links) assert.deepEqual(found[0]?.links, links);
      const otherwise = findingsOf(network, fine, lab).filter((finding) => finding.code === code);
      assert.deepEqual(otherwise, []);
    });
  }

  test('a small lab on a roomy machine has none', () => {
    assert.deepEqual(findingsOf(lan(3, addressed), {}), []);
  });

  test('capabilities: those that are needed are an error, the others a warning each', () => {
    const missingCapabilities = ['CAP_NET_ADMIN', 'CAP_SYS_ADMIN', 'CAP_NET_BROADCAST'];
    const found = checkCapabilities({ ...ROOMY, missingCapabilities });
    assert.deepEqual(
      found.map(({ code, message }) => [code, message]),
      [
        ['capability-missing', 'CAP_NET_ADMIN and CAP_SYS_ADMIN missing: links can not be made'],
        [
          'capability-useful',
          'CAP_NET_BROADCAST missing: a daemon hears no changes in other namespaces, and finds them by its periodic check alone',
        ],
      ],
    );
    assert.match(found[0]?.hint ?? '', /cap_add: \[NET_ADMIN, SYS_ADMIN\]/);
  });
});
