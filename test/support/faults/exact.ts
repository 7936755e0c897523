/** Compares the kernel with a lab, device by device, by `ip -json` and without linkloom's own code. */
import { execa } from 'execa';
import type { IpLink } from '../netns.ts';
import { netnsNames } from '../netns.ts';
import type { Lab } from './labs.ts';

/** Asks until nothing is left, or until the time is over. Returns what is left then. */
export async function eventually<T>(ask: () => Promise<readonly T[]>, patienceMs: number): Promise<readonly T[]> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const left = await ask();
    if (left.length === 0 || Date.now() > deadline) return left;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function devicesOf(netns: string): Promise<readonly IpLink[]> {
  const { stdout } = await execa('ip', ['-n', netns, '-details', '-json', 'address'], { reject: false });
  return stdout === '' ? [] : (JSON.parse(stdout) as readonly IpLink[]).filter(({ ifname }) => ifname !== 'lo');
}

/**
 * One line for each device of a namespace, with everything that stays the same while nobody changes the device. Its carrier is not
 * part of it.
 */
export async function identities(netns: string): Promise<readonly string[]> {
  return (await devicesOf(netns)).map(({ ifindex, ifname, mtu, address, group, ifalias, master }) =>
    [ifindex, ifname, mtu, address, group, ifalias, master].join(' '),
  );
}

/** What differs: one line for each thing that is missing, wrong or too much. */
export async function differences(lab: Lab): Promise<readonly string[]> {
  const found: string[] = [];
  const existing = await netnsNames();
  const shards = existing.filter((name) => name === `linkloom-${lab.lab}` || name.startsWith(`linkloom-${lab.lab}.`));
  const ports = new Map<string, { readonly port: IpLink; readonly shard: string }>();
  const bridges = new Set<string>();
  for (const shard of shards) {
    for (const device of await devicesOf(shard)) {
      const isBridge = device.linkinfo?.info_kind === 'bridge';
      if (isBridge) bridges.add(device.ifname);
      if (isBridge && !device.flags.includes('UP')) found.push(`bridge ${device.ifname} is down`);
      if (!isBridge) ports.set(device.ifalias ?? device.ifname, { port: device, shard });
    }
  }
  for (const netns of new Set(lab.links.map((link) => link.netns)))
    found.push(...(await nodeFaults(lab, netns, ports)));
  const wanted = new Set(lab.links.map(({ bridge }) => bridge));
  for (const bridge of bridges) if (!wanted.has(bridge)) found.push(`bridge ${bridge} is too much`);
  for (const bridge of wanted) if (!bridges.has(bridge)) found.push(`bridge ${bridge} is missing`);
  for (const alias of ports.keys()) found.push(`port ${alias} is too much`);
  return found;
}

/** What is wrong in one node. Ports that are right are removed from `ports`. */
async function nodeFaults(
  { lab, links }: Lab,
  netns: string,
  ports: Map<string, { readonly port: IpLink; readonly shard: string }>,
): Promise<readonly string[]> {
  const found: string[] = [];
  const there = new Map((await devicesOf(netns)).map((device) => [device.ifname, device]));
  for (const link of links.filter((one) => one.netns === netns)) {
    const id = `${netns}:${link.dev}`;
    const device = there.get(link.dev);
    there.delete(link.dev);
    const alias = `linkloom/1 ${lab} ${netns} ${link.dev}`;
    const port = ports.get(alias)?.port;
    if (!device || !port) {
      found.push(`${id} lacks its ${device ? 'port' : 'device'}`);
      continue;
    }
    ports.delete(alias);
    const addresses = (device.addr_info ?? []).filter(({ scope }) => scope !== 'link');
    const seen = [device.address, device.mtu, device.flags.includes('UP'), port.flags.includes('UP'), port.master];
    const want = [link.mac, link.mtu, true, true, link.bridge];
    seen.push(...addresses.map(({ local, prefixlen }) => `${local}/${prefixlen}`));
    want.push(link.ip);
    if (seen.join(' ') !== want.join(' ')) found.push(`${id} is ${seen.join(' ')}, not ${want.join(' ')}`);
    if (device.link_index !== port.ifindex) found.push(`${id} and its port are no pair`);
  }
  for (const dev of there.keys()) found.push(`${netns}:${dev} is too much`);
  return found;
}
