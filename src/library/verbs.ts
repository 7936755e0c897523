/**
 * `library/` offers linkloom's verbs to programs. One object has what the command line's options say; all of it may be left out,
 * with the same defaults. Wherever files may be named, a configuration in memory can be given too.
 */
import type * as v from 'valibot';
import type { NetworkSchema } from '../config/network-schema.ts';
import { LinkloomError } from '../errors.ts';
import type { Dispatch, Emit, LinkListener, Summary } from '../events.ts';
import type { BRIDGE_MODES } from '../kinds/bridge-modes.ts';
import { LabWatch } from '../lab/live/follow.ts';
import * as files from '../lab/load.ts';
import { type Request as Completed, DEFAULT_WORKERS, type Io } from '../lab/request.ts';
import * as removing from '../lab/verbs/down.ts';
import * as planning from '../lab/verbs/plan.ts';
import * as looking from '../lab/verbs/status.ts';
import { statusOfLab } from '../lab/verbs/survey.ts';
import * as making from '../lab/verbs/up.ts';
import * as proving from '../lab/verbs/verify.ts';
import { verifyByMarks } from '../lab/verify/by-marks.ts';
import type { LabEvent } from '../lab-events.ts';
import type { StatusReport } from '../plan/status/status.ts';
import type { SwitchSide } from '../plan/switch/placement.ts';
import type { Proof } from '../proof/proof.ts';
import { socketsToTry } from '../runtime/connect.ts';
import type { Topology } from '../topology/topology.ts';

type Deep<T> = T extends readonly (infer One)[]
  ? readonly Deep<One>[]
  : T extends object
    ? { readonly [Key in keyof T]: Deep<T[Key]> }
    : T;

/** A configuration in memory, in the language of the files. `generate` returns one. */
export type Configuration = Deep<v.InferInput<typeof NetworkSchema>>;

/**
 * What to work on, and how. Everything may be left out; then compose's file in the working directory, or in a folder above, is
 * used.
 */
export interface Request {
  /** Compose and network files, recognised by content, relative to `cwd`; `-` is standard input. As `-f`. */
  readonly files?: readonly string[];
  readonly networkFiles?: readonly string[];
  readonly composeFiles?: readonly string[];
  /**
   * A configuration that counts after the files, as a file with that content would. `${NAME}` in its texts is filled in from `env`.
   */
  readonly config?: Configuration;
  /** The lab's name. Default: what the configuration says, else the compose project, else the folder. */
  readonly lab?: string;
  /** The compose project that `service` links are for. Default: that of the files. */
  readonly composeProject?: string;
  /** Default: `COMPOSE_PROFILES`. */
  readonly profiles?: readonly string[];
  /** Default: `.env`. */
  readonly envFiles?: readonly string[];
  /** Absolute. Default: the process's. */
  readonly cwd?: string;
  /** Default: the process's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Mode of bridges that name none. Default `auto`. */
  readonly defaultBridgeMode?: (typeof BRIDGE_MODES)[number];
  /** MTU of links that name none. Default 65,535. */
  readonly defaultMtuBytes?: number;
  /** Whether transmit checksum offload stays on. Default false. */
  readonly keepVethOffload?: boolean;
  /**
   * Where bridges are made. Default `auto`: in linkloom's own namespace if it runs in a container and serves containers, else in
   * namespaces made for them.
   */
  readonly side?: SwitchSide | 'auto';
  /** Worker threads. Default 1. */
  readonly workers?: number;
  /** Default: `DOCKER_HOST`, else /var/run/docker.sock. */
  readonly dockerSocket?: string;
  /** Default: /var/run/podman/podman.sock. */
  readonly podmanSocket?: string;
  /** Whether to remove also what other files made of the lab and these files do not describe. Default false. */
  readonly prune?: boolean;
  /** Whether to run the commands of all nodes again, not only of those whose links are made. Default false. */
  readonly rerunCommands?: boolean;
  /** Look first whether the lab fits on this machine, and throw E_FEATURE or E_LIMIT where it does not. Default true. */
  readonly preflight?: boolean;
}

/** How a run reports what happens, and how it is stopped. */
export interface RunOptions {
  /** Called with each event; it must not throw. Default: events are dropped. */
  readonly emit?: Emit;
  /** When it aborts, what was begun is finished or undone, then E_INTERRUPTED is thrown. */
  readonly signal?: AbortSignal;
  /** Hears what becomes of each link. */
  readonly links?: LinkListener;
  /** Called for each dispatch that has returned from a worker, for traces. */
  readonly onDispatch?: (dispatch: Dispatch) => void;
}

/** What `up` takes beside the options of every run. */
export interface UpOptions extends RunOptions {
  /** How long to wait for nodes that do not run yet, in milliseconds. Default 0. */
  readonly waitMs?: number;
}

/** Loads a configuration. It only reads files. Throws E_CONFIG, which has every fault, and E_USAGE. */
export async function load(
  what: Request | Configuration = {},
  options: Pick<RunOptions, 'emit'> = {},
): Promise<Topology> {
  return await files.load(completed(what), ioOf(options).emit);
}

/**
 * Makes the links of a lab. Links that fail are in the summary. If nothing could be tried, throws E_CONFIG, E_USAGE, E_PRIVILEGE,
 * E_ENGINE, E_CLASH, E_LOCKED… or E_INTERRUPTED. Needs CAP_SYS_ADMIN and CAP_NET_ADMIN.
 */
export async function up(what: Request | Configuration = {}, options: UpOptions = {}): Promise<Summary> {
  return await making.up(completed(what), options.waitMs ?? 0, ioOf(options));
}

