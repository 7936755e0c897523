/** Containers' names in /run/netns, for the host's own programs: given and taken by workers, who have the lock of that directory. */
import { diagnosticOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import { NETNS_DIRECTORY } from '../net/ns-id.ts';
import type { Workers } from './workers.ts';

/** `name` is `LAB.NODE`, `pid` the container's process. */
export interface ContainerName {
  readonly name: string;
  readonly pid: number;
}

/**
 * Gives containers of `nodes:` their names. A name that something else has is told, and is no reason for a link to fail: nothing of
 * linkloom's own goes by these. Needs root.
 */
export async function nameContainers(
  workers: Workers,
  lab: string,
  containers: readonly ContainerName[],
  emit: Emit,
): Promise<void> {
  if (containers.length > 0) await change(workers, lab, containers, [], emit);
}

/** Takes such names away, or with `all` whatever names of the lab's containers there are. */
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
