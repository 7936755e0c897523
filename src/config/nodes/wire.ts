import type { LinkConfig } from '../schema.ts';
import type { WireEnd } from './ends.ts';
import type { WireConfig } from './wire-schema.ts';

/** A wire whose ends are resolved. */
export interface Wire {
  /** The wire as `wires:` would take it: with its addresses, and with ends that mean the same in any file. */
  readonly written: WireConfig;
  readonly ends: readonly [WireEnd, WireEnd];
  /** The link of each end, with its defaults and groups. */
  readonly links: readonly [LinkConfig, LinkConfig];
  /** Its broadcast domain: `wire-N`, N counted from 0 over all files. */
  readonly bridge: string;
  readonly mode: NonNullable<WireConfig['mode']>;
}
