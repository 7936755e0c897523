/**
 * Names of containers' namespaces in /run/netns, so that `ip netns exec`, tcpdump and the rest of the host's programs find them: symbolic
 * links to `/proc/PID/ns/net`. A bind mount, as `ip netns attach` makes, would keep the namespace of a container that has died, and
 * its devices with it.
 *
 * Such a link that leads nowhere, or to another process, is replaced; of what else has the name nobody knows whose it is, so it stays.
 */
import { lstatSync, mkdirSync, readdirSync, readlinkSync, symlinkSync, unlinkSync } from 'node:fs';
import { NETNS_DIRECTORY, netnsPath, nsPath, processNs } from '../src/net/ns-id.ts';
import { ERRNO } from './netlink/errors.ts';
import { faulting, SystemFault } from './netlink/fault.ts';
import { identityAt } from './netns.ts';
import type { NetnsLock } from './netns-lock.ts';
import { forgetOrigin, isLinkOf, noteLink } from './origins.ts';

const SHAPE = /^\/proc\/[1-9]\d*\/ns\/net$/;

export interface ContainerName {
  readonly name: string;
  readonly pid: number;
}

/** Throws SystemFault: `open` EEXIST where something else has the name. */
export function nameContainer(lab: string, { name, pid }: ContainerName, lock: NetnsLock): void {
  const path = netnsPath(name);
  const target = nsPath(processNs(pid));
  lock.share();
  if (textOf(path) === target) return noteLink(name, lab);
  noteLink(name, lab);
  if (link(target, path)) return;
  lock.takeAlone();
  const text = textOf(path);
  if (text === null || !SHAPE.test(text)) {
    forgetOrigin(name);
    throw new SystemFault('open', path, ERRNO.EEXIST, 'something else has the name, and linkloom did not make it');
  }
  faulting('unlink', path, () => unlinkSync(path));
  if (!link(target, path)) throw new SystemFault('symlink', path, ERRNO.EEXIST);
}

/** Gone already is no failure; what is no such link stays. */
export function unnameContainer(name: string, lock: NetnsLock): void {
  const path = netnsPath(name);
  lock.takeAlone();
  const text = textOf(path);
  if (text === null || !SHAPE.test(text)) return;
  faulting('unlink', path, () => unlinkSync(path));
  forgetOrigin(name);
}

/** Names of the lab's containers that are there: those that it has noted, and those that lead nowhere any more. */
export function namedContainers(lab: string): readonly string[] {
  const names = readdirOrNone().filter((name) => name.startsWith(`${lab}.`));
  return names.filter((name) => {
    const path = netnsPath(name);
    return SHAPE.test(textOf(path) ?? '') && (isLinkOf(name, lab) || identityAt(path) === null);
  });
}

function readdirOrNone(): readonly string[] {
  try {
    return readdirSync(NETNS_DIRECTORY);
  } catch {
    return [];
  }
}

/** What a symbolic link says; null: there is none. */
function textOf(path: string): string | null {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return null;
  return faulting('readlink', path, () => readlinkSync(path));
}

/** false: the name is taken. */
function link(target: string, path: string): boolean {
  try {
    mkdirSync(NETNS_DIRECTORY, { recursive: true, mode: 0o755 });
    faulting('symlink', path, () => symlinkSync(target, path));
    return true;
  } catch (error) {
    if (error instanceof SystemFault && error.errno === ERRNO.EEXIST) return false;
    throw error;
  }
}
