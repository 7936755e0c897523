/**
 * One run on one lab: what was loaded, the engines that answer, the workers. The stages of the
 * pipeline are called on it, by `pipeline.ts` once and by the daemon again and again.
 */

import { together } from '../config/diagnose.ts';
import { type Loaded, type LoadRequest, loadConfig } from '../config/load.ts';
import { counted } from '../counted.ts';
import { assertOpenvswitch, haveOpenvswitch } from '../engine/openvswitch.ts';
import { assertPrivilege } from '../engine/privilege.ts';
import { WorkerPool } from '../engine/threads/pool.ts';
import { assertTranslation } from '../engine/translation.ts';
import { findUplink, type Uplink } from '../engine/uplink.ts';
import { type Diagnostic, errorsIn, LinkloomError } from '../errors.ts';
import type { Dispatch, Emit } from '../events.ts';
import { HOST_NS, type NsId, OWN_NS } from '../net/ns-id.ts';
import type { SwitchSide } from '../plan/switch/placement.ts';
import { connectEngines, type EngineSockets } from '../runtime/connect.ts';
import type { ContainerEngine } from '../runtime/engine.ts';
import type { OwnContainer } from '../runtime/own-container.ts';
import { type NormaliseOptions, normalise } from '../topology/normalise.ts';
import type { Container, ProjectFilter, Topology } from '../topology/topology.ts';
import { type Inside, ownContainer, ownContainerId, ownLabOf, withOwnLab } from './inside.ts';

/** What a run is asked to do: where the configuration is, what it does not say, and how to reach things. */
export interface Request {
  readonly load: LoadRequest;
  readonly defaults: Omit<NormaliseOptions, 'lab'>;
  /** Where the switch side lives; `auto`: our own namespace in a container that serves container nodes, else namespaces made for it. */
  readonly side: SwitchSide | 'auto';
  /** Remove also what other files made of the lab, and these do not describe. Default false: it stays, and is told. */
  readonly prune?: boolean;
  /** Worker threads. */
  readonly workers: number;
  readonly sockets: EngineSockets;
  /** Run the commands of all nodes again, not only of those whose links are made. Default false. */
  readonly rerunCommands?: boolean;
}

/** Where a run tells what happens, and hears that it is to stop. */
export interface Io {
  readonly emit: Emit;
  readonly signal: AbortSignal | null;
  /** Told of each dispatch to a worker that came back, for traces. */
  readonly onDispatch?: (dispatch: Dispatch) => void;
}

/** The default number of workers: one kernel lock leaves more of them nothing to do but to fight for it (measured: bench/README.md). */
export const DEFAULT_WORKERS = 1;

/**
 * Load, validate and normalise. Warnings are emitted; with errors throws E_CONFIG that carries all diagnostics. `onSources` is told
 * in any case which files it depends on.
 */
export async function loadTopology(
  request: Request,
  emit: Emit,
  onSources: (paths: readonly string[]) => void = () => {},
): Promise<{ readonly loaded: Loaded; readonly topology: Topology }> {
  const loaded = await loadConfig((await withOwnLab(request)).load);
  onSources(loaded.sources);
  const { topology, diagnostics } = normalise(loaded.config, {
    ...request.defaults,
    lab: loaded.lab,
    haveOpenvswitch: request.defaults.haveOpenvswitch ?? haveOpenvswitch(),
  });
  refuseErrors('E_CONFIG', together(loaded.diagnostics, diagnostics), emit);
  return { loaded, topology };
}

/** Throw if there is an error among them; else emit the warnings. */
export function refuseErrors(code: 'E_CONFIG' | 'E_CLASH', diagnostics: readonly Diagnostic[], emit: Emit): void {
  const errors = errorsIn(diagnostics);
  if (errors > 0) {
    const message = `${counted(errors, 'fault')} in the configuration; nothing has been touched`;
    throw new LinkloomError(code, message, { diagnostics });
  }
  for (const diagnostic of diagnostics) emit({ type: 'diagnostic', diagnostic });
}

/** What a session stands on. */
interface Base {
  readonly pool: WorkerPool;
  readonly startedMs: number;
  readonly inside: Inside;
  readonly onSources?: (paths: readonly string[]) => void;
  /** The session that this one follows. */
  readonly before?: Session;
}

export class Session {
  readonly topology: Topology;
  readonly side: SwitchSide;
  /** The host's namespace: that of process 1 inside a container (`pid: host`), else the one that this process is in. */
  readonly host: NsId;
  readonly pool: WorkerPool;
  readonly engines: readonly ContainerEngine[];
  readonly own: OwnContainer | null;
  /** How linkloom's own container is on a network of its engine; null: it is not, or there is none. */
  readonly uplink: Uplink | null;
  readonly filter: ProjectFilter | null;
  /** Names of the files that were named and read, and absolute paths of all that the configuration depends on. */
  readonly fileNames: readonly string[];
  readonly sources: readonly string[];
  readonly loadMs: number;
  /** Which files the topology is of, and whether what others made goes. */
  readonly files: { readonly files: string; readonly filesBefore: readonly string[]; readonly pruneOrphans: boolean };
  /** What was told to be an orphan, and still is one. */
  readonly orphansTold: Set<string>;
  readonly #engineOf = new Map<string, ContainerEngine>();

