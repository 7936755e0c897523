/**
 * `node/`: one node named on the command line: which it is, and programs in it.
 *
 * This file: from a name to a namespace or a container.
 */

import { access, stat } from 'node:fs/promises';
import { LinkloomError } from '../../errors.ts';
import { NETNS_NAME, netnsPath } from '../../net/ns-id.ts';
import { connectEngines, socketsToTry } from '../../runtime/connect.ts';
import type { ContainerEngine } from '../../runtime/engine.ts';
import type { Container } from '../../topology/topology.ts';

export type FoundNode =
  | { readonly kind: 'netns'; readonly name: string }
  | { readonly kind: 'container'; readonly engine: ContainerEngine; readonly container: Container };

interface Sockets {
  readonly dockerSocket?: string;
  readonly podmanSocket?: string;
}

type Env = Readonly<Record<string, string | undefined>>;
type InContainers = Extract<FoundNode, { kind: 'container' }>;

/**
 * The node of a name: `netns/NAME`, `container/NAME`, or a bare name of either, or of a service with one replica.
 * Throws E_USAGE where a bare name is ambiguous, E_NODE_MISSING where it is nothing, E_ENGINE where a container is asked for and no engine answers.
 */
export async function findNode(text: string, sockets: Sockets, env: Env): Promise<FoundNode> {
  const [, prefix, name = text] = /^(netns|container)\/(.*)$/s.exec(text) ?? [];
  if (prefix === 'container') return containerOr(await containersOf(name, sockets, env, true), name);
  const isNetns = NETNS_NAME.test(name) && (await isNamespace(netnsPath(name)));
  if (prefix === 'netns') {
    if (isNetns) return { kind: 'netns', name };
    throw missing(name, `there is no network namespace ${name}`, '`ip netns` lists those that have a name');
  }
  const containers = await containersOf(name, sockets, env, false);
  if (!isNetns) return containerOr(containers, name);
  if (containers.length === 0) return { kind: 'netns', name };
  throw new LinkloomError('E_USAGE', `${name} is a network namespace and a container`, {
    hint: `write netns/${name} or container/${name}`,
  });
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

/** Containers of that name, else of that service. Without `needed`, engines that can't be reached count as none. */
async function containersOf(name: string, asked: Sockets, env: Env, needed: boolean): Promise<readonly InContainers[]> {
  const sockets = socketsToTry(asked, env);
  const reachable = (await exists(sockets.dockerSocket)) || (await exists(sockets.podmanSocket));
  if (!reachable && !needed) return [];
  const engines = await connect(sockets, needed);
  const lists = await Promise.all(
    engines.map(async (engine) => {
      const containers = await engine.list();
      return containers.map((container) => ({ kind: 'container' as const, engine, container }));
    }),
  );
  const all = lists.flat();
  const named = all.filter(({ container }) => container.name === name);
  return named.length > 0 ? named : all.filter(({ container }) => container.service === name);
}

async function connect(sockets: Required<Sockets>, needed: boolean): Promise<readonly ContainerEngine[]> {
  try {
    return await connectEngines(sockets, () => {});
  } catch (error) {
    if (needed) throw error;
    return [];
  }
}

/** All namespaces are files of one file system. `ip` would open whatever it is, and wait for ever with a FIFO. */
async function isNamespace(path: string): Promise<boolean> {
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
