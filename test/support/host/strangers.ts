/** What is in the host's namespace and is not linkloom's, and how to see that it stays as it is. The sandbox of the tests is the host. */
import { execa } from 'execa';
import { type IpLink, uniqueName } from '../netns.ts';

/** Of the host's namespace: a device by its name. */
export async function hostLink(dev: string): Promise<IpLink | undefined> {
  const { stdout } = await execa('ip', ['-details', '-json', 'address']);
  return (JSON.parse(stdout || '[]') as readonly IpLink[]).find(({ ifname }) => ifname === dev);
}

/** Runs iproute2 in the host's namespace; rejects if it fails. */
export async function ip(...args: readonly string[]): Promise<string> {
  return (await execa('ip', args)).stdout;
}

/** Settings that are of a whole namespace. */
const SYSCTLS = [
  'net.ipv4.ip_forward',
  'net.ipv6.conf.all.disable_ipv6',
  'net.ipv6.conf.default.disable_ipv6',
  'net.ipv6.conf.all.forwarding',
  'net.ipv6.conf.lo.disable_ipv6',
];

/** All devices, addresses, routes, rules, forwarding entries and namespace-wide settings that are there, but for what `isOurs` says of a device. */
export async function foreign(isOurs: (dev: string) => boolean = () => false): Promise<string> {
  const { stdout: devices } = await execa('ip', ['-details', '-json', 'address']);
  const links = (JSON.parse(devices) as readonly IpLink[]).filter(({ ifname }) => !isOurs(ifname));
  const routes = await Promise.all(['-4', '-6'].map((family) => ip(family, 'route', 'show', 'table', 'all')));
  const others = routes
    .flatMap((text) => text.split('\n'))
    .filter((route) => !isOurs(/ dev (\S+)/.exec(route)?.[1] ?? ''));
  const settings = await execa('sysctl', ['-n', ...SYSCTLS]);
  return [JSON.stringify(links, null, 1), ...others, await ip('rule'), settings.stdout].join('\n');
}

export interface Strangers extends AsyncDisposable {
  /** A device of the host with an address. */
  readonly dev: string;
}

/** A pair of veths in the host's namespace, one with an address. Needs root. */
export async function strangers(): Promise<Strangers> {
  const dev = uniqueName('x');
  await ip('link', 'add', dev, 'type', 'veth', 'peer', 'name', uniqueName('y'));
  await ip('address', 'add', '192.0.2.1/24', 'dev', dev, 'nodad');
  await ip('link', 'set', dev, 'up');
  return {
    dev,
    [Symbol.asyncDispose]: async () => {
      await execa('ip', ['link', 'del', dev], { reject: false });
    },
  };
}
