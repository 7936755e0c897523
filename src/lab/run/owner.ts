/**
 * `run/` makes a lab for one program: the lab is made, the program runs, the lab is removed, whatever happens.
 *
 * This file: whose lab it is. The process that runs it is noted in two places: in a file, which is there before anything of the lab is
 * and as long as anything may be, and in the words `run=PID.START pidns=INODE` of the mark of the first switch namespace.
 */
import { readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { type Holder, isAlive, ourselves } from '../../engine/lock/holder.ts';
import { ensureRunDirectory } from '../../engine/lock/run-directory.ts';
import { withWord, wordOf } from '../../net/mark.ts';
import { RUN_DIRECTORY, RUN_SUFFIX, runPathOf } from '../../net/run-directory.ts';

/** The process that a lab belongs to. */
export interface Owner extends Pick<Holder, 'pid' | 'start'> {
  /** The inode of its pid namespace, in which `pid` counts. */
  readonly pidNamespace: string;
}

/** This process. */
export function thisOwner(): Owner {
  return { ...ourselves(null), pidNamespace: ownPidNamespace() };
}

/** `unknown`: it is in another pid namespace, where a pid says nothing here. */
export function stateOf(owner: Owner): 'alive' | 'dead' | 'unknown' {
  if (owner.pidNamespace !== ownPidNamespace()) return 'unknown';
  return isAlive(owner) ? 'alive' : 'dead';
}

/** A mark that names the owner too. */
export function markedWith({ pid, start, pidNamespace }: Owner, alias: string): string {
  return withWord(withWord(alias, 'run', `${pid}.${start}`), 'pidns', pidNamespace);
}

/** The owner that a mark names; null: it names none. */
export function ownerIn(alias: string): Owner | null {
  const [, pid, start] = /^([1-9]\d*)\.(\d+)$/.exec(wordOf(alias, 'run') ?? '') ?? [];
  if (pid === undefined || start === undefined) return null;
  return { pid: Number(pid), start, pidNamespace: wordOf(alias, 'pidns') ?? '' };
}

/** Notes in the file whose lab it is. Throws what `ensureRunDirectory` throws. */
export function noteOwner(lab: string, { pid, start, pidNamespace }: Owner): void {
  ensureRunDirectory();
  writeFileSync(runPathOf(lab), `${pid} ${start} ${pidNamespace}\n`, { mode: 0o600 });
}

export function forgetOwner(lab: string): void {
  rmSync(runPathOf(lab), { force: true });
}

/** The labs of all files, and whose they are. A file that is just being written is left out. */
export function ownersNoted(): ReadonlyMap<string, Owner> {
  const names = labsWithFile().map((lab) => [lab, ownerOfText(read(runPathOf(lab)))] as const);
  return new Map(names.flatMap(([lab, owner]) => (owner === null ? [] : [[lab, owner] as const])));
}

function labsWithFile(): readonly string[] {
  try {
    const names = readdirSync(RUN_DIRECTORY).filter((name) => name.endsWith(RUN_SUFFIX));
    return names.map((name) => name.slice(0, -RUN_SUFFIX.length));
  } catch {
    return [];
  }
}

function ownerOfText(text: string): Owner | null {
  const [, pid, start = '', pidNamespace = ''] = /^([1-9]\d*) (\d+) (\d+)\n$/.exec(text) ?? [];
  return pid === undefined ? null : { pid: Number(pid), start, pidNamespace };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** `/proc/self/ns/pid` leads to `pid:[INODE]` (namespaces(7)). */
function ownPidNamespace(): string {
  return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '';
}
