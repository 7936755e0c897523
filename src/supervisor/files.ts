/** The supervisor's files in `/run/linkloom/LAB`, which is root's alone: the socket, the state, the logs. */
import { constants, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { labDirectory } from '../net/run-directory.ts';
import type { ProgramSpec, SupervisorState } from './program.ts';

/** At most `/run/linkloom/` and 63 bytes more: sun_path takes 107 (unix(7)). */
export function socketPath(lab: string): string {
  return `${labDirectory(lab)}/run.sock`;
}

function statePath(lab: string): string {
  return `${labDirectory(lab)}/run.json`;
}

function logsPath(lab: string): string {
  return `${labDirectory(lab)}/logs`;
}

/** What the supervisor itself says. */
export function ownLogPath(lab: string): string {
  return `${labDirectory(lab)}/run.log`;
}

/** The log of a program; `.1` after it is the part before the last cut. A name has no slash. */
export function logPath(lab: string, { node, name }: Pick<ProgramSpec, 'node' | 'name'>): string {
  return `${logsPath(lab)}/${node}/${name}.log`;
}

/** null: there is none, or none that can be read. */
export function readState(lab: string): SupervisorState | null {
  try {
    return JSON.parse(readFileSync(statePath(lab), 'utf8')) as SupervisorState;
  } catch {
    return null;
  }
}

/** Replaces it as a whole. */
export function writeState(lab: string, state: SupervisorState): void {
  const path = statePath(lab);
  writeFileSync(`${path}.new`, `${JSON.stringify(state)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** All that a supervisor leaves, and the lab's directory if nothing else is in it. */
export function removeFiles(lab: string): void {
  for (const path of [socketPath(lab), statePath(lab), `${statePath(lab)}.new`, ownLogPath(lab), logsPath(lab)]) {
    rmSync(path, { recursive: true, force: true });
  }
  try {
    rmdirSync(labDirectory(lab));
  } catch {
    // In use for something else, or gone.
  }
}

/** For a program's output: what is written goes to the end, also after the file was cut. */
export const LOG_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW;
