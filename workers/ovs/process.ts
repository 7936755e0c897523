import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { isRunFile } from '../../src/net/run-directory.ts';
import { pause } from '../netlink/errors.ts';
import { faulting, isAnswer, SystemFault } from '../netlink/fault.ts';
import { runToEnd } from '../program.ts';
import { JsonRpc } from './jsonrpc.ts';

export type Daemon = 'ovsdb-server' | 'ovs-vswitchd';

/** The paths of an instance's files. */
export interface OvsPaths {
  readonly directory: string;
  /** The server's socket. */
  readonly database: string;
  /** Whether the instance is the host's own, and not of linkloom's making. */
  readonly isSystem: boolean;
}

/** Directories in which Debian and a build from source install the database's schema. */
const DATA_DIRECTORIES = ['/usr/share/openvswitch', '/usr/local/share/openvswitch'];
const START_TIMEOUT_MS = 60_000;
const EXIT_TIMEOUT_MS = 30_000;
const POLL_MS = 5;
/** Most lines of a log that an error quotes. */
const LOG_LINES = 3;

export function pathsOf(directory: string): OvsPaths {
  return { directory, database: `${directory}/db.sock`, isSystem: !isRunFile(directory) };
}

/**
 * The pid of a daemon of this instance; null: it does not run. The pid file alone is no proof, since another process may have
 * the number by now. `unknown`: the host's daemon has left no pid file, which linkloom's always do.
 */
export function pidOf({ directory, isSystem }: OvsPaths, daemon: Daemon): number | 'unknown' | null {
  const file = textOf(`${directory}/${daemon}.pid`);
  if (isSystem && file === '') return 'unknown';
  const pid = Number.parseInt(file, 10);
  if (!(pid > 0) || isGone(pid)) return null;
  const words = textOf(`/proc/${pid}/cmdline`).split('\0');
  const isIts = isSystem || words.includes(`--pidfile=${directory}/${daemon}.pid`);
  return words[0]?.endsWith(daemon) && isIts ? pid : null;
}

/** The pid of a daemon that linkloom started; null: it does not run. */
export function ownPidOf(paths: OvsPaths, daemon: Daemon): number | null {
  const pid = pidOf(paths, daemon);
  return pid === 'unknown' ? null : pid;
}

/** Creates the instance's directory and an empty database in it. Throws SystemFault. */
export function createDatabase(paths: OvsPaths): void {
  const { directory } = paths;
  faulting('mkdir', directory, () => mkdirSync(directory, { recursive: true, mode: 0o755 }));
  rmSync(`${directory}/conf.db`, { force: true });
  const schema = DATA_DIRECTORIES.map((folder) => `${folder}/vswitch.ovsschema`).find((path) => textOf(path) !== '');
  if (schema === undefined) {
    throw new SystemFault('open', 'vswitch.ovsschema', 0, `not in ${DATA_DIRECTORIES.join(', ')}`);
  }
  runProgram(paths, 'ovsdb-tool', ['create', `${directory}/conf.db`, schema]);
}

/** Starts a daemon in the thread's present network namespace. Returns once the daemon has read its configuration. Throws SystemFault. */
export function startDaemon(paths: OvsPaths, daemon: Daemon): void {
  const { directory, database } = paths;
  const own = daemon === 'ovsdb-server' ? [`${directory}/conf.db`, `--remote=punix:${database}`] : [`unix:${database}`];
  runProgram(paths, daemon, [
    ...own,
    `--pidfile=${directory}/${daemon}.pid`,
    `--unixctl=${directory}/${daemon}.ctl`,
    `--log-file=${directory}/${daemon}.log`,
    '-vconsole:off',
    '-vsyslog:off',
    '--detach',
  ]);
  nameControl(paths, daemon);
}

/** Gives a daemon's control socket the name that ovs-appctl(8) looks for, which holds the pid of the pid file. */
function nameControl(paths: OvsPaths, daemon: Daemon): void {
  const { directory } = paths;
  const name = `${daemon}.${ownPidOf(paths, daemon)}.ctl`;
  faulting('symlink', directory, () => {
    const former = readdirSync(directory).filter((file) => file.startsWith(`${daemon}.`) && /\.\d+\.ctl$/.test(file));
    for (const file of former) rmSync(`${directory}/${file}`, { force: true });
    symlinkSync(`${daemon}.ctl`, `${directory}/${name}`);
  });
}

/** Ends a daemon: asks it to exit if its control socket answers, else kills it. Returns whether it ran. */
export function stopDaemon(paths: OvsPaths, daemon: Daemon, words: readonly string[]): boolean {
  const pid = ownPidOf(paths, daemon);
  if (pid === null) return false;
  if (askToExit(paths, daemon, words) && awaitGone(pid, EXIT_TIMEOUT_MS)) return true;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended just now.
  }
  if (!awaitGone(pid, EXIT_TIMEOUT_MS)) throw new SystemFault('kill', `${daemon} (pid ${pid})`, 0, 'it does not end');
  return true;
}

/** Removes an instance's directory, and its parent directory if that is empty then. */
export function removeDirectory({ directory }: OvsPaths): void {
  faulting('unlink', directory, () => rmSync(directory, { recursive: true, force: true }));
  try {
    rmdirSync(dirname(directory));
  } catch {
    // The parent is gone, or holds other files of the lab.
  }
}

/** Runs a program of Open vSwitch and waits for its end. Throws SystemFault with the program's message. */
export function runProgram(paths: OvsPaths, program: string, words: readonly string[]): void {
  const { directory } = paths;
  const env = { OVS_RUNDIR: directory, OVS_DBDIR: directory, OVS_LOGDIR: directory, OVS_SYSCONFDIR: directory };
  const options = { input: null, stdout: 'ignore', timeoutMs: START_TIMEOUT_MS, env } as const;
  runToEnd(program, words, options, (stderr) =>
    [...linesOf(stderr), ...errorsIn(`${directory}/${program}.log`)].slice(-LOG_LINES),
  );
}

/** The last errors in a daemon's log, without their dates. */
function errorsIn(path: string): string[] {
  return linesOf(textOf(path))
    .filter((line) => /\|(EMER|ERR)\|/.test(line))
    .map((line) => line.split('|').slice(4).join('|'));
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && !line.includes('opened log file'));
}

function askToExit({ directory }: OvsPaths, daemon: Daemon, words: readonly string[]): boolean {
  try {
    using control = new JsonRpc(`${directory}/${daemon}.ctl`);
    control.call('exit', words);
    return true;
  } catch (error) {
    if (error instanceof SystemFault) return false;
    throw error;
  }
}

function awaitGone(pid: number, timeoutMs: number): boolean {
  const deadlineMs = performance.now() + timeoutMs;
  while (!isGone(pid)) {
    if (performance.now() > deadlineMs) return false;
    pause(POLL_MS);
  }
  return true;
}

/** Whether a process has ended. A zombie counts as ended (state Z in proc_pid_stat(5), after the name in parentheses). */
function isGone(pid: number): boolean {
  const status = textOf(`/proc/${pid}/stat`);
  return status === '' || /^[ZX]/.test(status.slice(status.lastIndexOf(')') + 2));
}

function textOf(path: string): string {
  try {
    return faulting('open', path, () => readFileSync(path, 'utf8'));
  } catch (error) {
    if (!isAnswer(error)) throw error;
    return '';
  }
}
