/** What a capture holds, read back by tshark: names, times, directions, filters, lengths, VLAN tags. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { linkloom } from '../../support/bin.ts';
import { captureWhile, infosOf, packetsIn } from '../../support/capture/tshark.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { sendFrames } from '../../support/frames.ts';
import { type TestLab, testLab } from '../../support/lab.ts';
import { needs } from '../../support/needs.ts';

/** Where programs are looked for whatever PATH says. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** An Ethernet frame of the experimental ethertype with a text in it. */
function frameOf(bytes: number, header = ''): Buffer {
  const head = Buffer.from(`ffffffffffff020000000001${header}88b5`, 'hex');
  return Buffer.concat([head, Buffer.alloc(bytes - head.length, 'x')]);
}

describe('capture', needs('root', 'program:tshark', 'program:tcpdump'), () => {
  let lab: TestLab;
  let made: ReturnType<typeof temporaryFolder>;
  let file = '';
  let a = '';
  let b = '';

  before(async () => {
    lab = testLab('netns', 'cap');
    made = temporaryFolder('capture');
    file = join(made.path, 'out.pcapng');
    [a, b] = [lab.node('a').name, lab.node('b').name];
    await lab.up({
      links: [
        { netns: a, bridge: 'lan', dev: 'eth0', ip: '10.0.0.1/24', mtu: 1500 },
        { netns: b, bridge: 'lan', dev: 'eth0', ip: '10.0.0.2/24', mtu: 1500 },
        { netns: a, bridge: 'wire', dev: 'eth1', ip: '10.1.0.1/24', mtu: 1500 },
        { netns: b, bridge: 'wire', dev: 'eth1', ip: '10.1.0.2/24', mtu: 1500 },
      ],
      bridges: [{ bridge: 'wire', mode: 'direct' }],
    });
    for (const node of ['a', 'b']) for (const dev of ['eth0', 'eth1']) await lab.node(node).untilUp(dev);
  });
  after(async () => {
    await lab[Symbol.asyncDispose]();
    made[Symbol.dispose]();
  });

  const ping = (count: number): Promise<string> =>
    lab.node('a').exec('ping', '-n', '-i', '0.01', '-c', String(count), '-w', '20', '10.0.0.2');
  const send = (dev: string, ...frames: readonly Buffer[]) => {
    return async (): Promise<void> => sendFrames(lab.node('a').id, dev, frames);
  };

  test('several links are in one file, with their names, in the order of time, stamped in nanoseconds', async () => {
    const startNs = BigInt(Date.now()) * 1_000_000n;
    const words = ['--lab', lab.name, '*:eth0', '--filter', 'icmp', '-w', file];
    const { exitCode, stderr } = await captureWhile(words, () => ping(20));
    assert.equal(exitCode, 0, stderr);
    const packets = await packetsIn(file);
    const count = (name: string, direction: string): number =>
      packets.filter((packet) => packet.interface === name && packet.direction === direction).length;
    const counts = [a, b].flatMap((node) => ['in', 'out'].map((direction) => count(`${node}:eth0`, direction)));
    assert.deepEqual(counts, [20, 20, 20, 20]);
    assert.ok(packets.every(({ protocols }) => protocols.endsWith('icmp:data')));
    const times = packets.map(({ time }) => time);
    assert.deepEqual(
      times,
      times.toSorted((one, other) => Number(one - other)),
    );
    assert.ok((times[0] ?? 0n) >= startNs && (times.at(-1) ?? 0n) <= BigInt(Date.now() + 1) * 1_000_000n);
    assert.ok(times.some((time) => time % 1000n !== 0n));
    const infos = await infosOf(file);
    assert.match(infos, new RegExp(`Name = ${a}:eth0\\s+Description = node end: eth0 in netns/${a}\\s`));
    assert.match(infos, /Filter string = icmp\s/);
    assert.match(infos, new RegExp(`Capture comment:\\s+lab ${lab.name}`));
    assert.match(stderr, /Captured 80 packets of 2 links: .*; none dropped/);
  });

  test('a bridge stands for its links, and each packet is there once where only those going out are asked for', async () => {
    const words = ['--lab', lab.name, 'bridge/lan', '--filter', 'icmp', '--direction', 'out', '-w', file];
    await captureWhile(words, () => ping(5));
    const packets = await packetsIn(file);
    assert.deepEqual(
      packets.map((packet) => [packet.interface, packet.direction]),
      Array.from({ length: 5 }, () => [
        [`${a}:eth0`, 'out'],
        [`${b}:eth0`, 'out'],
      ]).flat(),
    );
  });

  test('on the port side what the node sends comes in', async () => {
    const words = ['--lab', lab.name, `${a}:eth0`, '--side', 'port', '--direction', 'in', '--json', '-w', file];
    const { exitCode } = await captureWhile(words, send('eth0', frameOf(60), frameOf(61)));
    assert.equal(exitCode, 0);
    const sent = (await packetsIn(file)).filter(({ bytes, protocols }) => bytes < 62 && !protocols.includes('ip'));
    assert.deepEqual(
      sent.map(({ bytes, direction }) => [bytes, direction]),
      [
        [60, 'in'],
        [61, 'in'],
      ],
    );
    assert.match(await infosOf(file), new RegExp(`Description = port: .* in netns/linkloom-${lab.name}`));
  });

  test('a VLAN tag is where it was on the wire, and a filter finds it', async () => {
    const frames = [frameOf(60), frameOf(64, '81000007'), frameOf(64, '81000008'), frameOf(68, '88a8000981000007')];
    await captureWhile(
      ['--lab', lab.name, `${b}:eth1`, '--filter', 'ether proto 0x88b5 or vlan', '-w', file],
      send('eth1', ...frames),
    );
    const all = await packetsIn(file);
    assert.deepEqual(
      all.map(({ bytes, vlan }) => [bytes, vlan]),
      [
        [60, ''],
        [64, '7'],
        [64, '8'],
        [68, '7'],
      ],
    );
    assert.match(all[3]?.protocols ?? '', /ieee8021ad.*vlan/);
    await captureWhile(['--lab', lab.name, `${b}:eth1`, '--filter', 'vlan 8', '-w', file], send('eth1', ...frames));
    assert.deepEqual(
      (await packetsIn(file)).map(({ vlan }) => vlan),
      ['8'],
    );
  });

  test('a packet is cut to the length asked for, and its own length kept', async () => {
    const words = ['--lab', lab.name, `${b}:eth1`, '-s', '96', '-c', '3', '-w', file];
    const { stderr } = await captureWhile(
      words,
      send('eth1', frameOf(60), frameOf(1400), frameOf(96, '81000007'), frameOf(60)),
      true,
    );
    assert.match(stderr, /Captured 3 packets/);
    assert.deepEqual(
      (await packetsIn(file)).map(({ bytes, captured }) => [bytes, captured]),
      [
        [60, 60],
        [1400, 96],
        [96, 96],
      ],
    );
  });

  test('the largest packets are whole, and so is each of many', async () => {
    const frames = Array.from({ length: 400 }, (_, index) => frameOf(60 + (index % 1400)));
    await captureWhile(
      ['--lab', lab.name, `${b}:eth1`, '--filter', 'ether proto 0x88b5', '-w', file],
      send('eth1', ...frames),
    );
    const packets = await packetsIn(file);
    assert.deepEqual(
      packets.map(({ captured }) => captured),
      frames.map(({ length }) => length),
    );
  });

  test('a filter that tcpdump refuses is told before anything is written, and is no option of tcpdump', async () => {
    const refused = await linkloom([
      'capture',
      '--lab',
      lab.name,
      `${b}:eth1`,
      '--filter',
      'icmp and and',
      '-w',
      join(made.path, 'none'),
    ]);
    assert.equal(refused.exitCode, 2);
    assert.match(refused.stderr, /the filter 'icmp and and' is refused: .*syntax error/);
    const asOption = await linkloom([
      'capture',
      '--lab',
      lab.name,
      `${b}:eth1`,
      '--filter=-w/tmp/stolen',
      '-w',
      join(made.path, 'none'),
    ]);
    assert.equal(asOption.exitCode, 2);
    assert.match(asOption.stderr, /is refused/);
    await assert.rejects(packetsIn(join(made.path, 'none')));
  });

  test('without tcpdump a filter is refused by name, and all else works', async () => {
    const env = { PATH: made.path };
    const words = ['capture', '--lab', lab.name, `${b}:eth1`, '--seconds', '0.1', '-w', file];
    const refused = await linkloom([...words, '--filter', 'icmp'], { env });
    // Where a system folder that is searched in any case has it, it works.
    if (!SYSTEM_FOLDERS.some((folder) => existsSync(join(folder, 'tcpdump')))) {
      assert.equal(refused.exitCode, 3);
      assert.match(refused.stderr, /filters are compiled by `tcpdump`, which is not in PATH\n {2}hint: install it/);
    }
    assert.equal((await linkloom(words, { env })).exitCode, 0);
  });

  test('a link that does not exist, or has no port, is refused by name', async () => {
    const missing = await linkloom(['capture', '--lab', lab.name, `${a}:eht0`, '-w', file]);
    assert.equal(missing.exitCode, 1);
    assert.match(missing.stderr, new RegExp(`has no link ${a}:eht0[^]*did you mean ${a}:eth0`));
    const portless = await linkloom(['capture', '--lab', lab.name, `${a}:eth1`, '--side', 'port', '-w', file]);
    assert.equal(portless.exitCode, 2);
    assert.match(portless.stderr, /there is no port to capture on/);
  });
});
