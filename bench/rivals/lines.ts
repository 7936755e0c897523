/**
 * Writes the lab as arguments of `ip`: one list per step, in an order that works. Both rivals that use `ip` share it. The protocol
 * of addresses is left out, since not every iproute2 can set it.
 */
import { aliasOf } from '../../src/net/mark.ts';
import type { Work, WorkLink } from '../work.ts';

const MTU_BYTES = 65_535;

/** The alias of the `lo` of a namespace that was made for the lab. */
export function netnsMark(work: Work, name: string): string {
  return aliasOf(work.lab, name, 'lo');
}

/** The steps inside a node's namespace. */
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

/** The steps in the switch namespace before there are links. */
export function bridgeLines(work: Work): readonly string[][] {
  return [
    ['link', 'set', 'dev', 'lo', 'alias', netnsMark(work, work.switchName)],
    ...work.bridges.flatMap((bridge) => [
      ['link', 'add', 'name', bridge, 'group', String(work.groups.bridge), 'type', 'bridge', 'mcast_snooping', '0'],
      ['link', 'set', 'dev', bridge, 'alias', aliasOf(work.lab, '', bridge)],
    ]),
  ];
}

/** The steps in the switch namespace for the ports, and at the end for the bridges. */
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

/** The steps as text for `ip -batch -`. */
export function batchOf(lines: readonly string[][]): string {
  return lines.map((line) => `${line.map((word) => (/[\s"]/.test(word) ? `"${word}"` : word)).join(' ')}\n`).join('');
}
