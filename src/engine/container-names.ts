/**
 * Gives containers names in /run/netns, for programs of the host such as `ip netns`. Workers write the names, under the lock of
 * that directory.
 */
import { diagnosticOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import { NETNS_DIRECTORY } from '../net/ns-id.ts';
import type { Workers } from './workers.ts';

/** `name` is `LAB.NODE`; `pid` is the container's main process. */
export interface ContainerName {
  readonly name: string;
  readonly pid: number;
}

/**
 * Gives containers of `nodes:` their names. If something else has a name, that is reported as a diagnostic; no link fails for it,
 * since linkloom itself never finds a container by such a name. Needs root.
 */
export async function nameContainers(
  workers: Workers,
  lab: string,
  containers: readonly ContainerName[],
  emit: Emit,
): Promise<void> {
  if (containers.length > 0) await change(workers, lab, containers, [], emit);
}

/** Removes these names (`LAB.NODE`), or with `all` every name that a container of the lab has. Needs root. */
export async function unnameContainers(
  workers: Workers,
  lab: string,
  names: readonly string[] | 'all',
  emit: Emit,
): Promise<void> {
  if (names === 'all' || names.length > 0) await change(workers, lab, [], names, emit);
}

async function change(
  workers: Workers,
  lab: string,
  give: readonly ContainerName[],
  take: readonly string[] | 'all',
  emit: Emit,
): Promise<void> {
  const { failures } = await workers.ask({ task: 'names', lab, give, take });
  for (const { call, subject, errnoName, extAck } of failures) {
    const why = extAck === '' ? `${call} ${errnoName}` : extAck;
    const message = `${subject}: ${why}; \`ip netns\` will not know the container by this name`;
    const hint = `see what is in ${NETNS_DIRECTORY}, and move it away if nobody needs it`;
    emit({ type: 'diagnostic', diagnostic: diagnosticOf('netns-name-taken', message, { hint }) });
  }
}
