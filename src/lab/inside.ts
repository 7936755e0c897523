/** What linkloom's own container says, where it runs in one: the engine, the compose project, the lab. */
import { readFile } from 'node:fs/promises';
import type { LoadRequest } from '../config/load.ts';
import { LinkloomError } from '../errors.ts';
import type { Emit } from '../events.ts';
import { connectEngines, type EngineSockets } from '../runtime/connect.ts';
import type { ContainerEngine } from '../runtime/engine.ts';
import { containerIdIn, findOwnContainer, type OwnContainer } from '../runtime/own-container.ts';

/** What of a request it takes to ask. */
interface Asking {
  readonly load: LoadRequest;
  readonly sockets: EngineSockets;
}

/** The id of the container that we are in; null: in none. */
export async function ownContainerId(): Promise<string | null> {
  return containerIdIn(await readFile('/proc/self/mountinfo', 'utf8'));
}

/** Only inside a container is an engine asked before the configuration is read: our own labels name project and lab. */
export async function ownContainer(request: Asking, emit: Emit): Promise<Inside> {
  const id = await ownContainerId();
  if (id === null) return { id, own: null, engines: [] };
  try {
    const engines = await connectEngines(request.sockets, emit);
    return { id, own: await findOwnContainer(engines), engines };
  } catch (error) {
    // A lab of netns nodes needs none; one with containers asks again, and fails then.
    if (error instanceof LinkloomError && error.code === 'E_ENGINE') return { id, own: null, engines: [] };
    throw error;
  }
}

/** Whether we are in a container, and what an engine knows of it. */
export interface Inside {
  /** By the mount table; null: in none. */
  readonly id: string | null;
  readonly own: OwnContainer | null;
  readonly engines: readonly ContainerEngine[];
}

/** As many digits of a container's id as engines show. */
const ID_DIGITS = 12;

export function ownLabOf({ id, own }: Inside): string | undefined {
  return own?.container.project ?? id?.slice(0, ID_DIGITS);
}

/** The request with what our own container says of the lab, if we are in one: an engine is asked if one answers. */
export async function withOwnLab<T extends Asking>(request: T): Promise<T> {
  if ('ownLab' in request.load) return request;
  const inside = await ownContainer(request, () => {});
  const ownProject = inside.own?.container.project ?? undefined;
  return { ...request, load: { ...request.load, ownProject, ownLab: ownLabOf(inside) } };
}