/** Plans what `up` would do, and changes nothing. Throws and needs what `up` does. */
export async function plan(what: Request | Configuration = {}, options: RunOptions = {}): Promise<planning.Foreseen> {
  return await planning.plan(completed(what), ioOf(options));
}

/** Plans what `up` would do on an empty kernel. Needs no privilege. Throws E_CONFIG and E_USAGE. */
export async function planOffline(
  what: Request | Configuration = {},
  options: Pick<RunOptions, 'emit'> = {},
): Promise<planning.Foreseen> {
  return await planning.planOffline(completed(what), ioOf(options).emit);
}

/**
 * Compares each link as wanted with each link as it is. For the name of a lab, shows what exists of that lab, with nothing to
 * compare it with. Throws and needs what `up` does.
 */
export async function status(
  what: Request | Configuration | string = {},
  options: RunOptions = {},
): Promise<StatusReport> {
  if (typeof what === 'string') return await statusOfLab(what, completed({}), ioOf(options).emit);
  return await looking.status(completed(what), ioOf(options));
}

/** What `verify` takes beside the options of every run. */
export interface VerifyOptions extends RunOptions {
  /** `NODE:DEV`, globs of it, `bridge/NAME`. Default: all links. */
  readonly only?: readonly string[];
  /** How long to probe at most, in milliseconds. Default 60,000. */
  readonly timeoutMs?: number;
}

/**
 * Proves by probes that each wire goes where it should. For the name of a lab, that what exists of it carries frames. Links at fault
 * are in the result. Throws what `up` does, and E_NODE_MISSING; needs CAP_NET_RAW too.
 */
export async function verify(what: Request | Configuration | string = {}, options: VerifyOptions = {}): Promise<Proof> {
  const how = { links: options.only ?? [], timeoutMs: options.timeoutMs ?? 60_000 };
  if (typeof what === 'string') return await verifyByMarks(what, completed({}), how, ioOf(options));
  return await proving.verify(completed(what), how, ioOf(options));
}

/**
 * What happens to a lab, until `signal` aborts: seen in the kernel, heard from engines, and, unless it is given by its name alone,
 * compared with its configuration. Throws E_CONFIG, E_USAGE, E_ENGINE and E_PRIVILEGE. Needs CAP_NET_BROADCAST beside what `up` needs.
 */
export async function* events(
  what: Request | Configuration | string,
  options: Pick<RunOptions, 'emit'> & { readonly signal: AbortSignal },
): AsyncGenerator<LabEvent, void, void> {
  const { signal } = options;
  const request = completed(typeof what === 'string' ? { lab: what } : what);
  await using watch = await LabWatch.open(request, { emit: ioOf(options).emit, signal });
  yield* watch.log.follow({ after: 0, signal });
}

/** Removes a lab, by its name alone. What can't be removed is in the summary. Throws E_PRIVILEGE and E_LOCKED. */
export async function down(lab: string, options: RunOptions & Pick<Request, 'workers'> = {}): Promise<Summary> {
  return await removing.down(lab, completed({ workers: options.workers ?? DEFAULT_WORKERS }), ioOf(options));
}

function ioOf({ emit, signal, links, onDispatch }: RunOptions): Io {
  return { emit: emit ?? (() => {}), signal: signal ?? null, links, ...(onDispatch && { onDispatch }) };
}

/** All keys of a request. An unknown key is refused, since it would be ignored silently. */
const KEYS: Readonly<Record<keyof Request, true>> = {
  ...{ files: true, networkFiles: true, composeFiles: true, config: true, lab: true, composeProject: true },
  ...{ profiles: true, envFiles: true, cwd: true, env: true, defaultBridgeMode: true, defaultMtuBytes: true },
  ...{ keepVethOffload: true, side: true, workers: true, dockerSocket: true, podmanSocket: true },
  ...{ prune: true, rerunCommands: true, preflight: true },
};

/** Keys that a configuration has and a request does not. */
const SECTIONS = ['links', 'bridges', 'tunnels', 'commands'] as const;

function isConfiguration(what: Request | Configuration): what is Configuration {
  return SECTIONS.some((section) => section in what);
}

function requestIn(what: Request | Configuration): Request {
  if (isConfiguration(what)) return { config: what };
  const unknown = Object.keys(what).find((key) => !Object.hasOwn(KEYS, key));
  if (unknown === undefined) return what;
  throw new LinkloomError('E_USAGE', `a request has no '${unknown}'`, {
    hint: `it has ${Object.keys(KEYS).join(', ')}`,
  });
}

function completed(what: Request | Configuration): Completed {
  const request = requestIn(what);
  const { config, env = process.env } = request;
  const text = config === undefined ? undefined : JSON.stringify(config, null, 2);
  return {
    load: {
      cwd: request.cwd ?? process.cwd(),
      env,
      files: [...(request.files ?? []), ...(text === undefined ? [] : ['-'])],
      ...(text !== undefined && { readStdin: async () => Buffer.from(text) }),
      networkFiles: request.networkFiles,
      composeFiles: request.composeFiles,
      lab: request.lab,
      composeProject: request.composeProject,
      profiles: request.profiles,
      envFiles: request.envFiles,
    },
    defaults: {
      defaultBridgeMode: request.defaultBridgeMode,
      defaultMtuBytes: request.defaultMtuBytes,
      keepVethOffload: request.keepVethOffload,
      haveOpenvswitch: null,
    },
    side: request.side ?? 'auto',
    workers: request.workers ?? DEFAULT_WORKERS,
    sockets: socketsToTry(request, env),
    prune: request.prune ?? false,
    rerunCommands: request.rerunCommands ?? false,
    preflight: request.preflight ?? true,
  };
}
