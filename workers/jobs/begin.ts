/** `jobs/` has what jobs need before their ops, and how the jobs of a task are carried out together. `apply.ts` uses it. */
import type { Job } from '../../src/wire/apply.ts';
import { failure } from '../failure.ts';
import type { Namespaces } from '../namespaces.ts';
import { inodeOf } from '../netns.ts';
import type { JobContext } from '../ops/context.ts';

/** Until its links are in them, the namespaces that a job makes links in keep their names; one that is to go is looked at again while nobody can make links in it. */
export function holdNames({ ops }: Job, { lock }: Namespaces): void {
  if (ops.some(({ op }) => op === 'netns.del')) lock.takeAlone();
  else if (ops.some(({ op }) => op === 'netns.add' || op === 'link.add' || op === 'tunnel.add' || op === 'trunk.add'))
    lock.share();
}

/**
 * Enters the namespace for the first time, so that one which can't be entered fails the job and not op by op, and sees
 * that it is the one that was observed: a restarted container can have another under the same path. Throws SystemFault.
 */
export function checkIdentity(job: Job, context: JobContext): void {
  if (job.ops[0]?.op === 'netns.add') return;
  // Daemons can outlive the name of their namespace.
  if (job.inode === null && job.ops.every((op) => op.op === 'ovs.stop')) return;
  // Only looked at, where the namespace is to go: an open descriptor would keep it alive.
  const isGoing = job.ops.every((op) => op.op === 'netns.del');
  if (!isGoing) void context.space.socket;
  const inode = isGoing ? inodeOf(job.ns) : context.space.inode;
  if (job.inode === null || inode === job.inode || (isGoing && inode === null)) return;
  context.failures.push(failure(null, 'stat', job.ns, 0, { code: 'E_NODE_CHANGED' }));
}

const TIME_ORIGIN_MS = performance.timeOrigin;

/** Milliseconds since the Unix epoch, with fractions, as in `JobResult`. */
export function nowMs(): number {
  return fromEpoch(performance.now());
}

/** The same of a time of `performance.now`. */
export function fromEpoch(ms: number): number {
  return TIME_ORIGIN_MS + ms;
}
