/** Bridges that others made in the host's namespace, with a port of theirs and traffic through it. The sandbox of the tests is the host. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { type Netns, newNetns, uniqueName } from '../netns.ts';
import type { Datapath } from '../ovs.ts';
import { foreign, hostLink, ip } from './strangers.ts';

export interface Theirs extends AsyncDisposable {
  readonly bridge: string;
  readonly port: string;
  /** At the other end of their port. */
  readonly far: Netns;
  /** Everything of the host but what `isOurs` says of a device: without what counts down. */
  untouched(isOurs?: (dev: string) => boolean): Promise<string>;
  /** The bridge's ports, theirs and others'. */
  ports(): Promise<readonly string[]>;
  /** Takes a port out of the bridge, as its owner could. */
  pullOut(port: string): Promise<void>;
  /** The bridge goes, with all its ports. */
  remove(): Promise<void>;
  /** Makes it anew, with their port. */
  make(): Promise<void>;
  /** How many of the packets that went through the bridge all the while came back; ends the traffic. */
  answered(): Promise<{ readonly sent: number; readonly received: number }>;
}

/** What a kind of bridge has of its own. */
type Kind = Pick<Theirs, 'ports' | 'pullOut' | 'remove' | 'make'> & {
  /** What its owner has set of it, and of ports of which `isOurs` is not true. */
  readonly settings: (isOurs: (dev: string) => boolean) => Promise<string>;
};

/** Makes a port with a stranger behind it, the bridge of the kind, and traffic from the host to the stranger. */
async function theirs(kindOf: (bridge: string, port: string) => Kind): Promise<Theirs> {
  const [bridge, port] = [uniqueName('b'), uniqueName('p')];
  const kind = kindOf(bridge, port);
  const far = await newNetns('s');
  await ip('link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', far.name);
  await ip('link', 'set', port, 'up');
  const make = async (): Promise<void> => {
    await kind.make();
    await ip('address', 'add', '10.74.0.1/24', 'dev', bridge);
    await ip('link', 'set', bridge, 'up');
  };
  await make();
  await far.exec('ip', 'address', 'add', '10.74.0.9/24', 'dev', 'eth0');
  await far.exec('ip', 'link', 'set', 'eth0', 'up');
  await far.untilUp('eth0');
  const traffic = execa('ping', ['-i', '0.05', '10.74.0.9'], { reject: false });
  return {
    ...{ bridge, port, far, make },
    ...{ ports: kind.ports, pullOut: kind.pullOut, remove: kind.remove },
    untouched: async (isOurs = () => false) => {
      const there = (await foreign(isOurs)).replace(/"\w*timer": [\d.]+,?/g, '');
      return `${there}\n${await kind.settings(isOurs)}`;
    },
    answered: async () => {
      traffic.kill('SIGINT');
      const { stdout } = await traffic;
      const [, sent = '0', received = '0'] = /(\d+) packets transmitted, (\d+) received/.exec(stdout) ?? [];
      return { sent: Number(sent), received: Number(received) };
    },
    [Symbol.asyncDispose]: async () => {
      traffic.kill('SIGKILL');
      await kind.remove().catch(() => {});
      // Its namespace goes in the background.
      await execa('ip', ['link', 'del', port], { reject: false });
      await far[Symbol.asyncDispose]();
    },
  };
}

/** A Linux bridge with a setting of its own. */
export function linuxBridge(): Promise<Theirs> {
  return theirs((bridge, port) => ({
    make: async () => {
      await ip('link', 'add', bridge, 'type', 'bridge', 'ageing_time', '20000');
      await ip('link', 'set', port, 'master', bridge);
    },
    remove: async () => {
      await ip('link', 'del', bridge);
    },
    ports: async () => {
      const links = JSON.parse((await ip('-json', 'link', 'show', 'master', bridge)) || '[]');
      return (links as readonly { readonly ifname?: string }[]).flatMap(({ ifname }) => ifname ?? []);
    },
    pullOut: async (dev) => {
      await ip('link', 'set', dev, 'nomaster');
    },
    settings: async () => '',
  }));
}

