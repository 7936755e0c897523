/**
 * `shown/` reads what `--show-config` prints, conlink's or linkloom's own, so that either program's configuration can be given to
 * linkloom. Such a file is recognised by its content.
 */
import { isMap, type Section } from '../extract.ts';
import type { Source } from '../text/source.ts';

type Item = Readonly<Record<string, unknown>>;

/** The keys under which nodes are listed, and the key by which a link names such a node. */
const NODES = { services: 'service', containers: 'container', netns: 'netns', nodes: 'node' } as const;

/** The first `ethtool` setting that `--show-config` prints for every veth link. Linkloom applies it anyway. */
const TX_OFF = '--offload tx off';

/** Whether a file has this shape: bridges by name, and nodes with their links below them. */
export function isShown(top: Item): boolean {
  return isMap(top['bridges']) && (isMap(top['services']) || isMap(top['containers']));
}

/** The sections of such a file: one for each node, and one for bridges and tunnels. Variables in it are filled in already. */
export function shownSections(file: Source): readonly Section[] {
  const source = { ...file, mayInterpolate: false };
  const top = file.value as Item;
  const domains = { bridges: Object.values(mapOf(top['bridges'])), tunnels: top['tunnels'] ?? [] };
  const nodes = Object.entries(NODES).flatMap(([group, key]) =>
    Object.entries(mapOf(top[group])).map(([name, node]) => ({
      source,
      path: [group, name],
      value: nodeValue(mapOf(node), { [key]: name }),
      service: null,
    })),
  );
  const host = mapOf(top['host']);
  const ofHost = { source, path: ['host'], value: nodeValue(host, { host: true }), service: null };
  return [{ source, path: [], value: domains, service: null }, ...nodes, ...(isMap(top['host']) ? [ofHost] : [])];
}

function nodeValue(node: Item, selector: Item): Item {
  const commands = listOf(node['commands']).map((command) => ({ ...selector, ...mapOf(command) }));
  return { links: listOf(node['links']).map((link) => ({ ...selector, ...written(mapOf(link)) })), commands };
}

/** A link as a user would write it, without what its type implies. */
function written({ base: _base, ...link }: Item): Item {
  const { bridge, forward, ethtool } = link;
  const settings = listOf(ethtool);
  return {
    ...link,
    ...(isMap(bridge) ? { bridge: bridge['bridge'] } : {}),
    ...(Array.isArray(forward) ? { forward: forward.map(portText) } : {}),
    ...(ethtool === undefined ? {} : { ethtool: settings[0] === TX_OFF ? settings.slice(1) : settings }),
  };
}

/** The text of a port: `[1080, 80, "tcp"]` becomes `1080:80/tcp`. */
function portText(port: unknown): unknown {
  return Array.isArray(port) && port.length === 3 ? `${port[0]}:${port[1]}/${port[2]}` : port;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function mapOf(value: unknown): Item {
  return isMap(value) ? value : {};
}
