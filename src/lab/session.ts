/**
 * A session is one run on one lab. It holds the loaded configuration, the engines that answer, and the workers. Passes (pass.ts) run on
 * a session: `up` makes one or a few, the daemon makes one after the other.
 */

import type { Loaded } from '../config/load.ts';
import { assertOpenvswitch } from '../engine/machine/openvswitch.ts';
import { assertPrivilege } from '../engine/machine/privilege.ts';
import { assertTranslation } from '../engine/machine/translation.ts';
import { findUplink, type Uplink } from '../engine/machine/uplink.ts';
import { assertHostSeen } from '../engine/reach.ts';
import { WorkersOnDemand } from '../engine/threads/on-demand.ts';
import { NO_WORKERS, type Workers } from '../engine/workers.ts';
import { LinkloomError } from '../errors.ts';
import type { Emit } from '../events.ts';
import { HOST_NS, type NsId, OWN_NS } from '../net/ns-id.ts';
import type { SwitchSide } from '../plan/switch/placement.ts';
import { connectEngines } from '../runtime/connect.ts';
import type { ContainerEngine } from '../runtime/engine.ts';
import type { OwnContainer } from '../runtime/own-container.ts';
import { hasContainers, isOnHost, withoutInactive } from '../topology/nodes.ts';
import type { Container, ProjectFilter, Topology } from '../topology/topology.ts';
import { verb } from '../verb-names.ts';
import { type Inside, ownContainer, ownContainerId, ownLabOf } from './inside.ts';
import { loadTopology } from './load.ts';
import type { Request } from './request.ts';
import { WholeLab } from './whole-lab.ts';

/** All that a session is made of. */
export interface SessionParts {
  readonly topology: Topology;
  readonly side: SwitchSide;
  /** The host's namespace: that of process 1 inside a container (`pid: host`), else the one that this process is in. */
  readonly host: NsId;
  readonly workers: Workers;
  /** Empty where no node is a container. */
  readonly engines: readonly ContainerEngine[];
  /** The container that linkloom runs in; null: it runs in none, or works for the host all the same (`Request.ofHost`). */
  readonly own: OwnContainer | null;
  /** As of `Inside`. */
  readonly seesFiles: boolean;
  /** How linkloom's own container is connected to a network of its engine; null: it is not, or linkloom runs in no container. */
  readonly uplink: Uplink | null;
  readonly filter: ProjectFilter | null;
  /** Names of the files that were named and read, and absolute paths of all that the configuration depends on. */
  readonly fileNames: readonly string[];
  readonly sources: readonly string[];
  readonly loadMs: number;
  /** The files of the topology, and whether what other files made of the lab is removed. */
  readonly files: { readonly files: string; readonly filesBefore: readonly string[]; readonly pruneOrphans: boolean };
  /** How often this process has read the configuration, this time included. */
  readonly revision: number;
  /** The orphans that were reported and still exist. */
  readonly orphansTold: Set<string>;
}

/** What a session is opened with. */
interface Base {
  readonly workers: Workers;
  readonly startedMs: number;
  readonly inside: Inside;
  readonly onSources?: (paths: readonly string[]) => void;
  /** The session that this one follows. */
  readonly before?: Session;
}

export class Session implements SessionParts, AsyncDisposable {
  readonly topology: Topology;
  readonly side: SwitchSide;
  readonly host: NsId;
  readonly workers: Workers;
  readonly engines: readonly ContainerEngine[];
  readonly own: OwnContainer | null;
  readonly seesFiles: boolean;
  readonly uplink: Uplink | null;
  readonly filter: ProjectFilter | null;
  readonly fileNames: readonly string[];
  readonly sources: readonly string[];
  readonly loadMs: number;
  readonly files: SessionParts['files'];
  readonly revision: number;
  readonly orphansTold: Set<string>;
  /** The findings of passes over the whole lab, which passes over some nodes use. */
  readonly wholeLab: WholeLab;
  readonly #engineOf = new Map<string, ContainerEngine>();

  constructor(parts: SessionParts) {
    this.topology = parts.topology;
    this.side = parts.side;
    this.host = parts.host;
    this.workers = parts.workers;
    this.engines = parts.engines;
    this.own = parts.own;
    this.seesFiles = parts.seesFiles;
    this.uplink = parts.uplink;
    this.filter = parts.filter;
    this.fileNames = parts.fileNames;
    this.sources = parts.sources;
    this.loadMs = parts.loadMs;
    this.files = parts.files;
    this.revision = parts.revision;
    this.orphansTold = parts.orphansTold;
    this.wholeLab = new WholeLab(parts.topology, parts.filter);
  }

