/** Turns what the files say of a whole lab into nodes and wires: applies defaults and groups, resolves ends, gives addresses. */
import type { DiagnosticCode } from '../../diagnostics/table.ts';
import { WIRE_MODE } from '../../kinds/bridge-modes.ts';
import { HOST_NAME } from '../../net/ifname.ts';
import { type Entry, spanOf } from '../config.ts';
import { type Diagnostics, didYouMean } from '../diagnose.ts';
import { isMap } from '../extract.ts';
import { DEFAULT_DEV } from '../merge.ts';
import { linkLabel } from '../rules.ts';
import type { CommandConfig, ImpairConfig, LinkConfig } from '../schema.ts';
import { quote } from '../text/excerpt.ts';
import { giveAddresses, type Owned } from './addressing.ts';
import { checkNodes, hasEngineDevice } from './checks.ts';
import { endLabel, endText, readEnd, type WireEnd } from './ends.ts';
import type { LabEntries } from './entries.ts';
import { checkHosts } from './hosts.ts';
import type { HostConfig } from './hosts-schema.ts';
import { Layers, linkOn } from './layers.ts';
import type { NodeConfig } from './schema.ts';
import type { Wire } from './wire.ts';
import type { WireConfig } from './wire-schema.ts';

export interface Lab {
  readonly nodes: ReadonlyMap<string, Entry<NodeConfig>>;
  readonly wires: readonly Entry<Wire>[];
  readonly links: readonly Entry<LinkConfig>[];
  readonly hosts: ReadonlyMap<string, Entry<HostConfig>>;
  readonly besides: ReadonlyMap<string, string>;
}

/** What else the files say. */
interface Others {
  readonly links: readonly Entry<LinkConfig>[];
  readonly commands: readonly Entry<CommandConfig>[];
  readonly bridges: readonly Entry<{ readonly bridge: string }>[];
  readonly tunnels: readonly Entry<{ readonly bridge: string }>[];
  /** Services of the compose files. */
  readonly services: ReadonlySet<string>;
}

/** Resolves `nodes:`, `wires:`, `defaults:`, `groups:` and `addressing:`, and checks `hosts:`. */
export function resolveLab(entries: LabEntries, others: Others, diagnostics: Diagnostics): Lab {
  const layers = new Layers(entries);
  const nodes = new Map([...entries.nodes].map(([name, entry]) => [name, layers.node(name, entry)] as const));
  const { faultyNodes } = entries;
  checkNodes(
    { nodes, written: entries.nodes, faultyNodes, groups: entries.groups, services: others.services },
    diagnostics,
  );
  checkSelectors(nodes, faultyNodes, others, diagnostics);
  const links = layers.none
    ? others.links
    : others.links.map((entry) =>
        nameOf(entry.value) === undefined ? entry : layers.link(nameOf(entry.value) ?? '', entry),
      );
  const ended = new Ends({ nodes, faultyNodes }, others, diagnostics).all(entries.wires);
  checkBridges(entries.wires.length, others, diagnostics);
  const plan = entries.addressing.get('');
  const askingWires = ended.filter(({ entry }) => entry.value.ip === undefined && !entry.faulty.includes('ip'));
  const askingNodes = [...nodes].filter(([, { value, faulty }]) => value.ip === undefined && !faulty.includes('ip'));
  const given =
    plan === undefined
      ? { wires: [], nodes: [] }
      : giveAddresses(
          plan,
          { wires: askingWires.map(({ label }) => label), nodes: askingNodes.map(([name]) => `node ${name}`) },
          writtenAddresses(nodes, links, ended),
          diagnostics,
        );
  const ofWires = new Map(askingWires.map((wire, at) => [wire, given.wires[at]]));
  const ofNodes = new Map(askingNodes.map(([name], at) => [name, given.nodes[at]]));
  const lab: Lab = {
    nodes: new Map([...nodes].map(([name, entry]) => [name, withIp(entry, ofNodes.get(name) ?? [])])),
    wires: ended.map((wire) => wireOf(wire, ofWires.get(wire), layers)),
    links,
    hosts: entries.hosts,
    besides: entries.besides,
  };
  checkHosts({ ...lab, commands: others.commands }, diagnostics);
  return lab;
}

function withIp<T extends object>(entry: Entry<T>, addresses: readonly string[]): Entry<T> {
  return addresses.length === 0 ? entry : { ...entry, value: { ...entry.value, ip: [...addresses] } };
}

interface Ended {
  readonly label: string;
  readonly at: number;
  readonly entry: Entry<WireConfig>;
  readonly ends: readonly [WireEnd, WireEnd];
}

