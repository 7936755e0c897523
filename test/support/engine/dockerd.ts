/**
 * Container engines for tests: a dockerd of our own in private mount and network namespaces, so that
 * no bridge, rule or mount of it is ever seen outside, with a data root that is kept between runs
 * for its images. It dies with the process that started it.
 */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';

/** Images and base trees are kept here, so that a second run is quick. */
export const CACHE = process.env['LINKLOOM_TEST_CACHE'] ?? '/var/cache/linkloom-test';

/** One dockerd at a time works on the cache; another test file waits so long for its turn. */
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
 * Starts dockerd. `network: 'host'` is for building images, which needs the way to the package
 * registries; such an engine makes no bridge and no rules. Disposal removes its containers and
 * networks, keeps its images, and returns when it has ended.
 */
export async function startDockerd(network: 'private' | 'host' = 'private'): Promise<TestEngine> {
  await mkdir(CACHE, { recursive: true });
  const folder = await mkdtemp(join(tmpdir(), 'linkloom-dockerd-'));
  const socketPath = join(folder, 'docker.sock');
  const log = join(folder, 'log');
  const [file = '', ...args] = command(folder, socketPath, network);
  const dockerd = execa(file, args, { stdin: 'ignore', stdout: { file: log }, stderr: { file: log }, reject: false });
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    DOCKER_HOST: `unix://${socketPath}`,
    DOCKER_BUILDKIT: '0',
  };
  const docker = async (...words: readonly string[]): Promise<string> =>
    (await execa('docker', [...words], { env, extendEnv: false })).stdout;
  const stop = async (): Promise<void> => {
    await removeAll(docker).catch(() => {});
    dockerd.kill('SIGTERM');
    const timer = setTimeout(() => dockerd.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await dockerd;
    clearTimeout(timer);
    await rm(folder, { recursive: true, force: true });
  };
  let ended = false;
  void dockerd.then(() => {
    ended = true;
  });
  try {
    await untilAnswering(socketPath, () => ended);
  } catch (error) {
    const tail = (await readFile(log, 'utf8').catch(() => '')).split('\n').slice(-10).join('\n');
    await stop();
    throw new Error(`dockerd did not start (Debian: apt-get install docker.io):\n${tail}`, { cause: error });
  }
  return { socketPath, env, docker, [Symbol.asyncDispose]: stop };
}

/** dockerd as the same process all along: death signal, lock, namespaces are set up by programs that exec the next. */
function command(folder: string, socketPath: string, network: 'private' | 'host'): readonly string[] {
  const namespaces = ['unshare', '--mount', '--propagation', 'private', ...(network === 'private' ? ['--net'] : [])];
  const options = [
    `--data-root=${join(CACHE, 'docker')}`,
    `--exec-root=${join(folder, 'exec')}`,
    `--pidfile=${join(folder, 'pid')}`,
    `--host=unix://${socketPath}`,
    ...(network === 'host' ? ['--bridge=none', '--iptables=false'] : []),
  ];
  const lock = ['flock', '--no-fork', '--wait', String(LOCK_TIMEOUT_S), join(CACHE, 'lock')];
  return ['setpriv', '--pdeathsig', 'TERM', ...lock, ...namespaces, 'dockerd', ...options];
}

async function untilAnswering(socketPath: string, ended: () => boolean): Promise<void> {
  const deadline = Date.now() + LOCK_TIMEOUT_S * 1000 + START_TIMEOUT_MS;
  while (!(await answers(socketPath))) {
    if (ended()) throw new Error('dockerd has ended');
    if (Date.now() > deadline) throw new Error('dockerd does not answer');
    await delay(100);
  }
}

/** Whether anything accepts connections there. */
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