/** The host's own Open vSwitch. */
export interface HostOvs extends AsyncDisposable {
  /** For OVS_RUNDIR. */
  readonly directory: string;
  vsctl(...words: readonly string[]): Promise<string>;
  start(daemon: OvsDaemon): Promise<void>;
  /** Ends a daemon as a crash would. */
  kill(daemon: OvsDaemon): Promise<void>;
  /** A bridge with settings and a port of its owner's. */
  bridge(): Promise<Theirs>;
}

export type OvsDaemon = 'ovsdb-server' | 'ovs-vswitchd';

const SCHEMA = '/usr/share/openvswitch/vswitch.ovsschema';

/** Starts the host's Open vSwitch in a private folder. Needs root. */
export async function hostOvs(datapath: Datapath): Promise<HostOvs> {
  const directory = mkdtempSync(join(tmpdir(), 'host-ovs-'));
  const env = { OVS_RUNDIR: directory, OVS_DBDIR: directory, OVS_LOGDIR: directory, OVS_SYSCONFDIR: directory };
  const run = async (program: string, ...words: readonly string[]): Promise<string> =>
    (await execa(program, words, { env, stdin: 'ignore', stderr: 'ignore' })).stdout;
  const vsctl = (...words: readonly string[]): Promise<string> => run('ovs-vsctl', '--timeout=20', ...words);
  const start = async (daemon: OvsDaemon): Promise<void> => {
    const own = daemon === 'ovsdb-server' ? [`${directory}/conf.db`, `--remote=punix:${directory}/db.sock`] : [];
    await execa(daemon, [...own, '--pidfile', '--detach', '--log-file'], { env, stdio: 'ignore' });
  };
  const kill = async (daemon: OvsDaemon): Promise<void> => {
    const pid = Number(readFileSync(`${directory}/${daemon}.pid`, 'utf8'));
    process.kill(pid, 'SIGKILL');
    for (let tries = 0; isThere(pid) && tries < 500; tries++) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  await run('ovsdb-tool', 'create', `${directory}/conf.db`, SCHEMA);
  await start('ovsdb-server');
  await vsctl('--no-wait', 'init');
  await start('ovs-vswitchd');
  return {
    ...{ directory, vsctl, start, kill },
    bridge: () => theirs((bridge, port) => ovsKind(vsctl, datapath, bridge, port)),
    [Symbol.asyncDispose]: async () => {
      await run('ovs-appctl', '-t', 'ovs-vswitchd', 'exit', '--cleanup').catch(() => {});
      await run('ovs-appctl', '-t', 'ovsdb-server', 'exit').catch(() => {});
      for (const daemon of ['ovs-vswitchd', 'ovsdb-server'] as const) await kill(daemon).catch(() => {});
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function ovsKind(vsctl: HostOvs['vsctl'], datapath: Datapath, bridge: string, port: string): Kind {
  const ports = async (): Promise<readonly string[]> => (await vsctl('list-ports', bridge)).split('\n').filter(Boolean);
  return {
    ports,
    make: async () => {
      const settings = [`datapath_type=${datapath}`, 'external_ids:owner=theirs'];
      await vsctl('add-br', bridge, '--', 'set', 'bridge', bridge, ...settings, '--', 'add-port', bridge, port);
    },
    remove: async () => {
      await vsctl('del-br', bridge);
    },
    pullOut: async (dev) => {
      await vsctl('del-port', bridge, dev);
    },
    settings: async (isOurs) => {
      const columns =
        '--columns=name,external_ids,other_config,datapath_type,fail_mode,mcast_snooping_enable,stp_enable';
      const rows = (await ports()).filter((dev) => !isOurs(dev));
      const ofPorts = rows.map((dev) =>
        vsctl('--columns=_uuid,name,external_ids,other_config,qos,tag', 'list', 'port', dev),
      );
      return [await vsctl(columns, 'list', 'bridge'), await vsctl('list', 'qos'), ...(await Promise.all(ofPorts))].join(
        '\n',
      );
    },
  };
}

function isThere(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Resolves to what is there once nothing changes by itself any more: the kernel gives carriers and link-local addresses in its background. */
export async function settled(there: Theirs): Promise<string> {
  for (let tries = 0, before = ''; tries < 60; tries++) {
    const now = await there.untouched();
    const isTentative = now.includes('"tentative"');
    const state = (await hostLink(there.bridge))?.operstate;
    if (!isTentative && now === before && (state === 'UP' || state === 'UNKNOWN')) return now;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`${there.bridge} does not come to rest`);
}