  /**
   * Load the configuration and open all that is needed to work on it. Throws E_CONFIG,
   * E_PRIVILEGE, E_TOOL, E_FEATURE or E_ENGINE before anything is touched.
   */
  static async open(request: Request, emit: Emit): Promise<Session> {
    emit({ type: 'stage', stage: 'load', state: 'begin', elapsedMs: 0 });
    const startedMs = performance.now();
    assertPrivilege();
    const workers = new WorkersOnDemand(request.workers);
    try {
      const inside = await ownContainer(request, emit);
      const session = await Session.#load(request, emit, { workers, startedMs, inside });
      emit({ type: 'stage', stage: 'load', state: 'end', elapsedMs: session.loadMs });
      return session;
    } catch (error) {
      await workers[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** A session for passes that look at nothing (`Scope.offline`): no privilege, no engines, no workers. Throws E_CONFIG. */
  static async offline(request: Request, emit: Emit): Promise<Session> {
    const startedMs = performance.now();
    const { loaded, topology } = await loadTopology(request, emit);
    return new Session({
      ...{ topology: withoutInactive(topology), workers: NO_WORKERS, side: 'netns', host: OWN_NS },
      ...{ engines: [], own: null, seesFiles: true, uplink: null, filter: null, loadMs: performance.now() - startedMs },
      files: { files: loaded.fileSet, filesBefore: [], pruneOrphans: false },
      ...{ revision: 1, orphansTold: new Set(), fileNames: loaded.files, sources: loaded.sources },
    });
  }

  /**
   * The same with the configuration as its files are now, on the same workers, engines and switch side; this one is not to be used
   * any more. Throws what `open` does, and E_CONFIG where the lab has another name now. `onSources` as of `loadTopology`.
   */
  async renewed(request: Request, emit: Emit, onSources: (paths: readonly string[]) => void): Promise<Session> {
    const { workers, own, seesFiles, engines, side, topology } = this;
    const base = { workers, startedMs: performance.now(), inside: { id: ownContainerId(), own, seesFiles, engines } };
    const session = await Session.#load({ ...request, side }, emit, { ...base, onSources, before: this });
    const [old, name] = [topology.lab, session.topology.lab];
    if (old === name) return session;
    throw new LinkloomError('E_CONFIG', `the lab is called ${name} now, and this is the daemon of the lab ${old}`, {
      hint: `a lab that runs keeps its name: stop this and start it anew, or ${verb('down', `--lab ${old}`)} first`,
    });
  }

  static async #load(request: Request, emit: Emit, base: Base): Promise<Session> {
    const { workers, startedMs, inside, onSources, before } = base;
    const ownProject = inside.own?.container.project ?? undefined;
    const uplink = inside.own === null ? null : findUplink(inside.own.macs);
    const defaults = { ...request.defaults, uplinkAddress: uplink?.address ?? null };
    const load = { ...request.load, ownProject, ownLab: ownLabOf(inside) };
    const { loaded, topology } = await loadTopology({ ...request, load, defaults }, emit, onSources);
    const side = sideOf(request.side, inside.own, topology);
    if (inside.own !== null && inside.own.macs.length > 0 && isOnHost(topology)) assertHostSeen();
    await assertTranslation(workers, topology.links, side);
    await assertOpenvswitch(workers, topology.bridges);
    const isEngineNeeded = inside.engines.length === 0 && hasContainers(topology);
    const engines = isEngineNeeded ? await connectEngines(request.sockets, emit) : inside.engines;
    return new Session({
      topology,
      workers,
      engines,
      loadMs: performance.now() - startedMs,
      own: inside.own,
      seesFiles: inside.seesFiles,
      uplink,
      side,
      host: inside.own === null ? OWN_NS : HOST_NS,
      filter: filterOf(request, loaded, inside.own),
      files: { files: loaded.fileSet, filesBefore: filesUntil(before), pruneOrphans: request.prune ?? false },
      revision: (before?.revision ?? 0) + 1,
      orphansTold: before?.orphansTold ?? new Set(),
      fileNames: loaded.files,
      sources: loaded.sources,
    });
  }

  /** The containers of all engines that run now. `known` as of `ContainerEngine.list`. */
  async containers(known?: ReadonlyMap<string, Container>): Promise<readonly Container[]> {
    const listed = async (engine: ContainerEngine) => ({ engine, containers: await engine.list(known) });
    const lists = await Promise.all(this.engines.map(listed));
    this.#engineOf.clear();
    for (const { engine, containers } of lists) for (const { id } of containers) this.#engineOf.set(id, engine);
    return lists.flatMap(({ containers }) => containers);
  }

  /** The engine that last listed a container. */
  engineOf(id: string): ContainerEngine | undefined {
    return this.#engineOf.get(id);
  }

  /** Records the engine of a container that appeared after the engine's last list. */
  adopt(engine: ContainerEngine, { id }: Container): void {
    this.#engineOf.set(id, engine);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.workers[Symbol.asyncDispose]();
  }
}

/** The files of all earlier sessions. They can differ from the present ones, since a symbolic link can change while the lab runs. */
function filesUntil(before: Session | undefined): readonly string[] {
  return before === undefined ? [] : [...new Set([...before.files.filesBefore, before.files.files])];
}

function sideOf(asked: Request['side'], own: OwnContainer | null, topology: Topology): SwitchSide {
  if (asked !== 'auto') return asked;
  return own !== null && hasContainers(topology) ? 'own' : 'netns';
}

/** `--compose-project` alone, else our own container's labels, else the project of the compose files. */
export function filterOf(request: Request, loaded: Loaded, own: OwnContainer | null): ProjectFilter | null {
  const asked = request.load.composeProject;
  if (asked !== undefined) return { project: asked, workingDir: null };
  if (own !== null) return { project: own.container.project, workingDir: own.container.workingDir };
  return loaded.project === null ? null : { project: loaded.project.name, workingDir: null };
}
