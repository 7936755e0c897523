/** The control group that this process is in, as far as it limits processes (cgroups(7)). */
import { readFileSync } from 'node:fs';

/** Where the two versions of control groups are mounted by convention. */
const ROOTS = { v2: '/sys/fs/cgroup', v1: '/sys/fs/cgroup/pids' } as const;

/** The nearest limit above this process; null: there is none, or it can't be read. */
export function groupPids(memberships = textOf('/proc/self/cgroup') ?? ''): { max: number; used: number } | null {
  for (const line of memberships.split('\n')) {
    const [id, controllers = '', ...rest] = line.split(':');
    const path = rest.join(':');
    const isV2 = id === '0' && controllers === '';
    if (!isV2 && !controllers.split(',').includes('pids')) continue;
    const found = limitAbove(isV2 ? ROOTS.v2 : ROOTS.v1, path);
    if (found !== null) return found;
  }
  return null;
}

/** Each group up to the root may have a limit: the first that has one counts. */
function limitAbove(root: string, path: string): { max: number; used: number } | null {
  for (let folder = path; folder !== '' && folder !== '/'; folder = folder.slice(0, folder.lastIndexOf('/'))) {
    const max = Number(textOf(`${root}${folder}/pids.max`)?.trim() ?? Number.NaN);
    const used = Number(textOf(`${root}${folder}/pids.current`)?.trim() ?? Number.NaN);
    if (Number.isInteger(max) && Number.isInteger(used)) return { max, used };
  }
  return null;
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
