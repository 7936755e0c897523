import type { TunnelSpec } from '../../topology/topology.ts';
import type { LinkDump } from '../../wire/seen.ts';

/** An end of a wire: the port of a link, or a tunnel. */
export interface WireEnd {
  /** `NODE:DEV`, or a tunnel's name. */
  readonly id: string;
  /** The device in the switch namespace. */
  readonly dev: string;
  /** The tunnel, if it goes through a trunk, whose device `dev` is then. Absent: the device is the end's own. */
  readonly trunk?: TunnelSpec;
}

export interface SeenEnd extends WireEnd {
  readonly place: number | undefined;
  /** The port as seen; undefined: the plan makes it. */
  readonly port: LinkDump | undefined;
}
