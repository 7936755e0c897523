import type { LinkConfig } from '../schema.ts';
import type { WireEnd } from './ends.ts';
import type { WireConfig } from './wire-schema.ts';

/** A wire whose ends are known. */
export interface Wire {
  /** As `wires:` takes it back: with the addresses that it was given, and ends that mean the same in any file. */
  readonly written: WireConfig;
  readonly ends: readonly [WireEnd, WireEnd];
  /** The link of each end, with all that it has from defaults and groups. */
  readonly links: readonly [LinkConfig, LinkConfig];
  /** Its broadcast domain: `wire-N`, N counted from 0 over all files. */
  readonly bridge: string;
  readonly mode: NonNullable<WireConfig['mode']>;
}
