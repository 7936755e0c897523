/** Container engines of emulated hosts. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { type Site, until } from '../../../scripts/cluster/site.ts';
import { answers, CACHE, type TestEngine, takeLock } from '../engine/dockerd.ts';

/** Whether the engine has images of its own (none), or those that the docker suite keeps between runs. */
export type Images = 'own' | 'kept';

/**
 * An engine in the namespaces of a host, as its own would be: it also listens on /run/docker.sock, and the host's /run is a shared mount,
 * as systemd makes it. It has no network but the host's and the links of labs. Its files are in `folder`, which is there and empty. Kept
 * images are for one engine at a time: others wait for its end.
 */
export async function engineOn(
  { hosts }: Site,
  host: string,
  folder: string,
  images: Images = 'own',
): Promise<TestEngine> {
  const socketPath = join(folder, 'docker.sock');
  const data = images === 'own' ? join(folder, 'data') : join(CACHE, 'docker');
  mkdirSync(data, { recursive: true });
  const lock = images === 'own' ? null : await takeLock();
  await hosts.exec(host, 'mount', ['--make-shared', '/run']);
  const log = openSync(join(folder, 'dockerd.log'), 'a');
  const options = [
    ...[`--data-root=${data}`, `--exec-root=${join(folder, 'exec')}`, `--pidfile=${join(folder, 'pid')}`],
    ...[`--host=unix://${socketPath}`, '--host=unix:///run/docker.sock', '--bridge=none', '--iptables=false'],
    ...(images === 'own' ? ['--storage-driver=vfs'] : []),
  ];
  const enter = ['--target', `${hosts.pids.hosts[host]}`, '--mount', '--net', '--pid'];
  const program = [
    'unshare',
    '--mount',
    // Of the host's mounts only /run is shared.
    '--propagation',
    'unchanged',
    'sh',
    '-c',
    // The host's own /sys has no control groups; below it is that of the machine.
    'umount --lazy /sys && mount -t proc proc /proc && exec dockerd "$@"',
    'dockerd',
  ];
  const child: ChildProcess = spawn('nsenter', [...enter, ...program, ...options], {
    stdio: ['ignore', log, log],
    // containerd writes there what it does if it ends too late.
    env: { ...process.env, TMPDIR: folder },
  });
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    DOCKER_HOST: `unix://${socketPath}`,
    DOCKER_BUILDKIT: '0',
  };
  const docker = async (...words: readonly string[]): Promise<string> =>
    (await execa('docker', [...words], { env, extendEnv: false })).stdout;
  const end = async (): Promise<void> => {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
    process.kill(Number(children || child.pid), 'SIGTERM');
    await gone;
    for (const fd of [log, lock]) if (fd !== null) closeSync(fd);
  };
  await until('the engine answers', () => answers(socketPath), 60_000).catch(async (error: Error) => {
    const said = readFileSync(join(folder, 'dockerd.log'), 'utf8').slice(-2000);
    await end().catch(() => {});
    throw new Error(`${error.message}\n${said}`);
  });
  return {
    socketPath,
    env,
    docker,
    [Symbol.asyncDispose]: async () => {
      const names = (await docker('ps', '--all', '--quiet')).split('\n').filter((id) => id !== '');
      if (names.length > 0) await docker('rm', '--force', '--volumes', ...names);
      await end();
    },
  };
}
