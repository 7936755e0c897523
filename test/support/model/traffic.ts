/**
 * Models what the kernel does to packets: impairments as the real messages carry them, and redirections between devices of a
 * namespace.
 */

import type { SetBy } from '../../../src/net/netem-qdisc.ts';
import type { Netem } from '../../../src/topology/values.ts';
import type { PortAttach, TunnelAdd, TunnelFlood } from '../../../src/wire/ops/switch.ts';
import type { LinkDump } from '../../../src/wire/seen.ts';
import { NLMSG_HDRLEN } from '../../../workers/netlink/constants.ts';
import { MessageBatch } from '../../../workers/netlink/message.ts';
import { readQdisc, setNetem, setTbf } from '../../../workers/rtnl/qdisc.ts';

/** A device's root qdisc after it was impaired: what the real message carries, and a seed, which new kernels report. */
export function impairment(netem: Netem | null, by: SetBy): Pick<LinkDump, 'qdisc' | 'netem' | 'tbf'> {
  if (netem === null) return { qdisc: 'noqueue', netem: null, tbf: null };
  const batch = new MessageBatch();
  setNetem(batch, 0, netem, by);
  const bytes = batch.slice(0, 1);
  const read = readQdisc(bytes, NLMSG_HDRLEN, bytes.length);
  if (!read?.netem) throw new Error('the message is no netem');
  return {
    qdisc: 'netem',
    tbf: null,
    netem: { handle: read.handle, netem: { ...read.netem, seed: read.netem.seed ?? '4711' } },
  };
}

/** A device's root qdisc after its rate was limited. */
export function shaping(op: Parameters<typeof setTbf>[2]): Pick<LinkDump, 'qdisc' | 'netem' | 'tbf'> {
  const batch = new MessageBatch();
  setTbf(batch, 0, op);
  const bytes = batch.slice(0, 1);
  const read = readQdisc(bytes, NLMSG_HDRLEN, bytes.length);
  if (!read?.tbf) throw new Error('the message is no tbf');
  return { qdisc: 'tbf', netem: null, tbf: { handle: read.handle, ...read.tbf } };
}

/** The devices of a namespace after two of them were tied together. */
export function tied(links: readonly LinkDump[], devA: string, devB: string): LinkDump[] {
  const indexOf = (dev: string): number => {
    const link = links.find(({ ifname }) => ifname === dev);
    if (!link) throw new Error(`ENODEV ${dev}`);
    return link.ifindex;
  };
  const [a, b] = [indexOf(devA), indexOf(devB)];
  return links.map((link) => {
    if (link.ifindex === a) return { ...link, redirect: b, program: null };
    return link.ifindex === b ? { ...link, redirect: a, program: null } : link;
  });
}

/** The devices of a namespace after one of them was deleted. */
export function afterLossOf(links: readonly LinkDump[], ifindex: number): LinkDump[] {
  return links
    .filter((link) => link.ifindex !== ifindex)
    .map((link) => (link.redirect === ifindex ? { ...link, redirect: 0 } : link));
}

/** What a port has after it was attached. */
export function attached(
  links: readonly LinkDump[],
  { master, alias, raise, mtuBytes }: PortAttach,
): Partial<LinkDump> {
  return {
    master: links.find(({ ifname }) => ifname === master?.dev)?.ifindex ?? 0,
    alias,
    ...(raise ? { up: true } : {}),
    ...(mtuBytes === null ? {} : { mtuBytes }),
  };
}

/** A vxlan with the remote ends that it has after an op. */
export function flooded(links: readonly LinkDump[], { dev, add, del }: TunnelFlood): Pick<LinkDump, 'tunnel'> {
  const { tunnel } = links.find(({ ifname }) => ifname === dev) ?? {};
  if (!tunnel?.flood) throw new Error(`no flood list ${dev}`);
  const gone = new Set(del);
  return { tunnel: { ...tunnel, flood: [...tunnel.flood.filter((end) => !gone.has(end)), ...add] } };
}

/** A tunnel as it is after it was made. */
export function tunnelMade({ vni, remote, dstPort, local, isFlooding }: TunnelAdd): LinkDump['tunnel'] {
  const own = local === null ? {} : { local };
  return isFlooding ? { vni, remote: '', dstPort, ...own, flood: [] } : { vni, remote, dstPort, ...own };
}
