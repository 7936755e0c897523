/**
 * Starts a dockerd for tests in private mount and network namespaces, so that none of its bridges, rules and mounts is visible
 * outside. Its data root is kept between runs, for its images. It dies with the process that started it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';

/** The folder in which images and base trees are kept, so that a second run is quick. */
export const CACHE = process.env['LINKLOOM_TEST_CACHE'] ?? '/var/cache/linkloom-test';

/** How long a test file waits for its turn. One dockerd at a time uses the cache. */
const LOCK_TIMEOUT_S = 900;
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 30_000;

export interface TestEngine extends AsyncDisposable {
  readonly socketPath: string;
  /** The environment in which docker and docker-compose use this engine. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs the docker client; returns its standard output. */
  docker(...args: readonly string[]): Promise<string>;
}

/**
 * Starts dockerd, with further `options`. `network: 'host'` is for building images, which needs the package registries; such an
 * engine makes no bridge and no rules. Disposal removes its containers and networks, keeps its images, and returns when it has
 * ended.
 */
export async function startDockerd(
  network: 'private' | 'host' = 'private',
  options: readonly string[] = [],
): Promise<MortalEngine> {
  await mkdir(CACHE, { recursive: true });
  const lock = await takeLock();
  const engine = new MortalEngine(await mkdtemp(join(tmpdir(), 'linkloom-dockerd-')), lock, network, options);
  try {
    await engine.restart();
  } catch (error) {
    await engine.end();
    throw error;
  }
  return engine;
}

/** An engine that can be killed, and starts again on the same socket, data root and namespaces. */
export class MortalEngine implements TestEngine {
  readonly socketPath: string;
  readonly env: TestEngine['env'];
  readonly #folder: string;
  readonly #network: 'private' | 'host';
  readonly #options: readonly string[];
  /** The descriptor of the lock. Processes that a killed dockerd leaves running have it too. */
  readonly #lock: number;
  readonly #log: number;
  /** The descriptors of dockerd's namespaces, after its first start. */
  #namespaces: { readonly mount: number; readonly net: number } | null = null;
  #dockerd: { readonly child: ChildProcess; readonly ended: Promise<unknown> } | null = null;

  constructor(folder: string, lock: number, network: 'private' | 'host', options: readonly string[]) {
    this.#folder = folder;
    this.#lock = lock;
    this.#network = network;
    this.#options = options;
    this.#log = openSync(join(folder, 'log'), 'a');
    this.socketPath = join(folder, 'docker.sock');
    this.env = {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      DOCKER_HOST: `unix://${this.socketPath}`,
      DOCKER_BUILDKIT: '0',
    };
  }

  async docker(...words: readonly string[]): Promise<string> {
    return (await execa('docker', [...words], { env: this.env, extendEnv: false })).stdout;
  }

  /** Kills dockerd, and with it its containerd. The shims of containers live on, and so do the containers. */
  async kill(): Promise<void> {
    this.#dockerd?.child.kill('SIGKILL');
    await this.#dockerd?.ended;
    this.#dockerd = null;
    // A dead containerd that nobody has collected would look like a running one, and dockerd would wait for it in vain.
    await rm(join(this.#folder, 'exec/containerd/containerd.pid'), { force: true });
  }

  /** Starts dockerd if none runs. Resolves when it answers. Without `--live-restore` it then ends containers that still run. */
  async restart(): Promise<void> {
    const [file = '', ...args] = this.#command();
    const child = spawn(file, args, {
      stdio: ['ignore', this.#log, this.#log, this.#lock],
      // containerd writes there what it does if it ends too late.
      env: { ...process.env, TMPDIR: this.#folder },
    });
    this.#dockerd = { child, ended: once(child, 'exit') };
    try {
      await untilAnswering(child, this.socketPath);
      await this.docker('version');
    } catch (error) {
      const tail = (await readFile(join(this.#folder, 'log'), 'utf8')).split('\n').slice(-10).join('\n');
      await this.kill();
      throw new Error(`dockerd did not start (Debian: apt-get install docker.io):\n${tail}`, { cause: error });
    }
    const open = (name: string): number => openSync(`/proc/${child.pid}/ns/${name}`, 'r');
    this.#namespaces ??= { mount: open('mnt'), net: open('net') };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (this.#dockerd === null) await this.restart();
      await removeAll((...words) => this.docker(...words)).catch(() => {});
    } finally {
      await this.end();
    }
  }

  /** Ends dockerd and everything that it has left running, and removes its files. Its containers stay in the data root. */
  async end(): Promise<void> {
    this.#dockerd?.child.kill('SIGTERM');
    const timer = setTimeout(() => this.#dockerd?.child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.#dockerd?.ended;
    clearTimeout(timer);
    for (const pid of leftBy(this.#folder)) process.kill(pid, 'SIGKILL');
    for (const fd of [this.#log, this.#lock, ...Object.values(this.#namespaces ?? {})]) closeSync(fd);
    await rm(this.#folder, { recursive: true, force: true });
  }

  /**
   * The command that starts dockerd. The programs that set its death signal and namespaces exec the next one, so the process stays
   * the same.
   */
  #command(): readonly string[] {
    const fdPath = (fd: number): string => `/proc/${process.pid}/fd/${fd}`;
    const wrapper =
      this.#namespaces === null
        ? ['unshare', '--mount', '--propagation', 'private', ...(this.#network === 'private' ? ['--net'] : [])]
        : ['nsenter', `--mount=${fdPath(this.#namespaces.mount)}`, `--net=${fdPath(this.#namespaces.net)}`];
    const options = [
      `--data-root=${join(CACHE, 'docker')}`,
      `--exec-root=${join(this.#folder, 'exec')}`,
      `--pidfile=${join(this.#folder, 'pid')}`,
      `--host=unix://${this.socketPath}`,
      ...(this.#network === 'host' ? ['--bridge=none', '--iptables=false'] : []),
      ...this.#options,
    ];
    return ['setpriv', '--pdeathsig', 'TERM', ...wrapper, 'dockerd', ...options];
  }
}

/** The processes that an ended engine has left: a container whose start was cut short leaves a shim that no dockerd knows. */
function leftBy(folder: string): readonly number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${folder}/exec`)) return [];
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
      return [...children, pid].map(Number);
    } catch {
      return [];
    }
  });
}

/** Takes the lock. The descriptor holds it, in this process and in those that inherit it, until the last of them closes it. */
export async function takeLock(): Promise<number> {
  const fd = openSync(join(CACHE, 'lock'), 'w');
  const args = ['--pdeathsig', 'TERM', 'flock', '--wait', String(LOCK_TIMEOUT_S), '3'];
  const [status] = await once(spawn('setpriv', args, { stdio: ['ignore', 'inherit', 'inherit', fd] }), 'exit');
  if (status !== 0) throw new Error(`another dockerd has held ${CACHE} for ${LOCK_TIMEOUT_S} s`);
  return fd;
}

async function untilAnswering(child: ChildProcess, socketPath: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(socketPath))) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('dockerd has ended');
    if (Date.now() > deadline) throw new Error('dockerd does not answer');
    await delay(100);
  }
}

/** Whether anything accepts connections on a socket. */
export function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function removeAll(docker: TestEngine['docker']): Promise<void> {
  const containers = (await docker('ps', '--all', '--quiet')).split('\n').filter((id) => id !== '');
  if (containers.length > 0) await docker('rm', '--force', '--volumes', ...containers);
  await docker('network', 'prune', '--force');
}
