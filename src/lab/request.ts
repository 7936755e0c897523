/** What a run on a lab is asked to do, and where it tells what happens. */
import type { LoadRequest } from '../config/load.ts';
import type { Dispatch, Emit, LinkListener } from '../events.ts';
import type { SwitchSide } from '../plan/switch/placement.ts';
import type { EngineSockets } from '../runtime/connect.ts';
import type { NormaliseOptions } from '../topology/normalise.ts';
import type { Topology } from '../topology/topology.ts';

/** What a run is asked to do: where the configuration is, what it does not say, and how to reach things. */
export interface Request {
  readonly load: LoadRequest;
  readonly defaults: Omit<NormaliseOptions, 'lab'>;
  /** Where the switch side lives; `auto`: our own namespace in a container that serves container nodes, else namespaces made for it. */
  readonly side: SwitchSide | 'auto';
  /** Remove also what other files made of the lab, and these do not describe. Default false: it stays, and is told. */
  readonly prune?: boolean;
  /** Whether it is looked first whether the lab fits on this machine. Default true. */
  readonly preflight?: boolean;
  /** Whether the process does nothing but this, so that V8 may be told how to run. Default false. */
  readonly isOwnProcess?: boolean;
  /** Whether it works for the host itself, though it may run in a container of its own, as the agent of a host does. Default false. */
  readonly ofHost?: boolean;
  /** Worker threads. */
  readonly workers: number;
  readonly sockets: EngineSockets;
  /** Take back what was set by hand. Default false. */
  readonly reset?: boolean;
  /** Run the commands of all nodes again, not only of those whose links are made. Default false. */
  readonly rerunCommands?: boolean;
  /** Takes the part of the topology that is to be made here. Default: all of it. */
  readonly cut?: (topology: Topology) => Topology;
}

/** Where a run tells what happens, and hears that it is to stop. */
export interface Io {
  readonly emit: Emit;
  readonly signal: AbortSignal | null;
  /** Hears what becomes of each link; absent: nobody does, and it costs nothing. */
  readonly links?: LinkListener | undefined;
  /** Told of each dispatch to a worker that came back, for traces. */
  readonly onDispatch?: (dispatch: Dispatch) => void;
}

/** The default number of workers: one kernel lock leaves more of them nothing to do but to fight for it (measured: bench/README.md). */
export const DEFAULT_WORKERS = 1;
