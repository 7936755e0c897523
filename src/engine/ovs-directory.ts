/**
 * In linkloom's own container, Open vSwitch's programs find the lab's switch where they look for one: their run directory is a
 * link to the instance's. So `ovs-vsctl show` needs no `--db`, and `ovs-ofctl` and `ovs-appctl` work. What is there and is not such
 * a link is never touched.
 */

import { existsSync, readlinkSync, rmdirSync, symlinkSync, unlinkSync } from 'node:fs';
import type { Emit } from '../events.ts';
import { OWN_NS } from '../net/ns-id.ts';
import { RUN_DIRECTORY } from '../net/run-directory.ts';
import { ovsDirectory } from '../plan/ovs/instance.ts';

/** Of Debian's packages: ovs-vsctl(8), `--db`. */
const DEFAULT_DIRECTORY = '/var/run/openvswitch';

/**
 * Bring the link to what is: there while the instance of our own namespace runs and is to be offered (not on a host, where it
 * would be in the way of the host's own), else gone. Never throws.
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
    emit({ type: 'detail', message: `${path} is not made: ${(error as Error).message}` });
  }
}

/** null: it is no link. */
function linkTarget(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

/** Whether the link is of a linkloom that was killed: its instance does not run any more. */
function isLeftOver(target: string | null): boolean {
  return target?.startsWith(`${RUN_DIRECTORY}/`) === true && !existsSync(`${target}/db.sock`);
}

/** An empty folder is in the way of the link, and nobody needs it. */
function removeEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // There is none, or something is in it.
  }
}
