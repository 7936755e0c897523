/**
 * The record of a lab's commands, for `status` and the next `up`: the one thing about a lab that the kernel does not know. The process
 * that runs the commands (and holds the lab's lock) writes it; `down` and a reboot remove it. It decides only whether a command still
 * runs, and that is checked against /proc.
 */
import { readFileSync } from 'node:fs';
import { mkdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CommandReport } from '../../events.ts';
import { labDirectory } from '../../net/run-directory.ts';
import { identify, isRunning, type ProcessId } from '../../runtime/process.ts';

/** The report of a command, with what is needed to find its process again. */
export interface CommandEntry extends Omit<CommandReport, 'state' | 'pid'> {
  /** Which of its node's commands it is, from 0. */
  readonly index: number;
  /** null: an engine runs the command, or it could not be run. */
  readonly process: ProcessId | null;
  /** The first process of the container that it was begun in. null: a namespace, or a container whose processes are not to be seen. */
  readonly within: ProcessId | null;
}

interface Document {
  readonly schemaVersion: 1;
  /** The process that waits for the commands to end. */
  readonly writer: ProcessId | null;
  readonly commands: readonly CommandEntry[];
}

function recordPath(lab: string): string {
  return `${labDirectory(lab)}/commands.json`;
}

/** The entries of a lab, and whether their writer still listens. Without a readable record there are no entries. */
export async function readRecord(
  lab: string,
): Promise<{ readonly entries: readonly CommandEntry[]; readonly isAttended: boolean }> {
  try {
    const { commands, writer } = JSON.parse(readFileSync(recordPath(lab), 'utf8')) as Document;
    return { entries: commands, isAttended: writer !== null && isRunning(writer) };
  } catch {
    return { entries: [], isAttended: false };
  }
}

/** Replaces the record as a whole. Throws what the file system says. */
export async function writeRecord(lab: string, commands: readonly CommandEntry[]): Promise<void> {
  const path = recordPath(lab);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const document: Document = { schemaVersion: 1, writer: identify(process.pid), commands };
  await writeFile(`${path}.new`, `${JSON.stringify(document)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** Removes the record, and the folders that are empty then. */
export async function removeRecord(lab: string): Promise<void> {
  const path = recordPath(lab);
  for (const file of [path, `${path}.new`]) await rm(file, { force: true });
  // In use for something else, or gone.
  await rmdir(dirname(path)).catch(() => {});
}

/** An entry with its present `state`, for people. */
export function reportOf({ index: _, within: __, process, ...rest }: CommandEntry, isAttended: boolean): CommandReport {
  const pid = process?.pid ?? null;
  if (rest.error !== null) return { ...rest, state: 'failed', pid };
  if (rest.signal !== null) return { ...rest, state: 'killed', pid };
  if (rest.endedAt !== null) return { ...rest, state: 'ended', pid };
  const runs = process === null ? isAttended : isRunning(process);
  return { ...rest, state: runs ? 'running' : 'unknown', pid };
}

/** Two commands with the same key are the same command, in this run and in a later one. */
export function keyOf({ kind, node, index, argv }: Pick<CommandEntry, 'kind' | 'node' | 'index' | 'argv'>): string {
  return JSON.stringify([kind, node, index, argv]);
}
