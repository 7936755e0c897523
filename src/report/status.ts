/**
 * The report of `status`: a table of links, the bridges with a tcpdump command for each, and the JSON document with `ip
 * -json`'s key names.
 */

import { counted } from '../counted.ts';
import { isLinuxBridge } from '../kinds/bridge-modes.ts';
import { type NsId, netnsNameOf, pidOf } from '../net/ns-id.ts';
import { Items } from '../pieces.ts';
import type { BridgeStatus, LinkStatus, NodeStatus, StatusReport, TunnelStatus } from '../plan/status/status.ts';
import { printNetem } from '../topology/text/netem-print.ts';
import { bareCommandLine } from '../verb-names.ts';
import type { LinkDump } from '../wire/seen.ts';
import { printable } from './escape.ts';
import type { Sink } from './output.ts';
import { overrideJson, overrideTable } from './override/override.ts';
import { pendingJson, pendingText } from './pending.ts';
import { commandJson, commandTable } from './running/commands.ts';
import { programTable } from './running/programs.ts';
import { type Column, tablePieces } from './table.ts';

const NODE_COLUMNS: readonly Column[] = [
  { title: 'NODE' },
  { title: 'STATE' },
  { title: 'NAMESPACE' },
  { title: 'DRIFT', shrink: true },
];

const LINK_COLUMNS: readonly Column[] = [
  { title: 'LINK' },
  { title: 'BRIDGE', shrink: true },
  { title: 'WANTED' },
  { title: 'STATE' },
  { title: 'MTU', align: 'right' },
  { title: 'ADDRESSES', shrink: true },
  { title: 'RX', align: 'right' },
  { title: 'TX', align: 'right' },
  { title: 'DRIFT', shrink: true },
];

const BRIDGE_COLUMNS: readonly Column[] = [
  { title: 'BRIDGE' },
  { title: 'STATE' },
  { title: 'PORTS', align: 'right' },
  { title: 'NAMESPACE' },
  { title: 'CAPTURE' },
];

const TUNNEL_COLUMNS: readonly Column[] = [
  { title: 'TUNNEL' },
  { title: 'STATE' },
  { title: 'BRIDGE' },
  { title: 'REMOTE' },
  { title: 'NAMESPACE' },
  { title: 'DRIFT', shrink: true },
];

/** The whole status as text. */
export function* statusPieces(report: StatusReport, sink: Sink): Generator<string> {
  yield `${headline(report, sink.paint)}\n`;
  const nodes = report.nodes.filter(({ state }) => state !== 'ok');
  yield* titled(NODE_COLUMNS, nodes, nodeRow, sink);
  yield* titled(LINK_COLUMNS, report.links, linkRow, sink);
  const shown = report.links.find(({ observed }) => observed !== null);
  if (shown !== undefined) {
    const command = captureCommand(report.lab, shown.link);
    yield `${sink.paint('dim', printable(`packets: ${command} | wireshark -k -i -`))}\n`;
  }
  const overrides = report.links.flatMap(({ link, overrides: own }) => own.map((one) => ({ link, ...one })));
  if (overrides.length > 0) yield `\n${overrideTable(overrides, sink)}`;
  yield* titled(BRIDGE_COLUMNS, report.bridges, bridgeRow, sink);
  yield* titled(TUNNEL_COLUMNS, report.tunnels, tunnelRow, sink);
  if (report.programs.length > 0) yield `\n${programTable(report.programs, sink)}`;
  if (report.commands.length > 0) yield `\n${commandTable(report.commands, sink)}`;
  // The table above already shows the links that wait.
  const missing = report.pending.filter(({ subject }) => subject.kind === 'node');
  if (missing.length > 0) yield `\n${pendingText(missing, sink.paint)}`;
}

/** A table below an empty line; nothing where it would have no row. */
function* titled<T>(
  columns: readonly Column[],
  items: readonly T[],
  rowOf: (item: T) => readonly string[],
  sink: Sink,
): Generator<string> {
  if (items.length === 0) return;
  yield '\n';
  yield* tablePieces(columns, items, rowOf, sink);
}

