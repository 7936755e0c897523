/**
 * Lets Open vSwitch's programs find the lab's switch in linkloom's own container. Their default run directory becomes a symbolic
 * link to the directory of the lab's instance. So `ovs-vsctl show` needs no `--db`, and `ovs-ofctl` and `ovs-appctl` work. Anything
 * else that has that path is never touched.
 */

import { existsSync, readlinkSync, rmdirSync, symlinkSync, unlinkSync } from 'node:fs';
import type { Emit } from '../events.ts';
import { OWN_NS } from '../net/ns-id.ts';
import { RUN_DIRECTORY } from '../net/run-directory.ts';
import { ovsDirectory } from '../plan/ovs/instance.ts';

/** The run directory of Debian's packages; see `--db` in ovs-vsctl(8). */
const DEFAULT_DIRECTORY = '/var/run/openvswitch';

/**
 * Makes the link if the instance of our own namespace runs and `offer` is true, else removes it. A host is not offered the link,
 * since it would hide the host's own Open vSwitch. Never throws.
 */
export function prepareOvsDirectory(lab: string, offer: boolean, emit: Emit, path = DEFAULT_DIRECTORY): void {
  const ours = ovsDirectory(lab, OWN_NS);
  const runs = offer && existsSync(`${ours}/db.sock`);
  const target = linkTarget(path);
  try {
    if (target === ours && runs) return;
    if (target === ours || (runs && isLeftOver(target))) unlinkSync(path);
    if (!runs) return;
    removeEmpty(path);
    symlinkSync(ours, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    emit({ type: 'detail', message: `cannot make the link ${path}: ${(error as Error).message}` });
  }
}

/** The target of a symbolic link; null if the path is no link. */
function linkTarget(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

/** Whether a linkloom that was killed left the link behind: its instance no longer runs. */
function isLeftOver(target: string | null): boolean {
  return target?.startsWith(`${RUN_DIRECTORY}/`) === true && !existsSync(`${target}/db.sock`);
}

/** Removes an empty directory at the path. Nobody needs it, and the link goes there. */
function removeEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // There is no directory, or it is not empty.
  }
}
