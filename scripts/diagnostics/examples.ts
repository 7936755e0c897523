/** An example of each fault. A fault without one does not compile. */
import type { LAB } from '../../src/diagnostics/lab.ts';
import type { DiagnosticCode } from '../../src/diagnostics/table.ts';
import { CHECK_EXAMPLES } from './checks.ts';
import { COMPOSE_EXAMPLES } from './compose.ts';
import type { Examples } from './example.ts';
import { FILE_EXAMPLES } from './files.ts';
import { HOST_EXAMPLES } from './hosts.ts';
import { IMPORT_EXAMPLES } from './imports.ts';
import { MACHINE_EXAMPLES } from './machine.ts';
import { NETWORK_EXAMPLES, VALUE_EXAMPLES } from './network.ts';
import { NODE_EXAMPLES } from './nodes.ts';

const LAB_EXAMPLES: Examples<keyof typeof LAB> = {
  orphan: {
    when: '`up -f a.yaml --lab x`, then `up -f b.yaml --lab x` with a file that does not have the links of the first.',
  },
  'engine-silent': { when: 'Docker runs, and there is no Podman at the socket that `--podman-socket` names.' },
  'engine-lost': { when: 'Docker is restarted while the daemon runs.' },
  'worker-died': { when: 'The kernel kills a worker thread for want of memory.' },
  'command-failed': { when: 'A command of the configuration ends with status 1 while the daemon runs.' },
  'files-not-watched': { when: 'All inotify watches of the user are taken when the daemon begins.' },
  'netns-name-taken': {
    when: 'A node is a container, and `/run/netns` has a namespace of the name that the container would get there.',
  },
  'hosts-file-taken': {
    when: 'A node is a namespace, and somebody has written a hosts file for it under `/etc/netns`.',
  },
  'node-not-whole': {
    when: 'An entry of `nodes:` has a limit of memory, and the kernel has no control group for that.',
  },
  'timeline-step': { when: '`play` is given a timeline with a step of `down: true` and `up: true`.' },
  'not-reloaded': { when: 'A file of a running daemon is saved with an unknown key in it.' },
};

export const EXAMPLES: Examples<DiagnosticCode> = {
  ...FILE_EXAMPLES,
  ...COMPOSE_EXAMPLES,
  ...VALUE_EXAMPLES,
  ...NETWORK_EXAMPLES,
  ...NODE_EXAMPLES,
  ...CHECK_EXAMPLES,
  ...HOST_EXAMPLES,
  ...IMPORT_EXAMPLES,
  ...LAB_EXAMPLES,
  ...MACHINE_EXAMPLES,
};
