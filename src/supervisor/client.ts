/** The client of a lab's supervisor: starts it if none runs, sends requests, and ends it. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ensureLabDirectory } from '../engine/lock/run-directory.ts';
import { LinkloomError } from '../errors.ts';
import { SUPERVISOR_URL } from '../layout.ts';
import { isRunning, type ProcessId } from '../runtime/process.ts';
import { verb } from '../verb-names.ts';
import { LOG_FLAGS, ownLogPath, readState, removeFiles, socketPath } from './files.ts';
import { endProcesses, markedProcesses } from './marked.ts';
import { PROGRAM_VARIABLE, type ProgramSpec, type ProgramState, type Reply, type Request } from './program.ts';

const START_TIMEOUT_MS = 20_000;
const POLL_MS = 10;
/** Most tries of a request, and the pause between two. */
const MOST_TRIES = 5;
const PAUSE_MS = 100;
/** Longest time from the supervisor's last answer to its end. */
const LEAVE_MS = 2_000;

/**
 * Makes a lab run exactly these programs. A program that has not changed goes on undisturbed. Without programs, no supervisor is
 * started, and a running one is ended. Needs root and the lab's lock. Throws E_TOOL if the supervisor can't be started or refuses.
 */
export async function applyPrograms(lab: string, programs: readonly ProgramSpec[]): Promise<void> {
  if (programs.length === 0) return await endPrograms(lab);
  ensureLabDirectory(lab);
  // A supervisor that is just being killed still accepts connections.
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    if (!(await answers(lab))) await start(lab);
    if (await ask(lab, { ask: 'apply', programs })) return;
    await delay(PAUSE_MS);
  }
  throw refused(lab, `the supervisor of \`run:\` programs ends again and again: ${lastWords(lab)}`);
}

/** Restarts the programs of a node. Does nothing without a supervisor, since then there are no programs. */
export async function restartPrograms(lab: string, node: string): Promise<void> {
  if (await answers(lab)) await ask(lab, { ask: 'restart', node });
}

/**
 * Ends all programs of a lab and their supervisor, and removes its files. Works also if the supervisor was killed. Does
 * nothing if there never was one.
 */
export async function endPrograms(lab: string): Promise<void> {
  const state = readState(lab);
  if (state === null && !existsSync(socketPath(lab))) return;
  await endSupervisor(lab, state?.supervisor ?? null);
  const leaders = (state?.programs ?? []).flatMap(({ process: leader }) => (leader === null ? [] : [leader]));
  await endProcesses([...leaders, ...markedProcesses(`${lab} `)]);
  removeFiles(lab);
}

/** Asks the supervisor to exit, which also ends its programs. If it does not answer, ends its process. */
async function endSupervisor(lab: string, supervisor: ProcessId | null): Promise<void> {
  if (await answers(lab)) await ask(lab, { ask: 'end' }).catch(() => {});
  if (supervisor === null) return;
  for (const deadlineMs = performance.now() + LEAVE_MS; isRunning(supervisor); await delay(POLL_MS)) {
    if (performance.now() > deadlineMs) return await endProcesses([supervisor]);
  }
}

/** The programs in the state file. `process` is null if it does not run any more. */
export function programsOf(lab: string): readonly ProgramState[] {
  const programs = readState(lab)?.programs ?? [];
  return programs.map((state) => {
    const runs = state.process !== null && isRunning(state.process);
    return runs ? state : { ...state, process: null };
  });
}

/** Whether the supervisor of a lab runs, by the state file. */
export function isSupervised(lab: string): boolean {
  const state = readState(lab);
  return state !== null && isRunning(state.supervisor);
}

async function start(lab: string): Promise<void> {
  const log = openSync(ownLogPath(lab), LOG_FLAGS, 0o600);
  const child = spawn(process.execPath, [fileURLToPath(SUPERVISOR_URL), lab], {
    stdio: ['ignore', log, log],
    detached: true,
    cwd: '/',
    env: { ...process.env, [PROGRAM_VARIABLE]: undefined },
  });
  closeSync(log);
  const ended = new Promise<true>((resolve) => {
    child.once('exit', () => resolve(true));
    child.once('error', () => resolve(true));
  });
  child.unref();
  const deadlineMs = performance.now() + START_TIMEOUT_MS;
  while (!(await answers(lab))) {
    const isOver = (await Promise.race([ended, delay(POLL_MS, false)])) || performance.now() > deadlineMs;
    if (isOver) throw refused(lab, `the supervisor of \`run:\` programs did not start: ${lastWords(lab)}`);
  }
}

function answers(lab: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(socketPath(lab));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Sends a request. False: the supervisor has ended meanwhile. Throws E_TOOL with the supervisor's message if it refuses. */
async function ask(lab: string, request: Request): Promise<boolean> {
  const socket = createConnection(socketPath(lab));
  socket.write(`${JSON.stringify(request)}\n`);
  const answer = await text(socket).catch(() => '');
  if (answer === '') return false;
  const reply = JSON.parse(answer) as Reply;
  if (!reply.ok) throw refused(lab, `the supervisor of \`run:\` programs: ${reply.message}`);
  return true;
}

function refused(lab: string, message: string): LinkloomError {
  return new LinkloomError('E_TOOL', message, { hint: `${ownLogPath(lab)} may tell more; run ${verb('up')} again` });
}

function lastWords(lab: string): string {
  try {
    return readFileSync(ownLogPath(lab), 'utf8').trim().split('\n').slice(-3).join('; ') || 'it said nothing';
  } catch (error) {
    return (error as Error).message;
  }
}
