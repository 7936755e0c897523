/**
 * Lists all verbs, in the order of the help. The table has what is known of a verb before it is loaded; options and texts are in the
 * verb's own file, which only `load` imports, so that no verb pays for the others.
 */

import type { VerbName } from '../verb-names.ts';
import { verb } from '../verb-names.ts';
import type { LoadedVerb, VerbEntry } from './verb.ts';

/** One row for each name, so that every verb that messages can name exists. */
const BY_NAME: Readonly<Record<VerbName, Omit<VerbEntry, 'name'>>> = {
  up: {
    aliases: ['deploy', 'apply'],
    group: 'Links',
    summary: 'make the links that the configuration describes',
    load: async () => (await import('./lab/up.ts')).up,
  },
  down: {
    aliases: ['destroy'],
    group: 'Links',
    summary: 'remove all links of a lab',
    load: async () => (await import('./lab/down.ts')).down,
  },
  plan: {
    group: 'Links',
    summary: `show what ${verb('up')} would do, each operation with its cause`,
    load: async () => (await import('./lab/plan.ts')).plan,
  },
  status: {
    aliases: ['inspect'],
    group: 'Links',
    summary: 'show each link as wanted and as it is',
    load: async () => (await import('./lab/status.ts')).status,
  },
  set: {
    group: 'Links',
    summary: 'set links of a running lab down, up, slow, lossy or narrow',
    load: async () => (await import('./lab/set.ts')).set,
  },
  reset: {
    group: 'Links',
    summary: 'take back what was set by hand',
    load: async () => (await import('./lab/reset.ts')).reset,
  },
  play: {
    group: 'Links',
    summary: 'do things to the links of a running lab at given times, from a file',
    load: async () => (await import('./lab/play.ts')).play,
  },
  verify: {
    group: 'Links',
    summary: 'prove by probes that each wire goes where the configuration says',
    load: async () => (await import('./lab/verify.ts')).verify,
  },
  check: {
    group: 'Links',
    summary: 'find out whether what the configuration says is reached, and what is not',
    load: async () => (await import('./check/check.ts')).check,
  },
  events: {
    group: 'Links',
    summary: 'show what happens to a lab, as it happens',
    load: async () => (await import('./lab/events.ts')).events,
  },
  doctor: {
    group: 'Links',
    summary: 'say what this machine can do, and whether a lab fits on it',
    load: async () => (await import('./lab/doctor.ts')).doctor,
  },
  daemon: {
    group: 'Links',
    summary: 'make the links of what runs, then follow containers that start and end; also what runs without a verb',
    load: async () => (await import('./lab/daemon.ts')).daemon,
  },
  health: {
    group: 'Links',
    summary: 'ask a daemon whether its lab is whole',
    load: async () => (await import('./lab/health.ts')).health,
  },
  bench: {
    group: 'Links',
    summary: 'measure what a lab of some shape and size costs here',
    load: async () => (await import('./lab/bench.ts')).bench,
  },
  run: {
    group: 'Links',
    summary: 'make a lab, prove it, run a program, remove the lab, whatever happens',
    load: async () => (await import('./job/run.ts')).run,
  },
  capture: {
    group: 'Links',
    summary: 'capture the packets of links, for wireshark and tshark',
    load: async () => (await import('./capture/capture.ts')).capture,
  },
  exec: {
    group: 'Nodes',
    summary: 'run a program in a node, or in many at once',
    load: async () => (await import('./node/exec.ts')).exec,
  },
  shell: {
    group: 'Nodes',
    summary: 'open a shell in a node',
    load: async () => (await import('./node/shell.ts')).shell,
  },
  logs: {
    group: 'Nodes',
    summary: 'show what nodes have written',
    load: async () => (await import('./node/logs.ts')).logs,
  },
  cp: {
    group: 'Nodes',
    summary: 'copy files and folders into a container, or out of it',
    load: async () => (await import('./node/cp.ts')).cp,
  },
  restart: {
    group: 'Nodes',
    summary: 'restart nodes, and return when they have their links again',
    load: async () => (await import('./node/restart.ts')).restart,
  },
  wait: {
    group: 'Nodes',
    summary: 'wait for nodes and their links, addresses, ports, files, health',
    load: async () => (await import('./node/wait.ts')).wait,
  },
  inventory: {
    group: 'Nodes',
    summary: 'print the nodes that are there, as an inventory of Ansible or as JSON',
    load: async () => (await import('./node/inventory.ts')).inventory,
  },
  hosts: {
    group: 'Nodes',
    summary: 'show the hosts that share labs, and how far each is',
    load: async () => (await import('./hosts/hosts.ts')).hosts,
  },
  rebalance: {
    group: 'Nodes',
    summary: 'place the nodes of a lab over several hosts anew',
    load: async () => (await import('./hosts/rebalance.ts')).rebalance,
  },
  validate: {
    group: 'Configuration',
    summary: 'check a configuration',
    load: async () => (await import('./files/validate.ts')).validate,
  },
  config: {
    group: 'Configuration',
    summary: 'print the configuration, merged and with its defaults',
    load: async () => (await import('./files/config.ts')).config,
  },
  schema: {
    group: 'Configuration',
    summary: 'print the JSON Schema of the configuration or of timelines, or the API as OpenAPI',
    load: async () => (await import('./files/schema.ts')).schema,
  },
  generate: {
    group: 'Configuration',
    summary: 'print the configuration of a regular network',
    load: async () => (await import('./files/generate.ts')).generate,
  },
  import: {
    group: 'Configuration',
    summary: 'turn a lab of another tool into a configuration',
    load: async () => (await import('./files/import.ts')).importVerb,
  },
  export: {
    group: 'Configuration',
    summary: 'write a configuration as a file of another tool',
    load: async () => (await import('./files/export.ts')).exportVerb,
  },
  graph: {
    group: 'Configuration',
    summary: 'draw a configuration',
    load: async () => (await import('./files/graph.ts')).graph,
  },
  mdc: {
    group: 'Configuration',
    summary: 'make one compose project of several modes, and run compose on it',
    load: async () => (await import('./files/mdc.ts')).mdc,
  },
  completion: {
    group: 'About',
    summary: 'print a completion script for a shell',
    describesAll: true,
    load: async () => (await import('./about/completion.ts')).completion,
  },
  version: {
    group: 'About',
    summary: 'print the version',
    load: async () => (await import('./about/version.ts')).version,
  },
};

export const VERBS: readonly VerbEntry[] = Object.entries(BY_NAME).map(([name, row]) => ({
  name: name as VerbName,
  ...row,
}));

/** The verb of a name or of an alias. */
export function findVerb(word: string | undefined): VerbEntry | undefined {
  return word === undefined ? undefined : VERBS.find(({ name, aliases }) => word === name || aliases?.includes(word));
}

/** Loads some verbs, whole. */
export async function loadVerbs(entries: readonly VerbEntry[]): Promise<readonly LoadedVerb[]> {
  return await Promise.all(entries.map(async (entry) => ({ ...entry, ...(await entry.load()) })));
}
