/** The lab as arguments of `ip`: a list per step, in the order that works; both rivals with `ip` share it. It leaves out what not every iproute2 can do: the protocol of addresses. */
import { aliasOf } from '../../src/net/mark.ts';
import type { Work, WorkLink } from '../work.ts';

const MTU_BYTES = 65_535;

/** Alias on the `lo` of a namespace that was made for the lab. */
export function netnsMark(work: Work, name: string): string {
  return aliasOf(work.lab, name, 'lo');
}

/** What is done inside a node's namespace. */
export function nodeLines(work: Work, name: string, links: readonly WorkLink[]): readonly string[][] {
  return [
    ['link', 'set', 'dev', 'lo', 'up', 'alias', netnsMark(work, name)],
    ...links.flatMap((link) => linkLines(work, link)),
  ];
}

function linkLines(work: Work, link: WorkLink): readonly string[][] {
  const queues = ['numtxqueues', '1', 'numrxqueues', '1'];
  const mtu = ['mtu', String(MTU_BYTES)];
  const peer = ['peer', 'name', link.port, ...mtu, ...queues, 'netns', work.switchName];
  return [
    ['link', 'add', 'name', link.dev, 'address', link.mac, ...mtu, ...queues, 'type', 'veth', ...peer],
    ['link', 'set', 'dev', link.dev, 'up', 'group', String(work.groups.node)],
    ['address', 'add', `${link.address}/${link.prefix}`, 'dev', link.dev],
  ];
}

/** What is done in the switch namespace before there are links. */
export function bridgeLines(work: Work): readonly string[][] {
  return [
    ['link', 'set', 'dev', 'lo', 'alias', netnsMark(work, work.switchName)],
    ...work.bridges.flatMap((bridge) => [
      ['link', 'add', 'name', bridge, 'group', String(work.groups.bridge), 'type', 'bridge', 'mcast_snooping', '0'],
      ['link', 'set', 'dev', bridge, 'alias', aliasOf(work.lab, '', bridge)],
    ]),
  ];
}

/** What is done there with the ports, and last with the bridges. */
export function portLines(work: Work): readonly string[][] {
  const links = work.nodes.flatMap((node) => node.links);
  return [
    ...links.map((link) => [
      ...['link', 'set', 'dev', link.port, 'alias', link.alias, 'group', String(work.groups.port)],
      ...['master', link.bridge, 'up'],
    ]),
    ...work.bridges.map((bridge) => ['link', 'set', 'dev', bridge, 'up']),
  ];
}

/** Text for `ip -batch -`. */
export function batchOf(lines: readonly string[][]): string {
  return lines.map((line) => `${line.map((word) => (/[\s"]/.test(word) ? `"${word}"` : word)).join(' ')}\n`).join('');
}
