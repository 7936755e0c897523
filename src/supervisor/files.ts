/** The supervisor's files in `/run/linkloom/LAB`, which only root can use: the socket, the state, the logs. */
import { constants, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { labDirectory } from '../net/run-directory.ts';
import type { ProgramSpec, SupervisorState } from './program.ts';

/** The path of the socket. It is `/run/linkloom/` and at most 63 bytes more, and sun_path takes 107 (unix(7)). */
export function socketPath(lab: string): string {
  return `${labDirectory(lab)}/run.sock`;
}

function statePath(lab: string): string {
  return `${labDirectory(lab)}/run.json`;
}

function logsPath(lab: string): string {
  return `${labDirectory(lab)}/logs`;
}

/** The log of the supervisor itself. */
export function ownLogPath(lab: string): string {
  return `${labDirectory(lab)}/run.log`;
}

/** The log of a program. The file with `.1` appended holds the part before the last rotation. Names contain no slash. */
export function logPath(lab: string, { node, name }: Pick<ProgramSpec, 'node' | 'name'>): string {
  return `${logsPath(lab)}/${node}/${name}.log`;
}

/** The state; null: there is no file, or it can't be read. */
export function readState(lab: string): SupervisorState | null {
  try {
    return JSON.parse(readFileSync(statePath(lab), 'utf8')) as SupervisorState;
  } catch {
    return null;
  }
}

/** Replaces the state file as a whole. */
export function writeState(lab: string, state: SupervisorState): void {
  const path = statePath(lab);
  writeFileSync(`${path}.new`, `${JSON.stringify(state)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Removes all files of a supervisor, and the lab's directory if it is empty then. */
export function removeFiles(lab: string): void {
  for (const path of [socketPath(lab), statePath(lab), `${statePath(lab)}.new`, ownLogPath(lab), logsPath(lab)]) {
    rmSync(path, { recursive: true, force: true });
  }
  try {
    rmdirSync(labDirectory(lab));
  } catch {
    // The directory holds other files, or is gone.
  }
}

/** Flags for opening a log: every write goes to the end, also after the file was truncated. */
export const LOG_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW;
