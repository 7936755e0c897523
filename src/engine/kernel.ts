import { release } from 'node:os';

/** Whether this kernel is of a version or newer, for what can't be asked of it otherwise. A distribution's backports are not seen. */
export function kernelIsAtLeast(major: number, minor: number, kernel: string = release()): boolean {
  const [ours = 0, ourMinor = 0] = kernel.split('.').map(Number);
  return ours > major || (ours === major && ourMinor >= minor);
}
