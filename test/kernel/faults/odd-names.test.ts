/** What else can have the name of a namespace in /run/netns: it fails its own node by name, stays as it is, and holds nothing up. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { BIN, linkloom, startLinkloom } from '../../support/bin.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { uniqueName } from '../../support/netns.ts';

const DIRECTORY = '/run/netns';
const HANGS_MS = 20_000;

/** How each kind is made, and the word by which it is told. */
const KINDS: Readonly<Record<string, { readonly word: RegExp; readonly make: (path: string) => unknown }>> = {
  content: { word: /a file with content/, make: (path) => writeFileSync(path, 'mine') },
  folder: { word: /a directory/, make: (path) => mkdirSync(`${path}/deeper`, { recursive: true }) },
  fifo: { word: /a FIFO/, make: (path) => execFileSync('mkfifo', [path]) },
  device: { word: /a device/, make: (path) => execFileSync('mknod', [path, 'c', '1', '3']) },
  dangling: { word: /a symbolic link/, make: (path) => symlinkSync('/nowhere', path) },
  circle: { word: /a symbolic link/, make: (path) => symlinkSync(path, path) },
  elsewhere: { word: /a symbolic link/, make: (path) => symlinkSync('/etc/hostname', path) },
  socket: {
    word: /a socket/,
    make: (path) => new Promise<void>((resolve) => void createServer().unref().listen(path, resolve)),
  },
};

/** What there is to see of an entry without opening it. */
function seen(path: string): unknown {
  const { ino, mode, size, mtimeMs, nlink } = lstatSync(path);
  return { ino, mode, size, mtimeMs, nlink };
}

describe('odd names in /run/netns', { timeout: 150_000, ...needs('root', 'program:ip', 'program:mkfifo') }, () => {
  const lab = uniqueName('o');
  let folder: Folder | undefined;
  let file = '';
  before(async () => {
    folder = temporaryFolder('odd');
    file = join(folder.path, 'lab.json');
    const link = (name: string) => ({ netns: `${lab}${name}`, bridge: 'b0', dev: 'eth0' });
    writeFileSync(file, JSON.stringify({ lab, links: [...Object.keys(KINDS), 'good', 'empty'].map(link) }));
    mkdirSync(DIRECTORY, { recursive: true });
    writeFileSync(`${DIRECTORY}/${lab}empty`, '');
    for (const [kind, { make }] of Object.entries(KINDS)) await make(`${DIRECTORY}/${lab}${kind}`);
  });
  after(async () => {
    await linkloom(['down', '--lab', lab]);
    for (const name of readdirSync(DIRECTORY)) {
      if (name.startsWith(lab)) rmSync(`${DIRECTORY}/${name}`, { recursive: true, force: true });
    }
    folder?.[Symbol.dispose]();
  });
  const within = async (...args: readonly string[]) => {
    const ran = await linkloom(args, { timeoutMs: HANGS_MS });
    assert.ok(ran.exitCode >= 0, `${args.join(' ')} hangs: ${ran.stderr}`);
    assert.doesNotMatch(ran.stderr, /\n {4}at /, 'no stack trace');
    return ran;
  };
  const all = () => Object.keys(KINDS).map((kind) => [kind, seen(`${DIRECTORY}/${lab}${kind}`)]);

  it('each fails its node by its name, what it is and what to do, and stays; the others are linked', async () => {
    const there = all();
    const { exitCode, stdout } = await within('up', '-f', file, '--json');
    assert.equal(exitCode, 1);
    const { links, failures } = JSON.parse(stdout);
    assert.equal(links.created, 2, 'an empty file is taken for one that was left over');
    assert.equal(links.failed, Object.keys(KINDS).length);
    for (const [kind, { word }] of Object.entries(KINDS)) {
      const told = failures.find(({ message }: { message: string }) => message.includes(`${DIRECTORY}/${lab}${kind}:`));
      assert.match(told?.message ?? '', word, kind);
      assert.match(told?.hint ?? '', /move it away, or give the node another name/, kind);
    }
    assert.deepEqual(all(), there);
  });

  it('status, plan, scan and exec pass them by or name them', async () => {
    assert.equal((await within('status', '-f', file, '--json')).exitCode, 0);
    assert.equal((await within('status', '--lab', lab, '--json')).exitCode, 0);
    assert.equal((await within('status', '--all')).exitCode, 0);
    assert.equal((await within('plan', '-f', file)).exitCode, 0);
    for (const kind of ['fifo', 'folder', 'elsewhere']) {
      const { exitCode, stderr } = await within('exec', `netns/${lab}${kind}`, '--', 'true');
      assert.equal(exitCode, 1, kind);
      assert.match(stderr, /there is no network namespace/);
    }
    assert.equal((await within('exec', `${lab}good`, '--', 'true')).exitCode, 0);
  });

  it('down takes the lab and leaves them', async () => {
    const there = all();
    assert.equal((await within('down', '--lab', lab)).exitCode, 0);
    assert.deepEqual(all(), there);
    assert.equal(readFileSync(`${DIRECTORY}/${lab}content`, 'utf8'), 'mine');
    // `ip netns` itself would open them all, and wait for the FIFO.
    const left = readdirSync(DIRECTORY).filter((name) => name.startsWith(lab));
    assert.deepEqual(
      left.sort(),
      Object.keys(KINDS)
        .map((kind) => `${lab}${kind}`)
        .sort(),
    );
  });

  it('a full and a read-only directory are called that', async () => {
    for (const [option, word] of [
      ['nr_inodes=3', /ENOSPC[\s\S]*file system of that path is full/],
      ['ro', /EROFS[\s\S]*read-only/],
    ] as const) {
      const script = `mount -t tmpfs -o ${option} none ${DIRECTORY} && exec "$@"`;
      const words = ['--mount', '--net', '--propagation', 'private', 'sh', '-c', script, 'sh'];
      const ran = await execa('unshare', [...words, process.execPath, BIN, 'up', '-f', file], { reject: false });
      assert.equal(ran.exitCode, 1, ran.stderr);
      assert.match(ran.stderr, word);
      assert.doesNotMatch(ran.stderr, /max_net_namespaces|\n {4}at /);
    }
  });

  it('a signal ends a linkloom that waits for a FIFO', async () => {
    const fifo = join(folder?.path ?? '', 'fifo.yaml');
    execFileSync('mkfifo', [fifo]);
    await using running = startLinkloom(['up', '-f', fifo]);
    await untilOpen(running.child.pid ?? 0, fifo);
    running.child.kill('SIGTERM');
    const ended = await Promise.race([
      running.child,
      new Promise<null>((resolve) => setTimeout(resolve, HANGS_MS, null).unref()),
    ]);
    assert.notEqual(ended, null, `it hangs: ${running.output()}`);
    assert.notEqual(ended?.exitCode, 0);
  });
});

/** Resolves when a process has a file open. */
async function untilOpen(pid: number, path: string): Promise<void> {
  const isOpen = (): boolean => {
    try {
      return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === path);
    } catch {
      // A descriptor has been closed meanwhile.
      return false;
    }
  };
  for (const deadlineMs = performance.now() + HANGS_MS; !isOpen(); await delay(5)) {
    assert.ok(performance.now() < deadlineMs, `process ${pid} does not open ${path}`);
  }
}
