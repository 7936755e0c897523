/** Captures of more links than have rings: some sockets hear them all. What they hold, what they drop, and what happens to their links. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { acceptAll, encodeProgram } from '../../../src/capture/filter.ts';
import { QueueTaps } from '../../../workers/capture/queue-taps.ts';
import { blocksOf, optionsOf } from '../../support/capture/blocks.ts';
import { captureWhile, packetsIn, startCapture } from '../../support/capture/tshark.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { sendFrames } from '../../support/frames.ts';
import { type TestLab, testLab } from '../../support/lab.ts';
import { needs } from '../../support/needs.ts';

const NODES = 26;
const WIRES_PER_NODE = 5;
const ETHERTYPE = '88b5';
const ONLY_OURS = ['--filter', `ether proto 0x${ETHERTYPE}`];

/** A frame of so many bytes, whose length says which it is. */
function frameOf(bytes: number, header = ''): Buffer {
  const head = Buffer.from(`ffffffffffff020000000001${header}${ETHERTYPE}`, 'hex');
  return Buffer.concat([head, Buffer.alloc(bytes - head.length, 'x')]);
}

interface Wire {
  readonly bridge: string;
  readonly ends: readonly (readonly [node: string, dev: string])[];
}

/** A ring of nodes with wires to the next ones: ten links each. */
function wiresOf(): readonly Wire[] {
  const node = (number: number): string => String.fromCharCode(97 + (number % NODES));
  return Array.from({ length: NODES * WIRES_PER_NODE }, (_, index) => {
    const [from, step] = [Math.floor(index / WIRES_PER_NODE), index % WIRES_PER_NODE];
    const ends = [[node(from), `out${step}`] as const, [node(from + step + 1), `in${step}`] as const];
    return { bridge: `w${index}`, ends };
  });
}

