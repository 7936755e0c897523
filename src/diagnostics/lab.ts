/** Faults of a lab while it is made, or while it runs. */
import { commandLine, verb } from '../verb-names.ts';
import type { DiagnosticRules } from './rule.ts';

export const LAB = {
  orphan: {
    severity: 'warning',
    cause: 'Something of the lab was made by other files, and these do not describe it, so it stays.',
    cure: 'Name all files of the lab at once, or remove the rest with `--prune`.',
  },
  'engine-silent': {
    severity: 'warning',
    cause: 'One of the container engines does not answer. The other one does, so work goes on.',
    cure: 'Start the engine, or give its socket with `--docker-socket` or `--podman-socket`.',
  },
  'engine-lost': {
    severity: 'warning',
    cause: 'The daemon has lost the container engine whose events it follows. It tries again until the engine answers.',
    cure: 'Start the engine again.',
  },
  'worker-died': {
    severity: 'warning',
    cause: 'A worker thread died while it worked. Linkloom looks at the kernel again and goes on.',
    cure: 'If this happens again, report it with what was printed.',
  },
  'netns-name-taken': {
    severity: 'warning',
    cause:
      'Something else has the name of a container of the lab, where `ip netns` looks for names, so it does not find the container.',
    cure: 'See what has the name, and move it away if nobody needs it. The links do not depend on it.',
  },
  'hosts-file-taken': {
    severity: 'warning',
    cause: 'Somebody else has a hosts file for a namespace of the lab, so the names of the nodes are not in it.',
    cure: 'Move the file away, or write the names into it. Linkloom replaces no file that it did not make.',
  },
  'node-not-whole': {
    severity: 'warning',
    cause: 'The engine could not apply something of a container, such as a limit of memory or processors.',
    cure: 'See what the kernel and the control groups of this machine can do, or leave the key out.',
  },
  'command-failed': {
    severity: 'warning',
    cause: 'A configured command failed, or could not be run.',
    cure: `${commandLine('status')} shows what it wrote.`,
  },
  'files-not-watched': {
    severity: 'warning',
    cause: 'The kernel gives no notice of changed files, so the daemon looks every few seconds.',
    cure: 'Raise `fs.inotify.max_user_watches` or `max_user_instances`, or send SIGHUP after an edit.',
  },
  'timeline-step': {
    severity: 'error',
    cause: 'A step of a timeline says too little, too much, or what can’t be; or its rounds have no room for it.',
    cure: `Correct the step. What ${verb('play')} takes is in docs/play.md.`,
  },
  'not-reloaded': {
    severity: 'error',
    cause: 'A changed configuration has faults, so the daemon keeps the lab as it was.',
    cure: 'Mend the faults that are listed before it. The daemon then reloads by itself.',
  },
} as const satisfies DiagnosticRules;
