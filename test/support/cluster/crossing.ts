/** Labs of wires between namespaces of three hosts, of which some cross from host to host, and what of them arrives. */
import { fileURLToPath } from 'node:url';
import type { Site } from '../../../scripts/cluster/site.ts';

/** Fits the underlay with the headers of a tunnel. */
const MTU_BYTES = 1400;

const PINGER = fileURLToPath(new URL('pinger.js', import.meta.url));

interface End {
  readonly netns: string;
  readonly dev: string;
  readonly address: string;
}

export interface Wire {
  readonly name: string;
  readonly ends: readonly [End, End];
  /** Whether its ends are on different hosts. */
  readonly crosses: boolean;
}

export interface Crossing {
  readonly lab: string;
  readonly wires: readonly Wire[];
  /** The host of a namespace, as `hosts:` of the configuration says. */
  hostOf(netns: string): string;
  readonly configuration: object;
}

export interface Shape {
  readonly lab: string;
  readonly wires: number;
  /** How many of them cross. */
  readonly crossing: number;
  /** Namespaces on each host. */
  readonly nodes: number;
  /** Wires of this number are wired otherwise: one end is on another namespace. */
  readonly rewired?: number;
}

const HOSTS = ['h1', 'h2', 'h3'] as const;

/** Wires with a network of their own each, so that a frame which takes another wire is not answered. */
export function crossingLab({ lab, wires: count, crossing, nodes, rewired = 0 }: Shape): Crossing {
  const netnsOf = (host: number, node: number): string => `${'abc'[host % 3]}${node % nodes}`;
  const wires = Array.from({ length: count }, (_, at): Wire => {
    const crosses = at < crossing;
    const [from, to] = [at % 3, crosses ? (at + 1) % 3 : at % 3];
    const row = Math.floor(at / 3) + (at < rewired ? 1 : 0);
    const net = `10.${10 + Math.floor(at / 16384)}.${Math.floor(at / 64) % 256}`;
    const last = (at % 64) * 4;
    const ends = [
      { netns: netnsOf(from, row), dev: `x${at}`, address: `${net}.${last + 1}` },
      { netns: netnsOf(to, row + 1), dev: `y${at}`, address: `${net}.${last + 2}` },
    ] as const;
    return { name: `w${at}`, ends, crosses };
  });
  const links = wires.flatMap(({ name, ends }) =>
    ends.map(({ netns, dev, address }) => ({ netns, dev, bridge: name, ip: `${address}/30`, mtu: MTU_BYTES })),
  );
  const bridges = wires.map(({ name }) => ({ bridge: name, mode: 'direct' }));
  const hosts = Object.fromEntries(HOSTS.map((host, at) => [host, { nodes: [`${'abc'[at]}*`] }]));
  return {
    ...{ lab, wires, configuration: { lab, hosts, bridges, links } },
    hostOf: (netns) => HOSTS['abc'.indexOf(netns[0] ?? '')] ?? '',
  };
}

/** What one namespace sends to one address, and how it went. */
export interface Pinged {
  readonly wire: string;
  readonly sent: number;
  readonly received: number;
}

export interface PingOptions {
  /** `once`: until the first answer, for at most 10 s. Else so many packets. */
  readonly count: 'once' | number;
  readonly intervalMs: number;
}

/** Sends along each wire from its first end. An answer has gone along it both ways. */
export async function pingWires(
  site: Site,
  lab: Crossing,
  wires: readonly Wire[],
  options: PingOptions,
): Promise<readonly Pinged[]> {
  const perHost = site.hosts.names.map(async (host) => {
    const own = wires.filter(({ ends: [from] }) => lab.hostOf(from.netns) === host);
    if (own.length === 0) return [];
    const tasks = own.map(({ name, ends: [from, to] }) => ({ wire: name, from, to: to.address }));
    const input = JSON.stringify({ tasks, ...options });
    const output = await site.hosts.exec(host, process.execPath, [PINGER], { stdin: 'pipe', input });
    return JSON.parse(output) as readonly Pinged[];
  });
  return (await Promise.all(perHost)).flat();
}

/** Names of the wires that have lost a packet. */
export function lossy(pinged: readonly Pinged[]): readonly string[] {
  return pinged.filter(({ sent, received }) => received < sent || sent === 0).map(({ wire }) => wire);
}
