/** A lab of many nodes on real engines: what changes is made anew, and all else, of ours and of others, is left as it is. */
import assert from 'node:assert/strict';
import { existsSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { linkloom, type Ran } from '../../support/bin.ts';
import { ENGINES, type Engine } from '../../support/engine/both.ts';
import { BUSYBOX } from '../../support/engine/busybox.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { netnsNames } from '../../support/netns.ts';

const LAB = 'proof';
/** Begins as a name of the lab's does, and has none of its labels. */
const STRANGER = `${LAB}.stranger`;
const CHANGED = 3;
const RESTARTED = 1;

/** Each node has a wire to the `reach` nodes that follow it: at its own end `eth1` and so on, at theirs those after `reach`. */
const SIZES = {
  docker: { nodes: 30, reach: 4 },
  podman: { nodes: 6, reach: 2 },
} as const;

/** A neighbour that nobody has. It goes with its device, whose index may come again. */
const MARK = '192.0.2.1';

interface Device {
  readonly ifindex: number;
  readonly isMarked: boolean;
  readonly mac: string;
  readonly addresses: readonly string[];
}

type Devices = Readonly<Record<string, Device>>;

/** The devices of a node but `lo`, by the node's name on the host. */
async function devicesOf(node: number): Promise<Devices> {
  const netns = `${LAB}.n${node}`;
  const [{ stdout }, marks] = await Promise.all([
    execa('ip', ['-n', netns, '-json', 'addr']),
    execa('ip', ['-n', netns, '-json', 'neigh', 'show', 'to', MARK]),
  ]);
  const marked = new Set(
    (JSON.parse(marks.stdout || '[]') as readonly { readonly dev: string }[]).map(({ dev }) => dev),
  );
  interface Told {
    readonly ifname: string;
    readonly ifindex: number;
    readonly address: string;
    readonly addr_info: readonly { readonly family: string; readonly local: string; readonly prefixlen: number }[];
  }
  const told = (JSON.parse(stdout) as readonly Told[]).filter(({ ifname }) => /^eth/.test(ifname));
  return Object.fromEntries(
    told.map(({ ifname, ifindex, address, addr_info }) => [
      ifname,
      {
        ifindex,
        isMarked: marked.has(ifname),
        mac: address,
        addresses: addr_info.flatMap(({ family, local, prefixlen }) =>
          family === 'inet' ? [`${local}/${prefixlen}`] : [],
        ),
      },
    ]),
  );
}

async function mark(node: number): Promise<void> {
  const devices = Object.keys(await devicesOf(node));
  const input = devices
    .map((dev) => `neigh replace ${MARK} lladdr 02:00:00:00:00:01 dev ${dev} nud permanent\n`)
    .join('');
  await execa('ip', ['-n', `${LAB}.n${node}`, '-batch', '-'], { input });
}

/** By node, which of its devices have lost their mark. Fails if one has another name, MAC or address than before. */
function remade(before: readonly Devices[], now: readonly Devices[]): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    now.flatMap((devices, node) => {
      const earlier = before[node] ?? {};
      const described = (all: Devices): unknown =>
        Object.entries(all)
          .map(([dev, { mac, addresses }]) => ({ dev, mac, addresses }))
          .sort((a, b) => a.dev.localeCompare(b.dev));
      assert.deepEqual(described(devices), described(earlier), `n${node}`);
      const others = Object.keys(devices).filter((dev) => !devices[dev]?.isMarked);
      for (const [dev, { ifindex, isMarked }] of Object.entries(devices))
        assert.ok(!isMarked || ifindex === earlier[dev]?.ifindex, `n${node}:${dev}`);
      return others.length === 0 ? [] : [[`n${node}`, others.sort()]];
    }),
  );
}

