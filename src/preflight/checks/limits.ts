/** Limits on what a process, a user and the machine may have: descriptors, namespaces, processes. */
import { diagnosticOf } from '../../errors.ts';
import type { NodeDefinition } from '../../topology/nodes/definition.ts';
import type { Facts } from '../facts.ts';
import type { Finding } from '../finding.ts';
import type { Made } from '../lab.ts';

export function checkDescriptors(needed: number, { descriptors }: Pick<Facts, 'descriptors'>): readonly Finding[] {
  if (descriptors === null || needed <= descriptors) return [];
  const message = `up to ${needed} file descriptors are open at a time for this lab, and ${descriptors} may be (RLIMIT_NOFILE)`;
  const hint = `\`ulimit -n ${roundUp(needed)}\` in the shell that starts it, or \`LimitNOFILE=${roundUp(needed)}\` in the systemd unit`;
  return [{ ...diagnosticOf('descriptors-short', message, { hint }), links: [] }];
}

export function checkNamespaces(
  made: Made,
  { namespaces, namespacesUsed }: Pick<Facts, 'namespaces' | 'namespacesUsed'>,
): readonly Finding[] {
  const makes = made.namespaces + made.containers;
  const needed = makes + namespacesUsed;
  if (namespaces === null || makes === 0 || needed <= namespaces) return [];
  const message =
    `the lab makes ${makes} network namespaces, there are ${namespacesUsed} with names already, ` +
    `and the kernel allows ${namespaces} (user.max_net_namespaces)`;
  const hint = `\`sysctl -w user.max_net_namespaces=${roundUp(needed + needed)}\``;
  return [{ ...diagnosticOf('namespaces-short', message, { hint }), links: [] }];
}

/** Of a container: its first process, and its shim, a Go program of about twelve threads (containerd-shim-runc-v2; an estimate, conmon has fewer). */
const PIDS_PER_CONTAINER = 13;

export function checkPids(
  definitions: readonly NodeDefinition[],
  { pids, pidsUsed, groupPids }: Pick<Facts, 'pids' | 'pidsUsed' | 'groupPids'>,
): readonly Finding[] {
  const containers = definitions.filter(({ kind }) => kind === 'container').length;
  const programs = definitions.reduce((total, { run }) => total + run.length, 0);
  const needed = containers * PIDS_PER_CONTAINER + programs;
  const what = `${containers} containers and ${programs} programs of \`run:\` need some`;
  const found: Finding[] = [];
  if (pids !== null && needed > 0 && needed + pidsUsed > pids) {
    const message = `${what} ${needed} processes and threads, there are ${pidsUsed} already, and the kernel allows ${pids}`;
    const more = roundUp(needed + pidsUsed);
    const hint = `\`sysctl -w kernel.pid_max=${more} kernel.threads-max=${more}\``;
    found.push({ ...diagnosticOf('pids-short', message, { hint }), links: [] });
  }
  // Containers are in the engine's groups, programs in ours.
  if (groupPids !== null && programs > 0 && programs + groupPids.used > groupPids.max) {
    const message = `${programs} programs of \`run:\` do not fit the control group: it has ${groupPids.used} processes and threads, and may have ${groupPids.max} (pids.max)`;
    const hint = 'raise `TasksMax` of the systemd unit, or `--pids-limit` of the container';
    found.push({ ...diagnosticOf('pids-short', message, { hint }), links: [] });
  }
  return found;
}

/** The next power of two: what people set limits to. */
export function roundUp(count: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, count)));
}
