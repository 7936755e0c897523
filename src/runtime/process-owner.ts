/** Finds out from the kernel, without an engine, to which container a process belongs. */
import { readFileSync } from 'node:fs';

/**
 * Whether the process is in a control group that is named after the container, as Docker and Podman name them. False also if that
 * can't be found out (other names, no such process); then the engine has to be asked.
 */
export function isProcessOf(pid: number, id: string): boolean {
  try {
    return id.length === 64 && readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(id);
  } catch {
    return false;
  }
}