interface KnownNodes {
  readonly nodes: ReadonlyMap<string, Entry<NodeConfig>>;
  /** Nodes that are reported already: that a wire, a link or a command names one is no further fault. */
  readonly faultyNodes: ReadonlySet<string>;
}

/** Reads the ends of wires, and reports a device that is an end twice. */
class Ends {
  readonly #known: { readonly nodes: ReadonlySet<string>; readonly services: ReadonlySet<string> };
  readonly #nodes: ReadonlyMap<string, Entry<NodeConfig>>;
  readonly #faultyNodes: ReadonlySet<string>;
  readonly #taken = new Map<string, string>();
  readonly #diagnostics: Diagnostics;

  constructor({ nodes, faultyNodes }: KnownNodes, others: Others, diagnostics: Diagnostics) {
    const said = [...others.links, ...others.commands].flatMap(({ value }) => value.service ?? []);
    this.#known = { nodes: new Set(nodes.keys()), services: new Set([...others.services, ...said]) };
    this.#nodes = nodes;
    this.#faultyNodes = faultyNodes;
    this.#diagnostics = diagnostics;
    for (const { value } of others.links) {
      const end = endOf(value);
      if (end !== null) this.#taken.set(keyOf(end), 'described under links: too');
    }
  }

  all(wires: readonly Entry<WireConfig>[]): readonly Ended[] {
    return wires.flatMap((entry, at) => {
      const label = `wires[${entry.origins[0]?.path.at(-1) ?? at}]`;
      const ends = (entry.value.ends as readonly string[]).map((text, nth) => this.#end(text, nth, entry, label));
      const [a, b] = ends;
      return a == null || b == null ? [] : [{ label, at, entry, ends: [a, b] as const }];
    });
  }

  #end(text: string, nth: number, entry: Entry<WireConfig>, label: string): WireEnd | null {
    const fault = (code: DiagnosticCode, message: string, hint?: string): null => {
      this.#diagnostics.add(code, `${label}: ${message}`, { where: () => placeOfEnd(entry, nth), hint });
      return null;
    };
    const end = readEnd(text, this.#known);
    if ('message' in end && end.node !== undefined && this.#faultyNodes.has(end.node)) return null;
    if ('message' in end) return fault(end.code, end.message, end.hint);
    const node = end.kind === 'node' ? this.#nodes.get(end.name) : undefined;
    if (node !== undefined && end.dev === DEFAULT_DEV && hasEngineDevice(node.value)) {
      return fault(
        'engine-device',
        `${endLabel(end)} is the engine's, as ${end.name} has ports or a network`,
        'give the wire another device, as eth1',
      );
    }
    const other = this.#taken.get(keyOf(end));
    if (other !== undefined)
      return fault('wire-end-twice', `${endLabel(end)} is ${other}`, 'a device has one wire: give it another name');
    this.#taken.set(keyOf(end), `an end of ${label} already`);
    return end;
  }
}

function placeOfEnd(entry: Entry<unknown>, nth: number) {
  const origin = entry.origins.at(-1);
  return origin?.source.locate([...origin.path, 'ends', nth]);
}

/** The identity of a device. For links, a service and a container of one name are the same node. */
function keyOf({ kind, name, dev }: WireEnd): string {
  return `${kind === 'container' ? 'service' : kind}/${name}:${dev}`;
}

/** The node and device of a link, as an end. */
function endOf(link: LinkConfig): WireEnd | null {
  const dev = link.dev ?? DEFAULT_DEV;
  for (const kind of ['node', 'service', 'container', 'netns'] as const) {
    const name = link[kind];
    if (name !== undefined) return { kind, name, dev };
  }
  return link.host ? { kind: 'host', name: HOST_NAME, dev } : null;
}

function nameOf(link: LinkConfig): string | undefined {
  return endOf(link)?.name;
}

/** Checks `node:` of links and commands: the node must exist, and the device must not be the engine's eth0. */
function checkSelectors(
  nodes: ReadonlyMap<string, Entry<NodeConfig>>,
  faultyNodes: ReadonlySet<string>,
  others: Others,
  diagnostics: Diagnostics,
): void {
  const check = (entry: Entry<LinkConfig> | Entry<CommandConfig>, label: string): NodeConfig | null => {
    const name = entry.value.node;
    if (name === undefined || faultyNodes.has(name)) return null;
    const node = nodes.get(name);
    if (node !== undefined) return node.value;
    const hint = didYouMean(name, nodes.keys()) ?? 'add it to nodes:';
    diagnostics.add('node-unknown', `${label}: no node is called ${quote(name)}`, {
      where: () => spanOf(entry, 'node'),
      hint,
    });
    return null;
  };
  for (const entry of others.links) {
    const label = linkLabel(entry.value);
    const node = check(entry, label);
    if (node === null || (entry.value.dev ?? DEFAULT_DEV) !== DEFAULT_DEV || !hasEngineDevice(node)) continue;
    diagnostics.add('engine-device', `${label} is the engine's, as ${entry.value.node} has ports or a network`, {
      where: () => spanOf(entry, 'dev'),
      hint: 'give the link another device, as dev: eth1',
    });
  }
  for (const [at, entry] of others.commands.entries()) check(entry, `commands[${entry.origins[0]?.path.at(-1) ?? at}]`);
}

/** Reports bridges that have the name `wire-N` of a wire's broadcast domain, which nothing else may join. */
function checkBridges(wires: number, others: Others, diagnostics: Diagnostics): void {
  if (wires === 0) return;
  for (const entry of [...others.bridges, ...others.links, ...others.tunnels] as readonly Entry<{
    bridge?: string;
  }>[]) {
    const { bridge } = entry.value;
    const number = bridge === undefined ? null : /^wire-([0-9]+)$/.exec(bridge)?.[1];
    if (number == null || Number(number) >= wires) continue;
    diagnostics.add('wire-bridge', `bridge ${bridge} is the one of wires[${Number(number)}]`, {
      where: () => spanOf(entry, 'bridge'),
      hint: 'choose another name for the bridge',
    });
  }
}

/** All addresses that the files give to links, wires and loopbacks. */
function writtenAddresses(
  nodes: ReadonlyMap<string, Entry<NodeConfig>>,
  links: readonly Entry<LinkConfig>[],
  wires: readonly Ended[],
): readonly Owned[] {
  const owned = (ip: string | readonly string[] | undefined, label: string): readonly Owned[] =>
    listOf(ip).map((prefix) => ({ prefix, label }));
  return [
    ...links.flatMap(({ value }) => owned(value.ip, linkLabel(value))),
    ...wires.flatMap(({ entry, ends }) => ends.flatMap((end, nth) => owned(entry.value.ip?.[nth], endLabel(end)))),
    ...[...nodes].flatMap(([name, { value }]) => owned(value.ip, `node ${name}`)),
  ];
}

function listOf(ip: string | readonly string[] | undefined): readonly string[] {
  return ip === undefined ? [] : typeof ip === 'string' ? [ip] : ip;
}

type Addresses = readonly [a: readonly string[], b: readonly string[]];

function wireOf({ at, entry, ends }: Ended, given: Addresses | undefined, layers: Layers): Entry<Wire> {
  const { value } = entry;
  const isGiven = given?.some((addresses) => addresses.length > 0) === true;
  const ip = isGiven ? (given.map(one) as WireConfig['ip']) : value.ip;
  const bridge = `wire-${at}`;
  const link = (nth: 0 | 1): LinkConfig => {
    const end = ends[nth];
    const own = present({
      bridge,
      dev: end.dev,
      mtu: value.mtu,
      state: value.state,
      'on-host-loss': value['on-host-loss'],
      impair: impairOf(value.impair, nth),
      ip: ip?.[nth],
    });
    return linkOn(layers.linksOf(end.name).value, { ...selectorOf(end), ...own });
  };
  const wire: Wire = {
    written: { ...value, ends: [endText(ends[0]), endText(ends[1])], ...(ip === undefined ? {} : { ip }) },
    ends,
    links: [link(0), link(1)],
    bridge,
    mode: value.mode ?? layers.wireMode(ends.map(({ name }) => name)) ?? WIRE_MODE,
  };
  return { ...entry, value: wire };
}

function one(addresses: readonly string[]): string | readonly string[] {
  return addresses.length === 1 ? (addresses[0] ?? []) : addresses;
}

function selectorOf({ kind, name }: WireEnd): LinkConfig {
  return kind === 'host' ? { host: true } : { [kind]: name };
}

function impairOf(impair: WireConfig['impair'], nth: 0 | 1): ImpairConfig | undefined {
  if (!isMap(impair) || !('a' in impair || 'b' in impair)) return impair as ImpairConfig | undefined;
  return (impair as { readonly a?: ImpairConfig; readonly b?: ImpairConfig })[nth === 0 ? 'a' : 'b'];
}

function present(link: Readonly<Record<string, unknown>>): LinkConfig {
  return Object.fromEntries(Object.entries(link).filter(([, value]) => value !== undefined));
}
