/** Gathers the facts about the machine that stand in files. */
import { readdirSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import type { MachineFacts } from '../../preflight/facts.ts';
import { groupPids } from './control-group.ts';
import { kernelIsAtLeast } from './kernel.ts';
import { lackedCapabilities } from './privilege.ts';

/** The oldest kernel that linkloom works with. */
const OLDEST = [5, 10] as const;
const BRIDGE_NF = ['iptables', 'ip6tables', 'arptables'] as const;
const LOOKED_FOR = ['CAP_NET_ADMIN', 'CAP_SYS_ADMIN', 'CAP_NET_BROADCAST', 'CAP_SYS_PTRACE'] as const;

/** Reads some twenty short files, which takes half a millisecond. Needs no privilege. */
export function machineFacts(): MachineFacts {
  return {
    kernel: release(),
    isKernelOld: !kernelIsAtLeast(...OLDEST),
    missingCapabilities: lackedCapabilities(LOOKED_FOR),
    memoryBytes: matchIn('/proc/meminfo', /^MemAvailable:\s+(\d+) kB$/m, 1024),
    descriptors: matchIn('/proc/self/limits', /^Max open files\s+(\d+)/m, 1),
    descriptorsOpen: readdirSync('/proc/self/fd').length,
    namespaces: sysctl('user/max_net_namespaces'),
    pids: lesser(sysctl('kernel/pid_max'), sysctl('kernel/threads-max')),
    pidsUsed: matchIn('/proc/loadavg', /\/(\d+) /, 1) ?? 0,
    groupPids: groupPids(),
    backlog: sysctl('net/core/netdev_max_backlog'),
    neighbours: { 4: sysctl('net/ipv4/neigh/default/gc_thresh3'), 6: sysctl('net/ipv6/neigh/default/gc_thresh3') },
    connections: sysctl('net/netfilter/nf_conntrack_max') ?? sysctl('net/nf_conntrack_max'),
    bridgeNf: BRIDGE_NF.filter((program) => sysctl(`net/bridge/bridge-nf-call-${program}`) === 1),
    consoleLevel: sysctl('kernel/printk'),
  };
}

/** The first number of a setting; null: there is no such setting. */
function sysctl(name: string): number | null {
  return matchIn(`/proc/sys/${name}`, /^(\d+)/, 1);
}

function matchIn(path: string, pattern: RegExp, factor: number): number | null {
  const text = textOf(path);
  const found = text === null ? null : pattern.exec(text);
  return found === null ? null : Number(found[1]) * factor;
}

/** null: it can't be read. */
function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function lesser(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}
