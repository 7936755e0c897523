/** Starts a Podman for a test, with its storage, runtime folders and socket in a temporary folder, and without a network. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { answers } from './dockerd.ts';

const START_TIMEOUT_MS = 30_000;

/** What Debian's Podman needs on machines with cgroups v1, and where limits can't be raised. */
const CONFIGURATION = `[containers]
default_ulimits = ["nofile=4096:4096", "nproc=1024:1024"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
`;

export interface TestPodman extends AsyncDisposable {
  readonly socketPath: string;
  /** Runs podman on this storage. Returns its standard output. */
  podman(...args: readonly string[]): Promise<string>;
}

/** Starts the service. Disposal removes its containers and all of its files. Needs root. */
export async function startPodman(): Promise<TestPodman> {
  // Podman's runroot may have at most 50 characters. A suite's own temporary folder is longer already.
  const folder = await mkdtemp('/tmp/ll-podman-');
  const at = (name: string): string => join(folder, name);
  const socketPath = at('podman.sock');
  await writeFile(at('containers.conf'), CONFIGURATION);
  await mkdir(at('tmp'));
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    TMPDIR: at('tmp'),
    CONTAINERS_CONF: at('containers.conf'),
  };
  const storage = ['--root', at('root'), '--runroot', at('run'), '--tmpdir', at('tmp'), '--storage-driver', 'vfs'];
  const podman = async (...args: readonly string[]): Promise<string> =>
    (await execa('podman', [...storage, ...args], { env, extendEnv: false })).stdout;
  const command = ['--pdeathsig', 'TERM', 'podman', ...storage, 'system', 'service', '--time', '0'];
  const service = execa('setpriv', [...command, `unix://${socketPath}`], { env, extendEnv: false, reject: false });
  const stop = async (): Promise<void> => {
    await podman('rm', '--all', '--force', '--time', '0').catch(() => {});
    service.kill('SIGTERM');
    await service;
    await rm(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(socketPath))) {
    if (service.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(
        `Podman's service did not start (Debian: apt-get install podman runc): ${(await service).stderr}`,
      );
    }
    await delay(100);
  }
  return { socketPath, podman, [Symbol.asyncDispose]: stop };
}
