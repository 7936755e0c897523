/**
 * `machine/` finds out what this machine can do: its kernel, the privilege of this process, Open vSwitch, address translation and the
 * container's own network. All of it is asked before anything is changed.
 *
 * This file: the version of the kernel.
 */
import { release } from 'node:os';

/**
 * Whether the kernel's version is `major.minor` or newer. For features that the kernel can't be asked about; a feature that a
 * distribution has backported to an older version is not noticed. `kernel` is a release as `uname -r` prints it, by default this machine's.
 */
export function kernelIsAtLeast(major: number, minor: number, kernel: string = release()): boolean {
  const [ours = 0, ourMinor = 0] = kernel.split('.').map(Number);
  return ours > major || (ours === major && ourMinor >= minor);
}
