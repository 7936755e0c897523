/** Options about nodes, engines and the kernel. */
import { type Flag, seconds, wholeNumber } from './flag.ts';

export const SWITCH_SIDES = ['auto', 'own', 'netns'] as const;

export const KERNEL_FLAGS = {
  dockerSocket: {
    flags: '--docker-socket <path>',
    mayBeEmpty: true,
    description: 'socket of Docker (default: DOCKER_HOST, else /var/run/docker.sock)',
    group: 'Nodes and kernel',
  },
  podmanSocket: {
    flags: '--podman-socket <path>',
    mayBeEmpty: true,
    description: 'socket of Podman (default: /var/run/podman/podman.sock)',
    group: 'Nodes and kernel',
  },
  switch: {
    flags: '--switch <where>',
    description: "where bridges are made: in linkloom's own namespace, in namespaces made for them, or as fits",
    group: 'Nodes and kernel',
    choices: SWITCH_SIDES,
    default: 'auto',
  },
  workers: {
    flags: '--workers <count>',
    description: 'worker threads (default: one; more are slower, because of a lock of the kernel)',
    group: 'Nodes and kernel',
    parse: wholeNumber(1, 1024),
  },
  wait: {
    flags: '--wait <seconds>',
    description: 'how long to wait for nodes that do not run yet',
    group: 'Nodes and kernel',
    parse: seconds,
    default: 0,
  },
  detach: {
    flags: '--detach',
    description: 'return once the removal has begun, and let it go on in the background',
    group: 'Nodes and kernel',
  },
  watch: {
    flags: '--watch',
    description: 'keep running, and make links as nodes come and go; the links stay when it ends',
    group: 'Nodes and kernel',
  },
  verify: {
    flags: '--verify',
    description: 'prove afterwards by probes that each wire goes where it should',
    group: 'Nodes and kernel',
  },
  proof: {
    flags: '--no-verify',
    description: 'do not prove first that each wire goes where it should',
    group: 'Nodes and kernel',
    default: true,
  },
  rootless: {
    flags: '--rootless',
    description: 'without root: in a user, a network and a mount namespace of its own',
    group: 'Nodes and kernel',
  },
  deadline: {
    flags: '--timeout <seconds>',
    description: 'how long all of it may take, then it ends as if interrupted (default: as long as it takes)',
    group: 'Nodes and kernel',
    parse: seconds,
  },
  preflight: {
    flags: '--no-preflight',
    description: 'do not look first whether the lab fits on this machine, and make what can be made',
    group: 'Nodes and kernel',
  },
  rerunCommands: {
    flags: '--rerun-commands',
    description: 'run the commands of all nodes again, not only of those whose links are made',
    group: 'Nodes and kernel',
  },
  offline: {
    flags: '--offline',
    description: 'plan for an empty kernel: needs neither root nor an engine',
    group: 'Nodes and kernel',
  },
} as const satisfies Readonly<Record<string, Flag>>;
