/** The nodes of a lab for other tools, as Ansible's inventory and as plain data. */

import { grouped } from '../../grouped.ts';
import { namedNs, netnsNameOf } from '../../net/ns-id.ts';
import { bareCommandLine } from '../../verb-names.ts';
import { definitionsOf } from '../nodes.ts';
import type { Link, Network, Node, Topology } from '../topology.ts';

/** Ansible's connection plugins for the containers of each engine. */
const CONNECTION = { docker: 'community.docker.docker', podman: 'containers.podman.podman' } as const;

/** The engine that runs a container. */
export interface EngineAt {
  readonly kind: keyof typeof CONNECTION;
  /** Path of the engine's socket. null: the plugin's default. */
  readonly socketPath: string | null;
}

/** One node, running or not. */
export interface InventoryNode {
  /** NODE. */
  readonly name: string;
  /** The name of the container or namespace on the host. */
  readonly realName: string;
  readonly kind: Node['kind'];
  readonly service: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly loopbacks: readonly string[];
  readonly links: readonly {
    readonly dev: string;
    readonly addresses: readonly string[];
    readonly mac: string | null;
  }[];
  readonly isRunning: boolean;
}

export interface Inventory {
  readonly schemaVersion: 1;
  readonly lab: string;
  readonly nodes: readonly InventoryNode[];
}

/** All nodes: those that run, in the order of the configuration, then the entries of `nodes:` that do not run. */
export function inventoryOf(topology: Topology, network: Network): Inventory {
  const entries = definitionsOf(topology);
  const links = new Map<Node, Link[]>(network.nodes.map((node) => [node, []] as const));
  for (const link of network.links) links.get(link.node)?.push(link);
  const running = [...links].map(([node, own]): InventoryNode => {
    const { name, kind, service, loopbacks } = node;
    const entry = loopbacks === undefined ? undefined : entries.get(name);
    return {
      ...{ name, kind, service, realName: entry?.realName ?? netnsNameOf(node.ns) ?? name },
      labels: entry?.labels ?? {},
      loopbacks: loopbacks?.addresses ?? [],
      links: own.map(({ dev, addresses, mac }) => ({ dev, addresses, mac })),
      isRunning: true,
    };
  });
  const made = new Set([...links.keys()].filter(({ loopbacks }) => loopbacks !== undefined).map(({ name }) => name));
  const wanted = grouped(
    topology.links.filter(({ selector }) => selector.kind === 'node'),
    ({ selector }) => selector.name,
  );
  const others = [...entries.values()]
    .filter(({ name }) => !made.has(name))
    .map(({ name, realName, kind, labels, loopbacks }): InventoryNode => {
      const links = (wanted.get(name) ?? []).map(({ dev, addresses, mac }) => ({ dev, addresses, mac }));
      return { name, realName, kind, labels, loopbacks, service: null, links, isRunning: false };
    });
  return { schemaVersion: 1, lab: topology.lab, nodes: [...running, ...others] };
}

/**
 * A static inventory for Ansible (in JSON, which is valid YAML). Ansible reaches containers by the plugin of their
 * engine. For namespaces it works on this host, and enters the namespace by `linkloom exec` in place of sudo. The groups
 * are the kinds and the services.
 */
export function ansibleInventory(
  { lab, nodes }: Inventory,
  engineOf: (node: InventoryNode) => EngineAt,
): Record<string, unknown> {
  const hosts = Object.fromEntries(nodes.map((node) => [node.name, variablesOf(lab, node, engineOf)]));
  const groupOf = (members: readonly InventoryNode[]): Record<string, unknown> => ({
    hosts: Object.fromEntries(members.map(({ name }) => [name, {}])),
  });
  const services = [...new Set(nodes.flatMap(({ service }) => service ?? []))];
  const groups = [
    ['containers', nodes.filter(({ kind }) => kind === 'container')] as const,
    ['namespaces', nodes.filter(({ kind }) => kind === 'netns')] as const,
    ...services.map((name) => [`service_${groupName(name)}`, nodes.filter(({ service }) => service === name)] as const),
  ];
  const children = groups.filter(([, members]) => members.length > 0);
  return { all: { hosts, children: Object.fromEntries(children.map(([name, members]) => [name, groupOf(members)])) } };
}

/** A name for a group. Ansible allows letters, digits and underscores. */
function groupName(text: string): string {
  return text.replace(/[^A-Za-z0-9_]/g, '_');
}

function variablesOf(
  lab: string,
  node: InventoryNode,
  engineOf: (node: InventoryNode) => EngineAt,
): Record<string, unknown> {
  const own = {
    linkloom_lab: lab,
    linkloom_node: node.name,
    linkloom_addresses: [...node.loopbacks, ...node.links.flatMap(({ addresses }) => addresses)],
  };
  if (node.kind === 'container') {
    const { kind, socketPath } = engineOf(node);
    const words = `${kind === 'docker' ? '--host' : '--url'}=unix://${socketPath}`;
    const where = socketPath === null ? {} : { [`ansible_${kind}_extra_args`]: words };
    return { ansible_connection: CONNECTION[kind], ansible_host: node.realName, ...where, ...own };
  }
  return {
    ...{ ansible_connection: 'local', ansible_become: true, ansible_become_method: 'ansible.builtin.sudo' },
    ...{ ansible_become_exe: bareCommandLine('exec', `${namedNs(node.realName)} --`), ansible_become_flags: '' },
    // Ansible leaves `become` out, without a word, where the user is the same. An empty one never is.
    ...{ ansible_become_user: '', ansible_python_interpreter: '{{ ansible_playbook_python }}', ...own },
  };
}