for (const { name, start, wants } of ENGINES) {
  const kind = name === 'Docker' ? 'docker' : 'podman';
  const { nodes: count, reach } = SIZES[kind];
  const nodes = Array.from({ length: count }, (_, node) => node);
  const hops = Array.from({ length: reach }, (_, hop) => hop + 1);
  const wires = nodes.flatMap((node) =>
    hops.map((hop) => [`n${node}:eth${hop}`, `n${(node + hop) % count}:eth${reach + hop}`]),
  );

  /** The ends of a node's wires, by node: its own and those of its peers. */
  function endsOf(node: number): Readonly<Record<string, readonly string[]>> {
    const ends = hops.flatMap((hop): (readonly [string, string])[] => [
      [`n${node}`, `eth${hop}`],
      [`n${node}`, `eth${reach + hop}`],
      [`n${(node + hop) % count}`, `eth${reach + hop}`],
      [`n${(node + count - hop) % count}`, `eth${hop}`],
    ]);
    return Object.fromEntries(
      ends.map(([peer]) => [peer, ends.flatMap(([other, dev]) => (other === peer ? [dev] : [])).sort()]),
    );
  }

  describe(`${count} nodes with ${wires.length} wires on ${name}`, { timeout: 600_000, ...needs(...wants) }, () => {
    let engine: Engine;
    let folder: Folder;
    let sockets: readonly string[] = [];
    let hostBefore: string;

    const linksOfHost = async (): Promise<string> => (await execa('ip', ['-o', 'link'])).stdout;
    const run = (...words: readonly string[]): Promise<Ran> => linkloom([...words, ...sockets], { timeoutMs: 300_000 });
    const file = (): string => join(folder.path, 'lab.json');

    before(async () => {
      folder = temporaryFolder('proof');
      engine = await start();
      const [docker, podman] = kind === 'docker' ? [engine.socketPath, '/nowhere'] : ['/nowhere', engine.socketPath];
      sockets = ['--docker-socket', docker, '--podman-socket', podman];
      await engine.client('run', '--detach', '--network', 'none', '--name', STRANGER, BUSYBOX, 'sleep', '1000000');
      hostBefore = await linksOfHost();
    });
    after(async () => {
      await linkloom(['down', '--lab', LAB, ...sockets], { timeoutMs: 120_000 });
      await engine?.client('rm', '--force', STRANGER).catch(() => {});
      await engine?.[Symbol.asyncDispose]();
      folder?.[Symbol.dispose]();
    });

    async function up(env: Readonly<Record<string, string>>): Promise<void> {
      const box = { image: BUSYBOX, command: ['sleep', '1000000'] };
      const described = nodes.map((node) => [`n${node}`, node === CHANGED ? { ...box, env } : box]);
      const addressing = { wires: { pool: '10.20.0.0/16' } };
      writeFileSync(file(), JSON.stringify({ lab: LAB, nodes: Object.fromEntries(described), wires, addressing }));
      const { exitCode, stderr } = await run('up', '-f', file());
      assert.equal(exitCode, 0, stderr);
    }
    async function status(): Promise<{ readonly settled: boolean; readonly links: readonly object[] }> {
      return JSON.parse((await run('status', '-f', file(), '--json')).stdout);
    }
    async function assertWhole(): Promise<void> {
      const { settled, links } = await status();
      assert.deepEqual([settled, links.length], [true, 2 * wires.length]);
    }
    async function told(field: string, names: readonly string[]): Promise<readonly string[]> {
      return (await engine.client('inspect', '--format', `{{${field}}}`, ...names)).split('\n');
    }
    const names = nodes.map((node) => `${LAB}.n${node}`);
    const markedDevices = async (): Promise<readonly Devices[]> => {
      await Promise.all(nodes.map(mark));
      return await allDevices();
    };
    const allDevices = (): Promise<readonly Devices[]> => Promise.all(nodes.map(devicesOf));

    /** Over the first wire of a node. */
    async function pingNext(node: number): Promise<void> {
      const { [`eth${reach + 1}`]: far } = await devicesOf(node + 1);
      const [address = ''] = far?.addresses[0]?.split('/') ?? [];
      await engine.client('exec', `${LAB}.n${node}`, 'ping', '-c', '1', '-W', '3', address);
    }

    it('are made, and every link is as it is described', async () => {
      await up({});
      await assertWhole();
      for (const [node, devices] of (await allDevices()).entries())
        assert.equal(Object.keys(devices).length, 2 * reach, `n${node}`);
    });

    it('of which one is described otherwise: it alone is made anew, with its wires', async () => {
      const [ids, devices] = await Promise.all([told('.Id', names), markedDevices()]);
      await up({ X: '1' });
      await assertWhole();
      const idsNow = await told('.Id', names);
      assert.deepEqual(
        nodes.filter((node) => idsNow[node] !== ids[node]),
        [CHANGED],
      );
      assert.deepEqual(remade(devices, await allDevices()), endsOf(CHANGED));
      await pingNext(CHANGED);
    });

    it('of which the engine has restarted one: it has its links again, and no other node has lost any', async () => {
      const [ids, devices] = await Promise.all([told('.Id', names), markedDevices()]);
      await engine.client('restart', '--time', '0', `${LAB}.n${RESTARTED}`);
      assert.equal((await status()).settled, false);
      await up({ X: '1' });
      await assertWhole();
      assert.deepEqual(await told('.Id', names), ids);
      assert.deepEqual(remade(devices, await allDevices()), endsOf(RESTARTED));
      const [pid] = await told('.State.Pid', [`${LAB}.n${RESTARTED}`]);
      assert.equal(readlinkSync(`/run/netns/${LAB}.n${RESTARTED}`), `/proc/${pid}/ns/net`);
      await pingNext(RESTARTED);
    });

    it('are gone with all that is theirs, and a container of another maker runs on', async () => {
      const stranger = await told('.Id', [STRANGER]);
      const pid = await told('.State.Pid', [STRANGER]);
      const { exitCode, stderr } = await run('down', '-f', file());
      assert.equal(exitCode, 0, stderr);
      assert.deepEqual((await engine.client('ps', '--all', '--quiet', '--no-trunc')).split('\n'), stranger);
      assert.deepEqual(await told('.State.Pid', [STRANGER]), pid);
      assert.deepEqual(
        (await netnsNames()).filter((netns) => netns.startsWith(`${LAB}.`)),
        [],
      );
      assert.ok(!existsSync(`/run/linkloom/${LAB}`));
      assert.equal(await linksOfHost(), hostBefore);
    });
  });
}
