/** What the kernel model says of packets' fate: impairments as the real messages carry them, redirections among a namespace's devices. */

import type { Netem } from '../../../src/topology/topology.ts';
import type { LinkDump } from '../../../src/wire/seen.ts';
import { NLMSG_HDRLEN } from '../../../workers/netlink/constants.ts';
import { MessageBatch } from '../../../workers/netlink/message.ts';
import { readQdisc, setNetem } from '../../../workers/rtnl/qdisc.ts';

/** A device's root once it was impaired: what comes out of the message that goes in, and a seed as new kernels tell one. */
export function impairment(netem: Netem | null): Pick<LinkDump, 'qdisc' | 'netem'> {
  if (netem === null) return { qdisc: 'noqueue', netem: null };
  const batch = new MessageBatch();
  setNetem(batch, 0, netem);
  const bytes = batch.slice(0, 1);
  const read = readQdisc(bytes, NLMSG_HDRLEN, bytes.length);
  if (!read?.netem) throw new Error('the message is no netem');
  return { qdisc: 'netem', netem: { handle: read.handle, netem: { ...read.netem, seed: read.netem.seed ?? '4711' } } };
}

/** Devices of one namespace after two of them were tied together. */
export function tied(links: readonly LinkDump[], devA: string, devB: string): LinkDump[] {
  const indexOf = (dev: string): number => {
    const link = links.find(({ ifname }) => ifname === dev);
    if (!link) throw new Error(`ENODEV ${dev}`);
    return link.ifindex;
  };
  const [a, b] = [indexOf(devA), indexOf(devB)];
  return links.map((link) => {
    if (link.ifindex === a) return { ...link, redirect: b };
    return link.ifindex === b ? { ...link, redirect: a } : link;
  });
}

/** Devices of one namespace after another one of it has gone. */
export function afterLossOf(links: readonly LinkDump[], ifindex: number): LinkDump[] {
  return links
    .filter((link) => link.ifindex !== ifindex)
    .map((link) => (link.redirect === ifindex ? { ...link, redirect: 0 } : link));
}
