/** Reads what a node has, as lines of text, by iproute2 alone. */
import { execa } from 'execa';

export interface Address {
  readonly dev: string;
  readonly prefix: string;
  /** Everything that `ip` prints of it. */
  readonly text: string;
}

export interface Route {
  readonly dst: string;
  readonly dev: string;
  readonly gateway: string;
  readonly src: string;
  readonly protocol: string;
  readonly text: string;
}

export interface Snapshot {
  readonly devices: readonly string[];
  readonly addresses: readonly Address[];
  readonly routes: readonly Route[];
}

type Json = Readonly<Record<string, unknown>>;

async function ip(netns: string, ...args: readonly string[]): Promise<readonly Json[]> {
  const { stdout } = await execa('ip', ['-n', netns, '-details', '-json', ...args]);
  return JSON.parse(stdout || '[]') as readonly Json[];
}

/**
 * Reads the devices, addresses and routes of a namespace. It leaves out `lo`, what the kernel makes by itself in IPv6, and what
 * depends only on time.
 */
export async function snapshot(netns: string): Promise<Snapshot> {
  const [links, four, six] = await Promise.all([
    ip(netns, 'address'),
    ip(netns, '-4', 'route', 'show', 'table', 'all'),
    ip(netns, '-6', 'route', 'show', 'table', 'all'),
  ]);
  const devices = links.filter(({ ifname }) => ifname !== 'lo');
  return {
    devices: devices.map(deviceText).sort(),
    addresses: devices.flatMap(addressesOf),
    routes: [...four.map((route) => routeOf(route)), ...six.map((route) => routeOf(route))].filter(isTold),
  };
}

function deviceText({ ifname, mtu, flags, address, linkinfo, num_tx_queues }: Json): string {
  const kind = linkinfo as { readonly info_kind?: string; readonly info_data?: { readonly mode?: string } } | undefined;
  const isUp = (flags as readonly string[]).includes('UP');
  return [ifname, mtu, isUp ? 'up' : 'down', address, kind?.info_kind, kind?.info_data?.mode, num_tx_queues].join(' ');
}

function addressesOf({ ifname, addr_info }: Json): readonly Address[] {
  return ((addr_info as readonly Json[] | undefined) ?? [])
    .filter((address) => !isOfTheMac(address))
    .map(({ local, prefixlen, scope, secondary, label, nodad, protocol }) => ({
      dev: String(ifname),
      prefix: `${local}/${prefixlen}`,
      text: [
        ifname,
        `${local}/${prefixlen}`,
        scope,
        secondary ? 'secondary' : '',
        label,
        nodad ? 'nodad' : '',
        protocol,
      ].join(' '),
    }));
}

/** A link-local address that the kernel makes from a MAC, or that linkloom has made in its place. iproute2 before 6.3 tells no protocol. */
function isOfTheMac({ protocol, family, scope, nodad, local }: Json): boolean {
  if (protocol === 'kernel_ll') return true;
  return family === 'inet6' && scope === 'link' && (!nodad || (protocol === undefined && /ff:fe/.test(String(local))));
}

function routeOf(route: Json): Route {
  const { dst, dev, gateway, prefsrc, protocol, metric, metrics, type, table, scope, nexthops } = route;
  const text = [type, dst, gateway, dev, prefsrc, protocol, metric, table, scope, JSON.stringify([metrics, nexthops])];
  return {
    ...{ dst: String(dst), dev: String(dev ?? ''), gateway: String(gateway ?? '') },
    ...{ src: String(prefsrc ?? ''), protocol: String(protocol) },
    text: text.map((word) => word ?? '').join(' '),
  };
}

function isTold({ text, dst, dev }: Route): boolean {
  return (
    !/^(local|broadcast|multicast|anycast) /.test(text) &&
    !/^(fe80|ff00)/.test(dst) &&
    (dev !== 'lo' || /^blackhole/.test(text))
  );
}