describe('a capture of more links than have rings', needs('root', 'program:tshark', 'program:tcpdump'), () => {
  const wires = wiresOf();
  let lab: TestLab;
  let made: Folder;
  let file = '';
  const linkOf = ([node, dev]: Wire['ends'][number]): string => `${lab.node(node).name}:${dev}`;
  const configuration = (): object => ({
    links: wires.flatMap(({ bridge, ends }) =>
      ends.map(([node, dev]) => ({ netns: lab.node(node).name, bridge, dev, mtu: 1500 })),
    ),
    bridges: wires.map(({ bridge }) => ({ bridge, mode: 'direct' })),
  });
  const send = (node: string, dev: string, ...frames: readonly Buffer[]): void =>
    sendFrames(lab.node(node).id, dev, frames);

  before(async () => {
    lab = testLab('netns', 'many');
    made = temporaryFolder('capture');
    file = join(made.path, 'out.pcapng');
    await lab.up(configuration());
    for (const { ends } of wires) for (const [node, dev] of ends) await lab.node(node).untilUp(dev);
  });
  after(async () => {
    await lab[Symbol.asyncDispose]();
    made[Symbol.dispose]();
  });

  test('has all packets of all of them, with their names and directions, in the order of time, by a socket for each node', async () => {
    let sockets = '';
    const { exitCode, stderr } = await captureWhile(['--lab', lab.name, '*', ...ONLY_OURS, '-w', file], async () => {
      sockets = await lab.node('a').exec('cat', '/proc/net/packet');
      wires.forEach(({ ends: [from] }, index) => {
        if (from !== undefined) send(...from, frameOf(60 + index));
      });
    });
    assert.equal(exitCode, 0, stderr);
    assert.equal(sockets.trim().split('\n').length, 2, sockets);
    const packets = await packetsIn(file);
    const seen = packets.map((packet) => `${packet.interface} ${packet.direction} ${packet.bytes}`);
    const sent = wires.flatMap(({ ends }, index) =>
      ends.map((end, at) => `${linkOf(end)} ${at === 0 ? 'out' : 'in'} ${60 + index}`),
    );
    assert.deepEqual(seen.toSorted(), sent.toSorted());
    const times = packets.map(({ time }) => time);
    assert.deepEqual(
      times,
      times.toSorted((one, other) => Number(one - other)),
    );
    assert.ok(times.some((time) => time % 1000n !== 0n));
    assert.match(stderr, new RegExp(`Captured ${sent.length} packets of ${2 * wires.length} links; none dropped`));
  });

  test('leaves out devices that it was not asked for, and what --direction leaves out', async () => {
    const words = ['--lab', lab.name, '*:out*', '*:in0', '*:in1', '*:in2', '*:in3', `${lab.node('a').name}:in4`];
    const more = ['--direction', 'in', '--filter', `ether proto 0x${ETHERTYPE} or icmp`];
    const links = wires.length + NODES * 4 + 1;
    assert.ok(links < 2 * wires.length);
    const capture = captureWhile([...words, ...more, '-w', file], async () => {
      // Over lo, and over wires whose other ends are captured or are not.
      await lab.node('b').exec('ping', '-n', '-c', '1', '127.0.0.1');
      for (const { ends } of wires) for (const end of ends) send(...end, frameOf(60));
    });
    const { stderr } = await capture;
    const packets = await packetsIn(file);
    assert.ok(packets.every(({ direction, protocols }) => direction === 'in' && !protocols.includes('icmp')));
    assert.equal(packets.length, links, stderr);
    assert.equal(new Set(packets.map((packet) => packet.interface)).size, links);
  });

  test('puts VLAN tags back, cuts packets, and keeps their length', async () => {
    const words = ['--lab', lab.name, '*', '--filter', `ether proto 0x${ETHERTYPE} or vlan`, '--direction', 'in'];
    await captureWhile([...words, '-s', '96', '-w', file], async () =>
      send('a', 'out0', frameOf(60), frameOf(1400), frameOf(96, '81000007'), frameOf(68, '88a8000981000008')),
    );
    assert.deepEqual(
      (await packetsIn(file)).map(({ bytes, captured, vlan }) => [bytes, captured, vlan]),
      [
        [60, 60, ''],
        [1400, 96, ''],
        [96, 96, '7'],
        [68, 68, '8'],
      ],
    );
  });

  test('says what its sockets dropped, for the links of a node together, and loses sight of none', async () => {
    const count = 6000;
    const words = ['--lab', lab.name, '*', ...ONLY_OURS, '--direction', 'out', '--json', '-w', file];
    await using started = await startCapture(...words);
    send('c', 'out1', frameOf(60));
    // While it can't read, its socket in the node runs over.
    started.child.kill('SIGSTOP');
    send('a', 'out0', ...Array.from({ length: count }, () => frameOf(1400)));
    started.child.kill('SIGCONT');
    await started.until(/dropped \d+ packets: they came faster/);
    started.child.kill('SIGINT');
    const { stdout, exitCode } = await started.child;
    assert.equal(exitCode, 0, started.output());
    const { dropped, links } = JSON.parse(String(stdout)) as {
      dropped: number;
      links: { link: string; received: number | null; dropped: number | null; delivered: number }[];
    };
    const rowOf = (end: Wire['ends'][number]) => links.find(({ link }) => link === linkOf(end));
    const delivered = links.reduce((sum, each) => sum + each.delivered, 0);
    assert.ok(dropped > 0);
    assert.equal(delivered + dropped, count + 1);
    assert.equal((await packetsIn(file)).length, delivered);
    assert.deepEqual(rowOf(['c', 'out1']), { link: linkOf(['c', 'out1']), received: 1, dropped: 0, delivered: 1 });
    const node = `${lab.node('a').name}:`;
    for (const row of links) {
      const isKnown = !row.link.startsWith(node);
      assert.deepEqual([row.received === null, row.dropped === null], [!isKnown, !isKnown], row.link);
    }
    const statistics = blocksOf(readFileSync(file)).filter(({ type }) => type === 5);
    const remarks = statistics.map(({ body }) => optionsOf(body, 12)).filter((options) => options.has(1));
    assert.equal(remarks.length, 10);
    const remark = `${dropped} packets of the 10 links that share a socket found no room; how many of this one is not known`;
    assert.ok(remarks.every((options) => options.get(1)?.toString() === remark && !options.has(5) && !options.has(7)));
  });

  test('takes up devices that are made anew, and goes on with the others of their node', async () => {
    await using started = await startCapture('--lab', lab.name, '*', ...ONLY_OURS, '--direction', 'out', '-w', file);
    send('a', 'out0', frameOf(60));
    for (const dev of ['out0', 'out1']) await lab.node('a').exec('ip', 'link', 'del', dev);
    for (const end of [
      ['a', 'out0'],
      ['a', 'out1'],
      ['b', 'in0'],
      ['c', 'in1'],
    ] as const) {
      await started.until(new RegExp(`${linkOf(end)} is gone`));
    }
    send('a', 'out2', frameOf(61));
    await lab.up(configuration());
    for (const dev of ['out0', 'out1']) {
      await lab.node('a').untilUp(dev);
      await started.until(new RegExp(`${linkOf(['a', dev])} is there again`));
    }
    for (const [index, dev] of ['out0', 'out1', 'out2'].entries()) send('a', dev, frameOf(62 + index));
    started.child.kill('SIGINT');
    assert.equal((await started.child).exitCode, 0, started.output());
    assert.deepEqual(
      (await packetsIn(file)).map((packet) => [packet.interface, packet.bytes]),
      (
        [
          ['out0', 60],
          ['out2', 61],
          ['out0', 62],
          ['out1', 63],
          ['out2', 64],
        ] as const
      ).map(([dev, bytes]) => [linkOf(['a', dev]), bytes]),
    );
  });

  test('on kernels where shared sockets would cost all namespaces, each link has one of its own, and its own counts', () => {
    const program = encodeProgram(acceptAll(65_536));
    const settings = { program, snaplenBytes: 65_536, ring: null, isShared: false };
    using taps = new QueueTaps(settings, 3);
    const opened: number[] = [];
    const refused = taps.openAll([{ ns: lab.node('a').id, ids: [2, 0, 1], devs: ['out0', 'out1', 'none'] }], (id) =>
      opened.push(id),
    );
    assert.deepEqual([opened, refused.map(({ id }) => id)], [[2, 0], [1]]);
    const count = 9000;
    send('a', 'out0', ...Array.from({ length: count }, () => frameOf(1400)));
    send('a', 'out1', frameOf(60));
    taps.receive(new Set(), performance.now());
    const { received, dropped, together } = taps.counts();
    assert.deepEqual(together, []);
    // Besides ours there can be packets of IPv6.
    assert.ok((received[2] ?? 0) >= count && (dropped[2] ?? 0) > 0);
    assert.ok((received[0] ?? 0) >= 1);
    assert.deepEqual([received[1], dropped[0], dropped[1]], [0, 0, 0]);
  });
});
