/** Whose a process is, as the kernel tells without an engine. */
import { readFileSync } from 'node:fs';

/**
 * Whether the process is in a control group that is called after the container, as Docker's and Podman's are. false also
 * where that can't be told (another naming, no such process): then the engine knows.
 */
export function isProcessOf(pid: number, id: string): boolean {
  try {
    return id.length === 64 && readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(id);
  } catch {
    return false;
  }
}
