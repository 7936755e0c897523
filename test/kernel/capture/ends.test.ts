/** How captures begin, go over into new files, meet what happens to links, and end: whatever happens, what was written can be read. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { execa } from 'execa';
import { BIN, NEUTRAL } from '../../support/bin.ts';
import { captureWhile, packetsIn, startCapture } from '../../support/capture/tshark.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { sendFrames } from '../../support/frames.ts';
import { type TestLab, testLab } from '../../support/lab.ts';
import { needs } from '../../support/needs.ts';

const TEXT = 'a text to look for';

function frames(count: number, bytes = 60): readonly Buffer[] {
  const head = Buffer.from('ffffffffffff02000000000188b5', 'hex');
  return Array.from({ length: count }, (_, index) => {
    const frame = Buffer.concat([head, Buffer.from(`${TEXT} ${index} `), Buffer.alloc(bytes)]);
    return frame.subarray(0, bytes);
  });
}

describe('a capture', needs('root', 'program:tshark'), () => {
  let lab: TestLab;
  let made: Folder;
  let file = '';
  let [a, b] = ['', ''];

  const configuration = (): object => ({
    links: [
      { netns: a, bridge: 'wire', dev: 'eth0', mtu: 1500 },
      { netns: b, bridge: 'wire', dev: 'eth0', mtu: 1500 },
      { netns: a, bridge: 'other', dev: 'eth1', mtu: 1500 },
      { netns: b, bridge: 'other', dev: 'eth1', mtu: 1500 },
    ],
    bridges: [
      { bridge: 'wire', mode: 'direct' },
      { bridge: 'other', mode: 'direct' },
    ],
  });
  const up = async (): Promise<void> => {
    await lab.up(configuration());
    for (const node of ['a', 'b']) for (const dev of ['eth0', 'eth1']) await lab.node(node).untilUp(dev);
  };
  const send = (count: number, bytes?: number, dev = 'eth0'): void =>
    sendFrames(lab.node('a').id, dev, frames(count, bytes));
  const ours = async (path: string): Promise<number> =>
    (await packetsIn(path)).filter(({ protocols }) => !protocols.includes('ip')).length;

  before(async () => {
    lab = testLab('netns', 'cap');
    made = temporaryFolder('capture');
    file = join(made.path, 'out.pcapng');
    [a, b] = [lab.node('a').name, lab.node('b').name];
    await up();
  });
  after(async () => {
    await lab[Symbol.asyncDispose]();
    made[Symbol.dispose]();
  });

  /** `linkloom capture` to a pipe that the test reads. */
  function toPipe(...words: readonly string[]) {
    const args = [BIN, 'capture', '--lab', lab.name, `${b}:eth0`, ...words];
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...NEUTRAL },
    });
    const pieces: Buffer[] = [];
    let said = '';
    child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
    child.stderr.on('data', (piece: Buffer) => {
      said += piece.toString();
    });
    const until = async (isSo: () => boolean): Promise<void> => {
      for (const deadline = Date.now() + 20_000; !isSo(); await new Promise((resolve) => setTimeout(resolve, 5))) {
        if (Date.now() > deadline || child.exitCode !== null) assert.fail(said);
      }
    };
    return {
      ...{ child, until, bytes: () => Buffer.concat(pieces), said: () => said },
      [Symbol.asyncDispose]: async () => {
        if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit');
      },
    };
  }

  test('reaches a pipe at once, and is whole after SIGTERM', async () => {
    await using capture = toPipe();
    await capture.until(() => capture.said().includes('Capturing on 1 link'));
    assert.ok(capture.bytes().length > 0, 'the reader can show the interfaces before there is a packet');
    send(3);
    await capture.until(() => capture.bytes().includes(`${TEXT} 2`));
    assert.equal(capture.child.exitCode, null);
    capture.child.kill('SIGTERM');
    const [status] = await once(capture.child, 'close', { signal: AbortSignal.timeout(20_000) });
    assert.equal(status, 0, capture.said());
    writeFileSync(file, capture.bytes());
    assert.equal(await ours(file), 3);
  });

  test('ends with 0 when its reader goes, even if no packet comes', async () => {
    await using capture = toPipe('--filter', 'icmp6 and udp or tcp port 9');
    await capture.until(() => capture.said().includes('Capturing on'));
    capture.child.stdout.destroy();
    const [status] = await once(capture.child, 'exit', { signal: AbortSignal.timeout(20_000) });
    assert.equal(status, 0, capture.said());
    assert.doesNotMatch(capture.said(), /ERROR/);
  });

  test('ends after so long', async () => {
    const { exitCode } = await captureWhile(
      ['--lab', lab.name, `${b}:eth0`, '--seconds', '0.3', '-w', file],
      async () => send(2),
      true,
    );
    assert.equal(exitCode, 0);
    assert.equal(await ours(file), 2);
  });

  test('keeps the last files of a ring, each whole, of the size asked for, and without a gap', async () => {
    const folder = join(made.path, 'ring');
    mkdirSync(folder);
    const words = [
      '--lab',
      lab.name,
      `${b}:eth0`,
      '-w',
      join(folder, 'r.pcapng'),
      '--ring-size',
      '1',
      '--ring-files',
      '2',
    ];
    await captureWhile(words, async () => {
      for (let round = 0; round < 10; round++) send(300, 1400);
    });
    const files = readdirSync(folder).toSorted();
    assert.equal(files.length, 2, files.join(' '));
    assert.match(files[0] ?? '', /^r_0000[4-7]_\d{14}\.pcapng$/);
    for (const name of files) assert.ok(statSync(join(folder, name)).size <= 1_000_000);
    const counts = await Promise.all(files.map((name) => ours(join(folder, name))));
    // One file is full; a packet has 1,400 bytes and 48 more in the file.
    assert.ok((counts[0] ?? 0) > 250, counts.join(' '));
  });

  test('says that a device is gone, goes on with the others, and takes up the new one', async () => {
    await using started = await startCapture('--lab', lab.name, `${b}:*`, '-w', file);
    send(2);
    await lab.node('b').exec('ip', 'link', 'del', 'eth0');
    await started.until(new RegExp(`${b}:eth0 is gone`));
    send(3, 60, 'eth1');
    await up();
    await started.until(new RegExp(`${b}:eth0 is there again`));
    send(4);
    started.child.kill('SIGINT');
    assert.equal((await started.child).exitCode, 0, started.output());
    const packets = (await packetsIn(file)).filter(({ protocols }) => !protocols.includes('ip'));
    const count = (dev: string): number => packets.filter((packet) => packet.interface === `${b}:${dev}`).length;
    assert.deepEqual([count('eth0'), count('eth1')], [6, 3]);
  });

  test('says that a device is down, and goes on when it is up again', async () => {
    await lab.node('b').exec('ip', 'link', 'set', 'eth0', 'down');
    await using started = await startCapture('--lab', lab.name, `${b}:eth0`, '-w', file);
    await started.until(new RegExp(`${b}:eth0 is down`));
    for (let round = 0; round < 2; round++) {
      await lab.node('b').exec('ip', 'link', 'set', 'eth0', 'up');
      await lab.node('a').untilUp('eth0');
      send(2);
      await lab.node('b').exec('ip', 'link', 'set', 'eth0', 'down');
    }
    started.child.kill('SIGINT');
    assert.equal((await started.child).exitCode, 0);
    assert.equal(await ours(file), 4);
    await up();
  });

  test('says that a device is gone which was down before', async () => {
    await using started = await startCapture('--lab', lab.name, `${b}:eth0`, '-w', file);
    await lab.node('b').exec('ip', 'link', 'set', 'eth0', 'down');
    // The capture hears of that at once, and looks at it.
    await new Promise((resolve) => setTimeout(resolve, 300));
    await lab.node('b').exec('ip', 'link', 'del', 'eth0');
    await started.until(new RegExp(`${b}:eth0 is gone`));
    started.child.kill('SIGINT');
    assert.equal((await started.child).exitCode, 0);
    await up();
  });

  test('does not keep namespaces alive that the lab has given up', async () => {
    await using started = await startCapture('--lab', lab.name, `${b}:*`, '-w', file);
    // The other end of a device lives as long as the namespace that the device is in.
    const witness = `w${lab.name}`.slice(0, 15);
    await execa('ip', ['link', 'add', witness, 'type', 'veth', 'peer', 'name', 'w0', 'netns', b]);
    await lab.down();
    await started.until(new RegExp(`${b}:eth0 is gone`));
    for (const deadline = Date.now() + 20_000; readdirSync('/sys/class/net').includes(witness); ) {
      assert.ok(Date.now() < deadline, started.output());
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    started.child.kill('SIGINT');
    assert.equal((await started.child).exitCode, 0);
    await up();
  });

  test('that finds no room on the disk ends with 1, and what it has written can be read', async () => {
    const disk = join(made.path, 'disk');
    mkdirSync(disk);
    await execa('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'none', disk]);
    try {
      const path = join(disk, 'out.pcapng');
      const { exitCode, stderr } = await captureWhile(
        ['--lab', lab.name, `${b}:eth0`, '-w', path],
        async () => send(400, 1400),
        true,
      );
      assert.equal(exitCode, 1);
      assert.match(
        stderr,
        /out\.pcapng can not be written: ENOSPC: no space left on device\n {2}hint: what was captured before is whole/,
      );
      await packetsIn(path);
    } finally {
      await execa('umount', [disk]);
    }
  });
});