/** Whether every configured link and node is in order, and there is no other. Without a configuration no link is configured. */
export function isSettled(report: StatusReport): boolean {
  if (!report.configured) return true;
  const states = [
    ...report.nodes.map(({ state }) => state),
    ...report.links.map((link) => stateOf(link, true)),
    ...report.tunnels.map((tunnel) => stateOfTunnel(tunnel, true)),
  ];
  const programs = report.programs.every(({ drift }) => drift.length === 0);
  return states.every((state) => state === 'ok') && programs && report.pending.length === 0;
}

export type LinkState = 'ok' | 'missing' | 'differs' | 'extra' | 'waits';

/** The state of a link. Without a configuration (`configured` false) no link is superfluous. */
export function stateOf(link: LinkStatus, configured: boolean): LinkState {
  if (link.waits) return 'waits';
  if (link.observed === null) return 'missing';
  if (link.desired === null && configured) return 'extra';
  return link.drift.length > 0 ? 'differs' : 'ok';
}

function stateOfTunnel({ observed, desired, drift }: TunnelStatus, configured: boolean): LinkState {
  if (observed === null) return 'missing';
  if (!desired && configured) return 'extra';
  return drift.length > 0 ? 'differs' : 'ok';
}

function nodeRow({ node, state, ns, drift }: NodeStatus): string[] {
  const words = state === 'ok' ? 'as wanted' : STATE_WORDS[state];
  return [node ?? '-', words, ns, drift.join('; ')].map(printable);
}

export function headline(report: StatusReport, paint: Sink['paint']): string {
  const name = `lab ${paint('bold', printable(report.lab))}`;
  if (!report.configured)
    return `${name}: ${counted(report.links.length, 'link')}, by their marks (no configuration to compare with)`;
  const count = (state: LinkState): number => report.links.filter((link) => stateOf(link, true) === state).length;
  const counts = [
    counted(report.links.length, 'link'),
    paint('green', `${count('ok')} as wanted`),
    ...(['missing', 'differs', 'waits', 'extra'] as const).flatMap((state) =>
      count(state) === 0 ? [] : [paint('yellow', `${count(state)} ${STATE_WORDS[state]}`)],
    ),
  ];
  const byHand = report.links.filter(({ overrides }) => overrides.length > 0).length;
  if (byHand > 0) counts.push(paint('yellow', `${byHand} set by hand`));
  const others = report.nodes.filter(({ state }) => state !== 'ok').length;
  if (others > 0) counts.push(paint('yellow', `${counted(others, 'node')} not as wanted`));
  const programs = report.programs.filter(({ drift }) => drift.length > 0).length;
  if (programs > 0) counts.push(paint('yellow', `${counted(programs, 'program')} not as wanted`));
  return `${name}: ${counts.join(', ')}`;
}

const STATE_WORDS = {
  missing: 'missing',
  differs: 'different',
  waits: 'waiting',
  extra: 'not in the configuration',
} as const;

function linkRow(link: LinkStatus): string[] {
  const { observed } = link;
  return [
    link.link,
    link.bridge ?? '-',
    link.isHeldBack ? 'late' : (link.desired ?? '-'),
    observed === null ? (link.waits ? 'waits' : 'missing') : observed.operstate,
    observed === null ? '-' : String(observed.mtuBytes),
    link.addresses.join(' ') || '-',
    observed?.counters ? bytesText(observed.counters.rxBytes) : '-',
    observed?.counters ? bytesText(observed.counters.txBytes) : '-',
    link.drift.join('; '),
  ].map(printable);
}

function bridgeRow(bridge: BridgeStatus): string[] {
  const state = bridge.observed === null ? 'missing' : bridge.observed.operstate;
  const capture = bridge.observed === null ? '-' : captureLine(bridge.ns, captureDevice(bridge.observed));
  return [bridge.name, state, String(bridge.ports), bridge.ns, capture].map(printable);
}

/**
 * The device on which a bridge's packets can be captured. It is not the bridge's own device for Open vSwitch, which passes
 * packets from port to port past that.
 */
function captureDevice(bridge: LinkDump): string {
  return isLinuxBridge(bridge) ? bridge.ifname : 'any';
}

function tunnelRow({ name, observed, bridge, remote, ns, drift }: TunnelStatus): string[] {
  return [name, observed?.operstate ?? 'missing', bridge ?? '-', remote, ns, drift.join('; ')].map(printable);
}

