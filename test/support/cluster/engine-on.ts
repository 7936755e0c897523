/** Container engines of emulated hosts. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { type Site, until } from '../../../scripts/cluster/site.ts';
import { answers, type TestEngine } from '../engine/dockerd.ts';

/**
 * An engine in the namespaces of a host, as its own would be. It has no network but the links of labs. Its files are in `folder`, which
 * is there and empty.
 */
export async function engineOn({ hosts }: Site, host: string, folder: string): Promise<TestEngine> {
  const socketPath = join(folder, 'docker.sock');
  mkdirSync(join(folder, 'data'));
  const log = openSync(join(folder, 'dockerd.log'), 'a');
  const options = [
    ...[
      `--data-root=${join(folder, 'data')}`,
      `--exec-root=${join(folder, 'exec')}`,
      `--pidfile=${join(folder, 'pid')}`,
    ],
    ...[`--host=unix://${socketPath}`, '--bridge=none', '--iptables=false', '--storage-driver=vfs'],
  ];
  const enter = ['--target', `${hosts.pids.hosts[host]}`, '--mount', '--net', '--pid'];
  const program = [
    'unshare',
    '--mount',
    '--propagation',
    'private',
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
  await until('the engine answers', () => answers(socketPath), 60_000).catch((error: Error) => {
    throw new Error(`${error.message}\n${readFileSync(join(folder, 'dockerd.log'), 'utf8').slice(-2000)}`);
  });
  return {
    socketPath,
    env,
    docker,
    [Symbol.asyncDispose]: async () => {
      const names = (await docker('ps', '--all', '--quiet')).split('\n').filter((id) => id !== '');
      if (names.length > 0) await docker('rm', '--force', ...names);
      const gone = new Promise((resolve) => child.once('exit', resolve));
      const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
      process.kill(Number(children || child.pid), 'SIGTERM');
      await gone;
    },
  };
}
