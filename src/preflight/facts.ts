/**
 * `preflight/` says before anything is touched whether a lab fits on the machine. Pure: facts about the machine and a plan become
 * findings. Who gathers the facts is `engine/machine/`.
 *
 * This file: the facts.
 */
import type { Feature, FirewallChain, Underlay } from '../wire/machine.ts';

/** What files under /proc say. null: this kernel, or this namespace, does not say it. */
export interface MachineFacts {
  /** `6.1.0-18-amd64`. */
  readonly kernel: string;
  readonly isKernelOld: boolean;
  /** By capabilities(7), of those that linkloom looks for. */
  readonly missingCapabilities: readonly string[];
  /** MemAvailable. */
  readonly memoryBytes: number | null;
  /** RLIMIT_NOFILE, the soft limit (Node.js has raised it to the hard one). */
  readonly descriptors: number | null;
  readonly descriptorsOpen: number;
  /** user.max_net_namespaces. */
  readonly namespaces: number | null;
  /** kernel.pid_max and kernel.threads-max, whichever is less. */
  readonly pids: number | null;
  /** Processes and threads that there are. */
  readonly pidsUsed: number;
  /** `pids.max` of the process's control group, with what is used of it; null also where there is no limit. */
  readonly groupPids: { readonly max: number; readonly used: number } | null;
  /** net.core.netdev_max_backlog. */
  readonly backlog: number | null;
  /** net.ipv4.neigh.default.gc_thresh3, and of IPv6: at most so many neighbours in all namespaces. */
  readonly neighbours: { readonly 4: number | null; readonly 6: number | null };
  /** net.netfilter.nf_conntrack_max. */
  readonly connections: number | null;
  /** net.bridge.bridge-nf-call-*, of linkloom's own namespace, that are on: `iptables`, `ip6tables`, `arptables`. */
  readonly bridgeNf: readonly string[];
  /** Messages of a level below this go to the console (kernel.printk). */
  readonly consoleLevel: number | null;
}

/** What was asked of the kernel for a lab. */
export interface KernelFacts {
  /** Of the features that the lab needs. */
  readonly missing: readonly Feature[];
  readonly firewall: readonly FirewallChain[];
  readonly underlays: readonly Underlay[];
  /** How long a pair of veth takes here; null: not measured. */
  readonly pairMs: number | null;
  /** How long each of many bridges takes to die here; null: not measured. */
  readonly bridgeMs: number | null;
}

export interface Facts extends MachineFacts, KernelFacts {
  /** Named network namespaces that there are. */
  readonly namespacesUsed: number;
}

/** A container engine that answers. */
export interface EngineSeen {
  readonly kind: string;
  readonly socketPath: string;
}
