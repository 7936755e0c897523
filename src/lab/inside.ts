/** What can be learned from the container that linkloom runs in: its engine, its compose project, the lab's name. */
import { readFileSync } from 'node:fs';
import type { LoadRequest } from '../config/load.ts';
import { LinkloomError } from '../errors.ts';
import type { Emit } from '../events.ts';
import { HOST_NS, type NsId, OWN_NS } from '../net/ns-id.ts';
import { connectEngines, type EngineSockets } from '../runtime/connect.ts';
import type { ContainerEngine } from '../runtime/engine.ts';
import { containerIdIn, findOwnContainer, type OwnContainer } from '../runtime/own-container.ts';

/** The parts of a request that are needed to ask. */
interface Asking {
  readonly load: LoadRequest;
  readonly sockets: EngineSockets;
  readonly ofHost?: boolean;
}

/** The id of the container that we are in; null: in none. */
export function ownContainerId(): string | null {
  return containerIdIn(readFileSync('/proc/self/mountinfo', 'utf8'));
}

/** The host's namespace, as far as can be told without an engine: inside a container that of process 1 (`pid: host`). */
export function hostNamespace(): NsId {
  return ownContainerId() === null ? OWN_NS : HOST_NS;
}

/** Inside a container an engine is asked before the configuration is read, because the container's labels name the project and the lab. */
export async function ownContainer(request: Asking, emit: Emit): Promise<Inside> {
  const id = ownContainerId();
  if (id === null) return { id, own: null, seesFiles: true, engines: [] };
  try {
    const engines = await connectEngines(request.sockets, emit);
    const found = await findOwnContainer(engines);
    return { id, own: request.ofHost ? null : found, seesFiles: found === null, engines };
  } catch (error) {
    // A lab of netns nodes needs none; one with containers asks again, and fails then.
    if (error instanceof LinkloomError && error.code === 'E_ENGINE')
      return { id, own: null, seesFiles: true, engines: [] };
    throw error;
  }
}

/** Whether we are in a container, and what an engine knows of it. */
export interface Inside {
  /** By the mount table; null: in none. */
  readonly id: string | null;
  /** The container that the run belongs to; null: it belongs to the host. */
  readonly own: OwnContainer | null;
  /** Whether an engine that makes containers here sees the files that we see. */
  readonly seesFiles: boolean;
  readonly engines: readonly ContainerEngine[];
}

/** As many digits of a container's id as engines show. */
const ID_DIGITS = 12;

export function ownLabOf({ id, own }: Inside): string | undefined {
  return own?.container.project ?? id?.slice(0, ID_DIGITS);
}

/** The request, completed by the project and the lab's name of the container that linkloom runs in. Outside a container it stays as it is. */
export async function withOwnLab<T extends Asking>(request: T): Promise<T> {
  if ('ownLab' in request.load) return request;
  const inside = await ownContainer(request, () => {});
  const ownProject = inside.own?.container.project ?? undefined;
  return { ...request, load: { ...request.load, ownProject, ownLab: ownLabOf(inside) } };
}
