/** Finds the container engines that answer. */
import { accessSync } from 'node:fs';
import { diagnosticOf, LinkloomError } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { ContainerEngine, EngineKind } from './engine.ts';

/** conlink's defaults. */
const DEFAULT_SOCKETS: EngineSockets = {
  dockerSocket: '/var/run/docker.sock',
  podmanSocket: '/var/run/podman/podman.sock',
};

export interface EngineSockets {
  readonly dockerSocket: string;
  readonly podmanSocket: string;
}

/**
 * Which sockets to try: what was asked for, else `DOCKER_HOST` if it is a unix socket, else the defaults.
 * Throws E_ENGINE for a `DOCKER_HOST` on another machine: its containers' namespaces are out of reach.
 */
export function socketsToTry(
  asked: { readonly dockerSocket?: string; readonly podmanSocket?: string },
  env: Readonly<Record<string, string | undefined>>,
): EngineSockets {
  return {
    dockerSocket: asked.dockerSocket ?? dockerHostSocket(env['DOCKER_HOST']) ?? DEFAULT_SOCKETS.dockerSocket,
    podmanSocket: asked.podmanSocket ?? DEFAULT_SOCKETS.podmanSocket,
  };
}

function dockerHostSocket(dockerHost: string | undefined): string | null {
  if (dockerHost === undefined || dockerHost === '') return null;
  if (dockerHost.startsWith('unix://')) return dockerHost.slice('unix://'.length) || null;
  throw new LinkloomError('E_ENGINE', `DOCKER_HOST is '${dockerHost}', not a unix socket`, {
    hint: "links are made in this machine's kernel, so the engine must run here; unset DOCKER_HOST or give --docker-socket",
  });
}

/**
 * Connects to Docker and to Podman, each tested with one list call; both may answer. Says
 * `Listening on PATH` for each; what does not answer is a warning, or only a detail if it has
 * no socket at all and the other one answers. Throws E_ENGINE if none answers.
 */
export async function connectEngines(sockets: EngineSockets, emit: Emit): Promise<readonly ContainerEngine[]> {
  const attempts = await attemptBoth(sockets);
  const engines = attempts.flatMap((tried) => (tried.engine === null ? [] : [tried.engine]));
  for (const tried of attempts) {
    if (tried.engine !== null) emit({ type: 'listening', socketPath: tried.path });
    else if (engines.length > 0 && tried.absent) emit({ type: 'detail', message: tried.message });
    else emit({ type: 'diagnostic', diagnostic: diagnosticOf('engine-silent', tried.message) });
  }
  if (engines.length > 0) return engines;
  throw new LinkloomError('E_ENGINE', 'Failed to start either docker or podman client/listener', {
    hint: `is the engine running, and is its socket (${sockets.dockerSocket} or ${sockets.podmanSocket}) within reach? In a container, mount it; elsewhere see --docker-socket and --podman-socket`,
  });
}

/** The engines that answer. Those that do not are not reported. */
export async function enginesWithin(sockets: EngineSockets): Promise<readonly ContainerEngine[]> {
  const attempts = await attemptBoth(sockets);
  return attempts.flatMap(({ engine }) => (engine === null ? [] : [engine]));
}

type Attempt =
  | { readonly path: string; readonly engine: ContainerEngine }
  | { readonly path: string; readonly engine: null; readonly absent: boolean; readonly message: string };

function attemptBoth({ dockerSocket, podmanSocket }: EngineSockets): Promise<readonly Attempt[]> {
  return Promise.all([attempt('docker', dockerSocket), attempt('podman', podmanSocket)]);
}

async function attempt(kind: EngineKind, path: string): Promise<Attempt> {
  try {
    accessSync(path);
  } catch {
    return { path, engine: null, absent: true, message: failureText(kind, path, 'no such socket, or not allowed') };
  }
  try {
    const { openEngine } = await import('./dockerode-engine.ts');
    return { path, engine: await openEngine(kind, path) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { path, engine: null, absent: false, message: failureText(kind, path, reason) };
  }
}

function failureText(kind: EngineKind, path: string, reason: string): string {
  return `Could not start ${kind} client on '${path}': ${reason}`;
}
