/**
 * Helpers for namespaces in tests. Everything that a helper makes is removed with `await using`, also when the test fails. The
 * kernel is read with iproute2, never with linkloom's own code.
 */
import { randomBytes } from 'node:crypto';
import { execa } from 'execa';

/** A link as `ip -details -json link` prints it: the fields that tests look at. */
export interface IpLink {
  readonly ifindex: number;
  readonly ifname: string;
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly operstate: string;
  readonly address: string;
  /** The name of the bridge. */
  readonly master?: string;
  /** `default`, or the number as text. */
  readonly group: string;
  readonly ifalias?: string;
  readonly link_index?: number;
  readonly link?: string;
  readonly link_netnsid?: number;
  readonly txqlen?: number;
  readonly num_tx_queues?: number;
  readonly num_rx_queues?: number;
  readonly linkinfo?: {
    readonly info_kind?: string;
    readonly info_data?: Readonly<Record<string, unknown>>;
  };
  readonly addr_info?: readonly IpAddress[];
}

export interface IpAddress {
  readonly family: 'inet' | 'inet6';
  readonly local: string;
  readonly prefixlen: number;
  readonly scope: string;
  /** Address protocol, as a number in text where iproute2 knows no name for it. */
  readonly protocol?: string;
  readonly nodad?: boolean;
  readonly tentative?: boolean;
}

export interface IpRoute {
  readonly type?: string;
  readonly dst: string;
  readonly gateway?: string;
  readonly dev?: string;
  readonly prefsrc?: string;
  readonly metric?: number;
  readonly protocol?: string;
  readonly scope?: string;
  readonly table?: string;
  readonly flags: readonly string[];
}

export interface Netns extends AsyncDisposable {
  /** The name in `/run/netns`. */
  readonly name: string;
  /** The id that linkloom's jobs use. */
  readonly id: `netns/${string}`;
  /** Runs a program in the namespace. Returns its standard output; rejects if it fails. */
  exec(program: string, ...args: readonly string[]): Promise<string>;
  /** All links with their details, in the kernel's order. */
  links(): Promise<readonly IpLink[]>;
  /** One link with its addresses, or undefined. */
  link(dev: string): Promise<IpLink | undefined>;
  /**
   * Resolves once the device carries frames. The kernel passes carriers to the other end, and starts queues, in the background: on
   * a busy machine seconds after the device was raised. Rejects after 30 s.
   */
  untilUp(dev: string): Promise<void>;
  /** The routes of the main table, or of `table`. */
  routes(family: 4 | 6, table?: string): Promise<readonly IpRoute[]>;
}

const CARRIER_MS = 30_000;

/** A name that no other test and no other run uses. It has at most 15 bytes, so it can be the name of a device too. */
export function uniqueName(prefix = 't'): string {
  return `${prefix}${randomBytes(5).toString('hex')}`.slice(0, 15);
}

/** A new named network namespace, which is removed at the end of the block. Needs root. */
export async function newNetns(prefix = 't'): Promise<Netns> {
  const name = uniqueName(prefix);
  await execa('ip', ['netns', 'add', name]);
  return openNetns(name, true);
}

/** A named namespace that something else made. It is removed at the end of the block only with `remove`. */
export function openNetns(name: string, remove = false): Netns {
  const exec = async (program: string, ...args: readonly string[]): Promise<string> =>
    (await execa('ip', ['netns', 'exec', name, program, ...args], { stdin: 'ignore' })).stdout;
  const ip = async <T>(...args: readonly string[]): Promise<T> => {
    const { stdout } = await execa('ip', ['-n', name, '-details', '-json', ...args]);
    return JSON.parse(stdout || '[]') as T;
  };
  // `ip address show DEV` fails if the device is missing, and lists other devices as empty objects.
  const linkOf = async (dev: string): Promise<IpLink | undefined> =>
    (await ip<readonly IpLink[]>('address')).find((link) => link.ifname === dev);
  return {
    name,
    id: `netns/${name}`,
    exec,
    links: () => ip<readonly IpLink[]>('link'),
    link: linkOf,
    untilUp: async (dev) => {
      const deadline = Date.now() + CARRIER_MS;
      for (;;) {
        const link = await linkOf(dev);
        if (link?.operstate === 'UP') return;
        if (Date.now() > deadline) throw new Error(`${name}:${dev} is ${link?.operstate ?? 'not there'}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    routes: (family, table = 'main') => ip<readonly IpRoute[]>(`-${family}`, 'route', 'show', 'table', table),
    [Symbol.asyncDispose]: async () => {
      if (!remove) return;
      await execa('ip', ['netns', 'del', name], { reject: false });
    },
  };
}

/** Names of all named namespaces, sorted. */
export async function netnsNames(): Promise<readonly string[]> {
  const { stdout } = await execa('ip', ['netns', 'list']);
  return stdout
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter((name) => name !== '')
    .sort();
}