/** The command that captures the packets of a device in a named namespace, in that of a process, or in our own. */
export function captureLine(ns: NsId, dev: string): string {
  const tcpdump = `tcpdump -ni ${dev}`;
  const name = netnsNameOf(ns);
  if (name !== null) return `ip netns exec ${name} ${tcpdump}`;
  const pid = pidOf(ns);
  return pid === null ? tcpdump : `nsenter -t ${pid} -n ${tcpdump}`;
}

/** The command that captures the packets of a link. */
function captureCommand(lab: string, link: string): string {
  return bareCommandLine('capture', `--lab ${lab} ${link}`);
}

const UNITS = ['B', 'K', 'M', 'G', 'T'] as const;

/** `0B`, `1.5K`, `230M`: powers of 1024. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit > 0 && value < 10 ? value.toFixed(1) : String(Math.round(value));
  return `${digits}${UNITS[unit]}`;
}

/** One link in the document of `status --json`. */
export function linkJson({ lab, configured }: StatusReport, link: LinkStatus): object {
  return {
    link: link.link,
    namespace: link.ns,
    bridge: link.bridge,
    desired: link.desired,
    heldBack: link.isHeldBack === true,
    state: stateOf(link, configured),
    drift: link.drift,
    overrides: link.overrides.map(overrideJson),
    port: link.port === null ? null : { namespace: link.port.ns, ifname: link.port.dev },
    capture: link.observed === null ? null : captureCommand(lab, link.link),
    device: link.observed === null ? null : deviceJson(link.observed, link.addresses),
  };
}

/** The document of `status --json`: devices with the key names of `ip -json -details -statistics`. */
export function statusJson(report: StatusReport): object {
  return {
    schemaVersion: 1,
    lab: report.lab,
    configured: report.configured,
    settled: isSettled(report),
    nodes: report.nodes.map(({ node, ns, state, drift }) => ({ node, namespace: ns, state, drift })),
    links: new Items(report.links, (link) => linkJson(report, link)),
    bridges: new Items(report.bridges, (bridge) => ({
      bridge: bridge.name,
      namespace: bridge.ns,
      desired: bridge.desired,
      ports: bridge.ports,
      device: bridge.observed === null ? null : deviceJson(bridge.observed, []),
      capture: bridge.observed === null ? null : captureLine(bridge.ns, captureDevice(bridge.observed)),
    })),
    tunnels: report.tunnels.map((tunnel) => ({
      tunnel: tunnel.name,
      type: tunnel.type,
      vni: tunnel.vni,
      remote: tunnel.remote,
      bridge: tunnel.bridge,
      namespace: tunnel.ns,
      desired: tunnel.desired,
      state: stateOfTunnel(tunnel, report.configured),
      drift: tunnel.drift,
      device: tunnel.observed === null ? null : deviceJson(tunnel.observed, []),
      capture: tunnel.observed === null ? null : captureLine(tunnel.ns, tunnel.observed.ifname),
    })),
    pending: report.pending.map(pendingJson),
    programs: report.programs,
    commands: report.commands.map(commandJson),
  };
}

function deviceJson(device: LinkDump, addresses: readonly string[]): object {
  const { counters } = device;
  const side = (rx: boolean): object | undefined =>
    counters === null
      ? undefined
      : {
          bytes: rx ? counters.rxBytes : counters.txBytes,
          packets: rx ? counters.rxPackets : counters.txPackets,
          errors: rx ? counters.rxErrors : counters.txErrors,
          dropped: rx ? counters.rxDropped : counters.txDropped,
        };
  return {
    ifindex: device.ifindex,
    ifname: device.ifname,
    flags: device.up ? ['UP'] : [],
    mtu: device.mtuBytes,
    operstate: device.operstate,
    qdisc: device.qdisc,
    netem: device.netem === null ? undefined : printNetem(device.netem.netem),
    address: device.mac,
    ifalias: device.alias === '' ? undefined : device.alias,
    linkinfo: { info_kind: device.kind },
    addr_info: addresses.map(addressJson),
    stats64: counters === null ? undefined : { rx: side(true), tx: side(false) },
  };
}

function addressJson(prefix: string): object {
  const [local, length] = prefix.split('/');
  return { family: prefix.includes(':') ? 'inet6' : 'inet', local, prefixlen: Number(length) };
}
