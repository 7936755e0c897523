/**
 * `export/` turns a configuration into files of other tools. It is pure: a Config becomes a text, and notes of all that the text
 * does not have.
 *
 * This file: a Config as a graph. Wires and bridges of two links are ties, other bridges are lans, links on a parent are single.
 */
import { type Config, type Entry, spanOf } from '../config/config.ts';
import { DEFAULT_DEV } from '../config/merge.ts';
import type { NodeConfig } from '../config/nodes/schema.ts';
import type { BridgeConfig, CommandConfig, LinkConfig, TunnelConfig } from '../config/schema.ts';
import type { Span } from '../errors.ts';
import type { BRIDGE_MODES } from '../kinds/bridge-modes.ts';
import { joinsBridge } from '../kinds/links/link-kinds.ts';
import { HOST_NAME } from '../net/ifname.ts';

/** Where a key of an entry is written, or the whole entry. It costs a search, so it is called only for what is noted. */
export type Place = (key?: string) => Span | undefined;

export type EndKind = 'node' | 'service' | 'container' | 'netns' | 'host';

/** One end of a tie, or what is on a lan: a device of a node, and all that is said of it. */
export interface End {
  readonly kind: EndKind;
  readonly node: string;
  readonly dev: string;
  readonly link: LinkConfig;
  readonly place: Place;
}

/** Two ends that are joined, and nothing else with them. */
export interface Tie {
  readonly ends: readonly [End, End];
  readonly mode: (typeof BRIDGE_MODES)[number];
  readonly labels: Readonly<Record<string, string>>;
  /** Null for a wire, which has none of its own. */
  readonly bridge: string | null;
  readonly place: Place;
}

/** A broadcast domain with any number of ends. */
export interface Lan {
  readonly name: string;
  readonly config: BridgeConfig;
  readonly ends: readonly End[];
  readonly tunnels: readonly Entry<TunnelConfig>[];
  readonly place: Place;
}

export interface Lab {
  readonly name: string;
  readonly nodes: ReadonlyMap<string, Entry<NodeConfig>>;
  readonly ties: readonly Tie[];
  readonly lans: readonly Lan[];
  /** Links that are on a parent, or on nothing: vlan and its kin, dummy. */
  readonly singles: readonly End[];
  readonly commands: readonly Entry<CommandConfig>[];
}

/** The graph of a Config, without the links of services whose profiles are off. */
export function labOf(config: Config, name: string): Lab {
  const links = config.links.filter(({ value }) => value.service === undefined || !config.inactive.has(value.service));
  const domains = new Map<string, { ends: End[]; tunnels: Entry<TunnelConfig>[] }>();
  const domain = (bridge: string) => {
    const known = domains.get(bridge) ?? { ends: [], tunnels: [] };
    domains.set(bridge, known);
    return known;
  };
  const bridges = new Map(config.bridges.map((entry) => [entry.value.bridge, entry]));
  for (const bridge of bridges.keys()) domain(bridge);
  const singles: End[] = [];
  for (const entry of links) {
    const { bridge, type } = entry.value;
    if (joinsBridge(type) && bridge !== undefined) domain(bridge).ends.push(endOf(entry));
    else singles.push(endOf(entry));
  }
  for (const entry of config.tunnels) domain(entry.value.bridge).tunnels.push(entry);
  const ties = config.wires.map((wire): Tie => {
    const place: Place = (key) => spanOf(wire, key);
    const ends = wire.value.links.map((link, nth): End => {
      const { kind, name: node, dev } = wire.value.ends[nth === 0 ? 0 : 1];
      return { kind, node, dev, link, place };
    }) as unknown as Tie['ends'];
    return { ends, mode: wire.value.mode, labels: wire.value.written.labels ?? {}, bridge: null, place };
  });
  const lans: Lan[] = [];
  for (const [bridge, { ends, tunnels }] of domains) {
    const entry = bridges.get(bridge);
    const written = entry?.value ?? { bridge };
    const [a, b] = ends;
    const place: Place = (key) => (entry === undefined ? a?.place('bridge') : spanOf(entry, key));
    const isTie = ends.length === 2 && tunnels.length === 0 && written.external !== true;
    if (isTie && a !== undefined && b !== undefined) {
      ties.push({ ends: [a, b], mode: written.mode ?? 'auto', labels: {}, bridge, place });
    } else lans.push({ name: bridge, config: written, ends, tunnels, place });
  }
  return { name, nodes: config.nodes, ties, lans, singles, commands: config.commands };
}

function endOf(entry: Entry<LinkConfig>): End {
  const { value } = entry;
  const place: Place = (key) => spanOf(entry, key);
  const dev = value.dev ?? DEFAULT_DEV;
  for (const kind of ['node', 'service', 'container', 'netns'] as const) {
    const node = value[kind];
    if (node !== undefined) return { kind, node, dev, link: value, place };
  }
  return { kind: 'host', node: HOST_NAME, dev, link: value, place };
}

/** The name of an end in messages. */
export const endName = ({ node, dev }: End): string => `${node}:${dev}`;

/** The items of a value that may be one item or a list of them. */
export function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}
