/**
 * `with-nodes/` implements the verbs that work with nodes: run programs in them, read their logs, copy files, restart them, wait for them.
 * A name is looked for in a lab (of-lab.ts), or among all namespaces and containers of the host (this file).
 */

import { access, lstat, readdir, stat } from 'node:fs/promises';
import { LinkloomError } from '../../errors.ts';
import { NETNS_DIRECTORY, NETNS_NAME, type NsId, namedNs, netnsPath, processNs } from '../../net/ns-id.ts';
import { connectEngines, socketsToTry } from '../../runtime/connect.ts';
import type { ContainerEngine } from '../../runtime/engine.ts';
import type { Container } from '../../topology/topology.ts';

/** A node that exists. `label` is NODE, as people call it; the `name` of a namespace is its name in /run/netns. */
export type FoundNode =
  | { readonly kind: 'netns'; readonly label: string; readonly name: string }
  | {
      readonly kind: 'container';
      readonly label: string;
      readonly engine: ContainerEngine;
      readonly container: Container;
    };

export function nsOf(node: FoundNode): NsId {
  return node.kind === 'netns' ? namedNs(node.name) : processNs(node.container.pid);
}

export interface Sockets {
  readonly dockerSocket?: string;
  readonly podmanSocket?: string;
}

type Env = Readonly<Record<string, string | undefined>>;
type InContainers = Extract<FoundNode, { kind: 'container' }>;

/**
 * Finds a node by name: `netns/NAME`, `container/NAME`, or the plain name of a namespace, a container, a service with one replica, or an
 * entry of `nodes:` that only one lab has. Throws E_USAGE if a plain name is ambiguous, E_NODE_MISSING if it matches nothing, and
 * E_ENGINE if a container is asked for and no engine answers.
 */
export async function findNode(text: string, sockets: Sockets, env: Env): Promise<FoundNode> {
  const [, prefix, name = text] = /^(netns|container)\/(.*)$/s.exec(text) ?? [];
  if (prefix === 'container') return containerOr(await containersOf(name, sockets, env, true), name);
  const isNetns = NETNS_NAME.test(name) && (await isNamespace(netnsPath(name)));
  if (prefix === 'netns') {
    if (isNetns) return netnsNode(name);
    throw missing(name, `there is no network namespace ${name}`, '`ip netns` lists those that have a name');
  }
  const containers = await containersOf(name, sockets, env, false);
  // A container of `nodes:` has its name in /run/netns too, as a link.
  const isOwn = isNetns && !(containers.length > 0 && (await isLink(netnsPath(name))));
  const entries = isOwn || containers.length > 0 ? [] : await entriesOf(name);
  const [entry, second] = entries;
  if (entry !== undefined && second === undefined) return { ...netnsNode(entry), label: name };
  if (entry !== undefined) {
    throw new LinkloomError('E_USAGE', `${name} is a node of several labs: ${entries.join(', ')}`, {
      hint: 'name one of them, or the lab by --lab or -f',
    });
  }
  if (!isOwn) return containerOr(containers, name);
  if (containers.length === 0) return netnsNode(name);
  throw new LinkloomError('E_USAGE', `${name} is a network namespace and a container`, {
    hint: `write netns/${name} or container/${name}`,
  });
}

function netnsNode(name: string): Extract<FoundNode, { kind: 'netns' }> {
  return { kind: 'netns', label: name, name };
}

/** The namespaces of entries of `nodes:` called NAME, in all labs: `LAB.NAME`. */
async function entriesOf(name: string): Promise<readonly string[]> {
  const all = await readdir(NETNS_DIRECTORY).catch(() => []);
  const found = all.filter((one) => one.indexOf('.') === one.length - name.length - 1 && one.endsWith(`.${name}`));
  const isThere = await Promise.all(found.map((one) => isNamespace(netnsPath(one))));
  return found.filter((_, at) => isThere[at]);
}

async function isLink(path: string): Promise<boolean> {
  return lstat(path).then(
    (entry) => entry.isSymbolicLink(),
    () => false,
  );
}

function containerOr(found: readonly InContainers[], name: string): InContainers {
  const [first, second] = found;
  if (!first) {
    const what = `there is no network namespace and no running container ${name}`;
    throw missing(name, what, '`ip netns` and `docker ps` list what there is');
  }
  if (!second) return first;
  const names = found.map((one) => one.container.name).join(', ');
  throw new LinkloomError('E_USAGE', `${name} is ${found.length} containers: ${names}`, {
    hint: 'name one of them',
  });
}

/**
 * The containers of this name; if there are none, those of this service; if there are none either, those of this entry of `nodes:`.
 * Unless `needed` is set, an engine that does not answer counts as having none.
 */
async function containersOf(name: string, asked: Sockets, env: Env, needed: boolean): Promise<readonly InContainers[]> {
  const sockets = socketsToTry(asked, env);
  const reachable = (await exists(sockets.dockerSocket)) || (await exists(sockets.podmanSocket));
  if (!reachable && !needed) return [];
  const engines = await connect(sockets, needed);
  const lists = await Promise.all(
    engines.map(async (engine) => {
      const containers = await engine.list();
      return containers.map((container) => containerNode(engine, container));
    }),
  );
  const all = lists.flat();
  const named = all.filter(({ container }) => container.name === name);
  if (named.length > 0) return named;
  const ofService = all.filter(({ container }) => container.service === name);
  if (ofService.length > 0) return ofService;
  return all.filter(({ container }) => container.entry?.node === name);
}

function containerNode(engine: ContainerEngine, container: Container): InContainers {
  return { kind: 'container', label: container.name, engine, container };
}

async function connect(sockets: Required<Sockets>, needed: boolean): Promise<readonly ContainerEngine[]> {
  try {
    return await connectEngines(sockets, () => {});
  } catch (error) {
    if (needed) throw error;
    return [];
  }
}

/** Whether a file is a namespace, by its file system. `ip` would open any file, and would wait for ever for a FIFO. */
export async function isNamespace(path: string): Promise<boolean> {
  const [own, found] = await Promise.all([stat('/proc/self/ns/net'), stat(path).catch(() => null)]);
  return found?.dev === own.dev;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function missing(name: string, message: string, hint: string): LinkloomError {
  return new LinkloomError('E_NODE_MISSING', message, { where: name, hint });
}
