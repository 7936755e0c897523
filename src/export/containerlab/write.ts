/** Writes a lab as a topology file of containerlab (containerlab.dev/manual/topo-def-file). */
import { type Entry, spanOf } from '../../config/config.ts';
import { BRIDGE_LABEL, NODE_LABEL } from '../../config/import/containerlab/marks.ts';
import type { Notes } from '../../config/import/notes.ts';
import type { CommandConfig } from '../../config/schema.ts';
import { printDocument } from '../../config/text/document.ts';
import { sha256Hex } from '../../net/digest.ts';
import { checkIfname } from '../../net/ifname.ts';
import { commandLineOf, commandLineOfCommand } from '../command-line.ts';
import { type End, type EndKind, endName, type Lab, type Lan, listOf } from '../lab.ts';
import { leaveBridges } from '../left.ts';
import { Names } from '../names.ts';
import type { ExportOptions } from '../options.ts';
import { addressWords, routeWords } from '../set-up.ts';
import { Links, stitchOf } from './links.ts';
import { nodeOf } from './nodes.ts';

/** What a name of a node is there (schemas/clab.schema.json), and names that mean ends of links. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const RESERVED = new Set(['host', 'mgmt-net', 'macvlan']);

type Part = Record<string, unknown>;

/** A kind of bridge, and how one is made. */
interface BridgeKind {
  readonly kind: string;
  readonly make: (name: string) => string;
}
const LINUX_BRIDGE: BridgeKind = { kind: 'bridge', make: (name) => `ip link add ${name} up type bridge` };
const BRIDGES: Readonly<Record<string, BridgeKind>> = {
  ovs: { kind: 'ovs-bridge', make: (name) => `ovs-vsctl add-br ${name}` },
};

/** Tells nodes of different kinds with one name apart. */
const keyOf = (kind: EndKind, name: string): string => `${kind}/${name}`;

export function writeContainerlab(lab: Lab, notes: Notes<'export'>, options: ExportOptions): string {
  return new Writer(lab, notes, options).text();
}

class Writer {
  readonly #lab: Lab;
  readonly #notes: Notes<'export'>;
  readonly #options: ExportOptions;
  readonly #names: Names;
  readonly #nodes: Part = {};
  /** Ends of each node: the commands that set them up. */
  readonly #setUp = new Map<string, string[]>();
  readonly #commands = new Map<string, Entry<CommandConfig>[]>();
  readonly #ports = new Set<string>();

  constructor(lab: Lab, notes: Notes<'export'>, options: ExportOptions) {
    this.#lab = lab;
    this.#notes = notes;
    this.#options = options;
    this.#names = new Names(notes, NAME, RESERVED);
  }

  text(): string {
    const { ties, lans, singles } = this.#lab;
    leaveBridges(this.#notes, this.#lab);
    for (const name of this.#lab.nodes.keys()) this.#nameOf(name);
    for (const end of [...ties.flatMap(({ ends }) => ends), ...lans.flatMap(({ ends }) => ends), ...singles]) {
      this.#prepare(end);
    }
    this.#sortCommands();
    for (const [name, entry] of this.#lab.nodes) {
      const commands = (this.#commands.get(keyOf('node', name)) ?? []).map(({ value }) => value.command);
      const setUp = this.#setUp.get(keyOf('node', name)) ?? [];
      const { folder, standIn } = this.#options;
      const nameOf = (node: string) => this.#nameOf(node);
      this.#nodes[nameOf(name)] = nodeOf(name, entry, { notes: this.#notes, folder, standIn, nameOf, setUp, commands });
    }
    this.#addOutsiders([...ties.flatMap(({ ends }) => ends), ...lans.flatMap(({ ends }) => ends), ...singles]);
    for (const lan of lans) this.#addBridge(lan);
    const links = new Links(this.#notes, {
      node: (end) => (end.kind === 'host' ? 'host' : this.#nodeOf(end)),
      port: (end) => this.#portOf(end),
      bridge: (lan) => this.#bridgeOf(lan),
    });
    for (const tie of ties) links.tie(tie);
    for (const lan of lans) links.lan(lan);
    for (const end of singles) links.single(end);
    const topology = { nodes: this.#nodes, ...(links.written.length === 0 ? {} : { links: links.written }) };
    // Every text is evaluated as a template of Go's, too.
    return printDocument({ name: this.#lab.name, topology }, 'yaml').replaceAll('{{', '{{"{{"}}');
  }

  #nameOf(node: string): string {
    return this.#names.of(keyOf('node', node), node, () => {
      const entry = this.#lab.nodes.get(node);
      return entry && spanOf(entry);
    });
  }

  #nodeOf(end: End): string {
    return this.#names.of(keyOf(end.kind, end.node), end.node, () => end.place());
  }

  #bridgeOf({ name, place }: Lan): string {
    return this.#names.of(`bridge/${name}`, name, () => place());
  }

  /** Addresses and routes of an end, as commands of its node. */
  #prepare(end: End): void {
    const { ip, route } = end.link;
    const commands = [
      ...listOf(ip).map((prefix) => addressWords(prefix, end.dev)),
      ...listOf(route).map((text) => routeWords(text, end.dev)),
    ].map(commandLineOf);
    if (commands.length === 0) return;
    if (end.kind === 'node' || end.kind === 'netns') {
      const key = keyOf(end.kind, end.node);
      this.#setUp.set(key, [...(this.#setUp.get(key) ?? []), ...commands]);
      return;
    }
    for (const key of ['ip', 'route'] as const) {
      if (end.link[key] === undefined) continue;
      this.#notes.leftOut(`${key} of ${endName(end)}`, () => end.place(key), 'containerlab runs no commands there');
    }
  }

