/** What each mode of bridge carries, frame by frame, and how wires come, change and go. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { linkloom } from '../../support/bin.ts';
import { receiveFrames, sendFrames } from '../../support/frames.ts';
import { testLab } from '../../support/lab.ts';
import { needs } from '../../support/needs.ts';
import { netnsNames } from '../../support/netns.ts';
import { KNOWN_FRAMES, KNOWN_FRAMES_ONLY, type KnownFrame } from './known-frames.ts';

type Mode = 'linux' | 'patch' | 'direct';
const ALL = Object.keys(KNOWN_FRAMES) as readonly KnownFrame[];
/** Link-local control frames that a Linux bridge keeps to itself (br_handle_frame); with STP off it forwards BPDUs. */
const EATEN: readonly KnownFrame[] = ['LLDP', 'LACP', 'PAUSE'];
const CARRIED: Readonly<Record<Mode, readonly KnownFrame[]>> = {
  direct: ALL,
  patch: ALL,
  linux: ALL.filter((name) => !EATEN.includes(name)),
};

describe('bridge modes', needs('root', 'program:ip', 'program:tc', 'program:tcpdump'), () => {
  const lab = testLab('netns', 'w');
  const { switches } = lab;

  const configuration = (mode: Mode, letters: string, more: object = {}) => ({
    bridges: [{ bridge: 'wire', mode }],
    links: [...letters].map((letter, n) => ({
      ...{ netns: lab.node(letter).name, bridge: 'wire', ip: `10.9.0.${n + 1}/24` },
      ...more,
    })),
  });
  /** Created, changed, unchanged. */
  const up = async (...args: Parameters<typeof configuration>): Promise<readonly number[]> => {
    const { links, failures } = await lab.up(configuration(...args));
    assert.deepEqual(failures, []);
    return [links.created, links.changed, links.unchanged];
  };
  const ports = async () => (await switches.links()).filter(({ ifname }) => ifname !== 'lo');

  /** Which of the known frames come through from one node to another, whole and unchanged. */
  const carried = async (from: string, to: string): Promise<readonly string[]> => {
    const frames = Object.values(KNOWN_FRAMES);
    await Promise.all((await ports()).map(({ ifname }) => switches.untilUp(ifname)));
    await Promise.all([from, to].map((letter) => lab.node(letter).untilUp('eth0')));
    const options = { timeoutMs: 1500, filter: KNOWN_FRAMES_ONLY };
    const send = () => sendFrames(lab.node(from).id, 'eth0', frames);
    const arrived = await receiveFrames(lab.node(to).name, 'eth0', frames.length, send, options);
    const got = arrived.map((frame) => frame.toString('hex'));
    const names = ALL.filter((name) => got.includes(KNOWN_FRAMES[name].toString('hex')));
    assert.equal(got.length, names.length, `changed on its way: ${got.join(' ')}`);
    return names;
  };

  after(async () => {
    await lab.down();
    assert.deepEqual(
      (await netnsNames()).filter((name) => name.includes(lab.name)),
      [],
    );
  });

  it('patch: every frame, both ways, and nothing else is needed in the switch namespace', async () => {
    assert.deepEqual(await up('patch', 'ab'), [2, 0, 0]);
    assert.deepEqual(await carried('a', 'b'), CARRIED.patch);
    assert.deepEqual(await carried('b', 'a'), CARRIED.patch);
    await lab.node('a').exec('ping', '-n', '-c', '1', '-w', '10', '10.9.0.2');
    const found = await ports();
    assert.deepEqual(
      found.map(({ linkinfo, master }) => [linkinfo?.info_kind, master]),
      [
        ['veth', undefined],
        ['veth', undefined],
      ],
    );
    assert.match(
      await switches.exec('tc', 'filter', 'show', 'dev', found[0]?.ifname ?? '', 'parent', 'ffff:'),
      /action order 1: mirred \(Egress Redirect to device /,
    );
  });

  it('patch: a second run finds all as it should be, and what was untied is seen and tied again', async () => {
    assert.deepEqual(await up('patch', 'ab'), [0, 0, 2]);
    await switches.exec('tc', 'qdisc', 'delete', 'dev', (await ports())[0]?.ifname ?? '', 'ingress');
    const ways = [(await carried('a', 'b')).length, (await carried('b', 'a')).length];
    assert.deepEqual(
      ways.toSorted((one, other) => one - other),
      [0, ALL.length],
    );
    const { ops } = await lab.plan(configuration('patch', 'ab'));
    assert.deepEqual(
      ops.map(({ op, cause }) => [op, cause]),
      [['wire.patch', 'not tied']],
    );
    assert.deepEqual(await up('patch', 'ab'), [0, 1, 1]);
    assert.deepEqual(await carried('a', 'b'), CARRIED.patch);
    assert.deepEqual(await carried('b', 'a'), CARRIED.patch);
  });

  it('patch: a lone end waits, and takes whoever comes, under whatever name', async () => {
    // Its tie to what was there is cut, and it is neither changed nor in order: it waits.
    assert.deepEqual(await up('patch', 'a'), [0, 0, 0]);
    assert.deepEqual(await up('patch', 'a'), [0, 0, 0]);
    assert.deepEqual(await up('patch', 'ac'), [1, 0, 1]);
    assert.deepEqual(await carried('a', 'c'), CARRIED.patch);
    assert.deepEqual(await carried('c', 'a'), CARRIED.patch);
    assert.deepEqual(await up('patch', 'ac'), [0, 0, 2]);
  });

  it('linux: a bridge keeps LLDP, LACP and pause frames to itself; the same devices become its ports', async () => {
    const before = await lab.node('a').link('eth0');
    assert.deepEqual(await up('linux', 'ac'), [0, 2, 0]);
    assert.equal((await lab.node('a').link('eth0'))?.ifindex, before?.ifindex);
    assert.deepEqual(await carried('a', 'c'), CARRIED.linux);
    assert.doesNotMatch(await switches.exec('tc', 'qdisc', 'show'), /ingress/);
    assert.deepEqual(await up('linux', 'ac'), [0, 0, 2]);
  });

  it('patch after linux: the bridge goes, its ports are tied', async () => {
    assert.deepEqual(await up('patch', 'ac'), [0, 2, 0]);
    assert.deepEqual(await carried('c', 'a'), CARRIED.patch);
    assert.ok(!(await ports()).some(({ ifname }) => ifname === 'wire'));
    assert.deepEqual(await up('patch', 'ac'), [0, 0, 2]);
  });

  it('patch: an mtu is changed in place, on all four devices', async () => {
    assert.deepEqual(await up('patch', 'ac', { mtu: 9000 }), [0, 2, 0]);
    const ends = [...(await ports()), await lab.node('a').link('eth0'), await lab.node('c').link('eth0')];
    assert.deepEqual(
      ends.map((link) => link?.mtu),
      [9000, 9000, 9000, 9000],
    );
    assert.deepEqual(await carried('a', 'c'), CARRIED.patch);
  });

  it('patch: a tunnel is an end, too', async () => {
    const { bridges, links } = configuration('patch', 'a');
    const wanted = { bridges, links, tunnels: [{ type: 'vxlan', bridge: 'wire', remote: '192.0.2.2', vni: 7 }] };
    assert.deepEqual((await lab.up(wanted)).failures, []);
    const filters = await switches.exec('tc', 'filter', 'show', 'dev', 'vxlan-7', 'parent', 'ffff:');
    const [port] = (await ports()).filter(({ ifname }) => ifname !== 'vxlan-7');
    assert.ok(filters.includes(`mirred (Egress Redirect to device ${port?.ifname})`), filters);
    assert.deepEqual((await lab.plan(wanted)).ops, []);
  });

  it('direct: every frame, both ways', async () => {
    await up('direct', 'ac');
    assert.deepEqual(await carried('a', 'c'), CARRIED.direct);
    assert.deepEqual(await carried('c', 'a'), CARRIED.direct);
    assert.deepEqual(await ports(), []);
    assert.deepEqual(await up('direct', 'ac'), [0, 0, 2]);
  });

  it('by the command line: up, again, and a third link is refused before anything is touched', async () => {
    const run = (letters: string, ...args: readonly string[]) =>
      linkloom([...args, '-f', '-'], { input: JSON.stringify({ lab: lab.name, ...configuration('patch', letters) }) });
    assert.equal((await run('ac', 'up')).exitCode, 0);
    assert.deepEqual(await carried('a', 'c'), CARRIED.patch);
    assert.equal((await run('ac', 'plan', '--detailed-exitcode')).exitCode, 0);
    const refused = await run('acd', 'up');
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stderr, /bridge wire is patch, a wire of two ends/);
    assert.equal((await run('ac', 'plan', '--detailed-exitcode')).exitCode, 0);
  });
});
