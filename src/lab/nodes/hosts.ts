/** Writes and removes the hosts files by which the nodes of a lab find each other by name. */
import { existsSync, readdirSync } from 'node:fs';
import { ensureLabDirectory } from '../../engine/lock/run-directory.ts';
import { diagnosticOf } from '../../errors.ts';
import type { Emit } from '../../events.ts';
import { netnsPath } from '../../net/ns-id.ts';
import { labDirectory } from '../../net/run-directory.ts';
import { removeNetnsHosts, writeNetnsHosts, writeSharedHosts } from '../../runtime/nodes/hosts-files.ts';
import type { Surroundings } from '../../runtime/nodes/node-runtime.ts';
import { hostLines, hostsMark, hostsText } from '../../topology/nodes/hosts.ts';
import type { Topology } from '../../topology/topology.ts';
import type { Session } from '../session.ts';

export function sharedHostsPath(lab: string): string {
  return `${labDirectory(lab)}/hosts`;
}

/**
 * Writes the hosts files of all entries of `nodes:`. Call it before containers are made and programs started. Throws E_PRIVILEGE or
 * E_UNSAFE if the lab's directory can't be made.
 */
export function writeHosts({ topology, own }: Pick<Session, 'topology' | 'own'>, emit: Emit): void {
  const { lab, nodes = [] } = topology;
  if (nodes.length === 0) return;
  const text = hostsText(lab, hostLines(topology));
  if (own === null && nodes.some(({ kind }) => kind === 'container')) {
    ensureLabDirectory(lab);
    writeSharedHosts(sharedHostsPath(lab), text);
  }
  for (const { kind, name, realName, where } of nodes) {
    if (kind !== 'netns') continue;
    const taken = written(() => writeNetnsHosts(realName, text, hostsMark(lab)), emit);
    if (taken === 'refused') return;
    if (taken === null) continue;
    const message = `${taken.path} is not linkloom's, so it stays as it is: programs in ${name} do not know the other nodes by name`;
    emit({ type: 'diagnostic', diagnostic: diagnosticOf('hosts-file-taken', message, { where: where() }) });
  }
}

/** Without root of the machine, as in a user namespace, /etc can not be written. The lab works without names, so that is only told. */
function written<T>(write: () => T, emit: Emit): T | 'refused' {
  try {
    return write();
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!REFUSALS.has(code)) throw error;
    const message = `/etc/netns can not be written (${code}): programs in namespaces do not know the other nodes by name`;
    emit({ type: 'notice', message });
    return 'refused';
  }
}

const REFUSALS: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS']);

/** Removes the hosts files of a lab's namespaces: all of them, or only those whose namespace is gone. */
export function removeHosts(lab: string, which: 'all' | 'gone'): void {
  for (const name of hostsFolders(lab)) {
    if (which === 'all' || !existsSync(netnsPath(name))) removeNetnsHosts(name, hostsMark(lab));
  }
}

function hostsFolders(lab: string): readonly string[] {
  try {
    return readdirSync('/etc/netns').filter((name) => name.startsWith(`${lab}.`));
  } catch {
    return [];
  }
}

type Around = Pick<Session, 'topology' | 'own' | 'seesFiles' | 'files'>;

/**
 * What containers get beside their definitions. If linkloom itself runs in a container, the engine can't mount linkloom's hosts file, so
 * the containers get the present names instead. The agent of a host shares the host's /run/linkloom, also where it is in a container.
 */
export function surroundingsOf({ topology, own, seesFiles, files }: Around): Surroundings {
  const { lab } = topology as Topology;
  const sharesRun = own === null;
  return {
    lab,
    files: files.files,
    seesHost: seesFiles,
    hostsPath: sharesRun ? sharedHostsPath(lab) : null,
    hosts: sharesRun ? [] : hostLines(topology),
  };
}