  #sortCommands(): void {
    for (const entry of this.#lab.commands) {
      const { node, netns, service, container } = entry.value;
      const key = node === undefined ? (netns === undefined ? null : keyOf('netns', netns)) : keyOf('node', node);
      if (key === null) {
        const whose = service ?? container ?? 'the host';
        this.#notes.leftOut(`a command of ${whose}`, () => spanOf(entry), 'containerlab runs no commands there');
      } else this.#commands.set(key, [...(this.#commands.get(key) ?? []), entry]);
    }
  }

  /** Nodes that are no entries of `nodes:`. Services and containers are run by others; a container stands for a namespace. */
  #addOutsiders(ends: readonly End[]): void {
    for (const end of ends) {
      if (end.kind === 'node' || end.kind === 'host') continue;
      const name = this.#nodeOf(end);
      if (this.#nodes[name] !== undefined) continue;
      if (end.kind !== 'netns') {
        this.#nodes[name] = { kind: 'ext-container' };
        if (end.kind === 'container') continue;
        const what = `the service ${end.node} is a container of that name which others start`;
        this.#notes.add('export-stood-in', what, () => end.place());
        continue;
      }
      const image = this.#options.standIn(end.node);
      const what = `${end.node} is a network namespace; a container of ${image} stands for it`;
      this.#notes.add('export-stood-in', what, () => end.place());
      const key = keyOf('netns', end.node);
      const own = (this.#commands.get(key) ?? []).map(({ value }) => commandLineOfCommand(value.command));
      const exec = [...(this.#setUp.get(key) ?? []), ...own];
      const labels = { [NODE_LABEL]: 'netns' };
      this.#nodes[name] = {
        kind: 'linux',
        image,
        'network-mode': 'none',
        labels,
        ...(exec.length > 0 ? { exec } : {}),
      };
    }
  }

  /** containerlab makes no bridges: they must be on the host before. */
  #addBridge(lan: Lan): void {
    const { config, ends, tunnels, place } = lan;
    if (stitchOf(lan) !== null) return;
    if (ends.length === 0 && tunnels.length === 0 && config.external !== true) {
      this.#notes.leftOut(`the bridge ${lan.name}`, () => place(), 'nothing is on it');
      return;
    }
    const mode = config.mode ?? 'auto';
    const name = this.#bridgeOf(lan);
    if (config.external === true) {
      this.#nodes[name] = { kind: 'bridge' };
      return;
    }
    const { kind, make } = BRIDGES[mode] ?? LINUX_BRIDGE;
    this.#nodes[name] = { kind, labels: { [BRIDGE_LABEL]: mode } };
    const hint = `make it on the host first: ${make(name)}`;
    this.#notes.add('export-stood-in', `a bridge of the host stands for the bridge ${lan.name}`, () => place(), hint);
  }

  /** The device in the host's namespace that joins an end to a bridge. */
  #portOf(end: End): string {
    const plain = end.link['outer-dev'] ?? `${end.node}-${end.dev}`;
    const hash = sha256Hex([this.#lab.name, end.kind, end.node, end.dev].join('\0')).slice(0, 12);
    const name = checkIfname(plain) === null && !this.#ports.has(plain) ? plain : `c-${hash}`;
    this.#ports.add(name);
    return name;
  }
}