  private constructor(parts: Omit<Session, typeof Symbol.asyncDispose | 'containers' | 'engineOf' | 'renewed'>) {
    this.topology = parts.topology;
    this.side = parts.side;
    this.host = parts.host;
    this.pool = parts.pool;
    this.engines = parts.engines;
    this.own = parts.own;
    this.uplink = parts.uplink;
    this.filter = parts.filter;
    this.fileNames = parts.fileNames;
    this.sources = parts.sources;
    this.loadMs = parts.loadMs;
    this.files = parts.files;
    this.orphansTold = parts.orphansTold;
  }

  /**
   * Load the configuration and open all that is needed to work on it. Throws E_CONFIG,
   * E_PRIVILEGE, E_TOOL, E_FEATURE or E_ENGINE before anything is touched.
   */
  static async open(request: Request, emit: Emit): Promise<Session> {
    emit({ type: 'stage', stage: 'load', state: 'begin', elapsedMs: 0 });
    const startedMs = performance.now();
    assertPrivilege();
    // A worker takes longer to start than a small lab to load: let both happen at once.
    const pool = await WorkerPool.start(request.workers);
    try {
      const inside = await ownContainer(request, emit);
      const session = await Session.#load(request, emit, { pool, startedMs, inside });
      emit({ type: 'stage', stage: 'load', state: 'end', elapsedMs: session.loadMs });
      return session;
    } catch (error) {
      await pool[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * The same with the configuration as its files are now, on the same workers, engines and switch side; this one is not to be used
   * any more. Throws what `open` does, and E_CONFIG where the lab has another name now. `onSources` as of `loadTopology`.
   */
  async renewed(request: Request, emit: Emit, onSources: (paths: readonly string[]) => void): Promise<Session> {
    const { pool, own, engines, side, topology } = this;
    const base = { pool, startedMs: performance.now(), inside: { id: await ownContainerId(), own, engines } };
    const session = await Session.#load({ ...request, side }, emit, { ...base, onSources, before: this });
    const [old, name] = [topology.lab, session.topology.lab];
    if (old === name) return session;
    throw new LinkloomError('E_CONFIG', `the lab is called ${name} now, and this is the daemon of the lab ${old}`, {
      hint: `a lab that runs keeps its name: stop this and start it anew, or \`down --lab ${old}\` first`,
    });
  }

  static async #load(request: Request, emit: Emit, base: Base): Promise<Session> {
    const { pool, startedMs, inside, onSources, before } = base;
    const ownProject = inside.own?.container.project ?? undefined;
    const uplink = inside.own === null ? null : findUplink(inside.own.macs);
    const defaults = { ...request.defaults, uplinkAddress: uplink?.address ?? null };
    const load = { ...request.load, ownProject, ownLab: ownLabOf(inside) };
    const { loaded, topology } = await loadTopology({ ...request, load, defaults }, emit, onSources);
    const side = sideOf(request.side, inside.own, topology);
    await assertTranslation(pool, topology.links, side);
    await assertOpenvswitch(pool, topology.bridges);
    const isEngineNeeded = inside.engines.length === 0 && needsEngine(topology);
    const engines = isEngineNeeded ? await connectEngines(request.sockets, emit) : inside.engines;
    return new Session({
      topology,
      pool,
      engines,
      loadMs: performance.now() - startedMs,
      own: inside.own,
      uplink,
      side,
      host: inside.own === null ? OWN_NS : HOST_NS,
      filter: filterOf(request, loaded, inside.own),
      files: { files: loaded.fileSet, filesBefore: filesUntil(before), pruneOrphans: request.prune ?? false },
      orphansTold: before?.orphansTold ?? new Set(),
      fileNames: loaded.files,
      sources: loaded.sources,
    });
  }

  /** The containers that run now, of all engines. */
  async containers(): Promise<readonly Container[]> {
    const lists = await Promise.all(this.engines.map(async (engine) => ({ engine, containers: await engine.list() })));
    this.#engineOf.clear();
    for (const { engine, containers } of lists) for (const { id } of containers) this.#engineOf.set(id, engine);
    return lists.flatMap(({ containers }) => containers);
  }

  /** The engine that last listed a container. */
  engineOf(id: string): ContainerEngine | undefined {
    return this.#engineOf.get(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pool[Symbol.asyncDispose]();
  }
}

/** Which files the sessions up to this one were of: a link among their names can be turned while the lab runs. */
function filesUntil(before: Session | undefined): readonly string[] {
  return before === undefined ? [] : [...new Set([...before.files.filesBefore, before.files.files])];
}

/** Whether any node is a container. */
export function needsEngine(topology: Topology): boolean {
  return [...topology.links, ...topology.commands].some(({ selector }) => selector.kind !== 'netns');
}

function sideOf(asked: Request['side'], own: OwnContainer | null, topology: Topology): SwitchSide {
  if (asked !== 'auto') return asked;
  return own !== null && needsEngine(topology) ? 'own' : 'netns';
}

/** `--compose-project` alone, else our own container's labels, else the project of the compose files. */
function filterOf(request: Request, loaded: Loaded, own: OwnContainer | null): ProjectFilter | null {
  const asked = request.load.composeProject;
  if (asked !== undefined) return { project: asked, workingDir: null };
  if (own !== null) return { project: own.container.project, workingDir: own.container.workingDir };
  return loaded.project === null ? null : { project: loaded.project.name, workingDir: null };
}
