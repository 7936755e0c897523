/**
 * `check/` has the checks of a lab, with every default filled in and every text parsed.
 *
 * This file: their type.
 */
import type { CheckTarget } from '../../config/checks/target.ts';
import type { Span } from '../../errors.ts';

/** What must be true of a text. All of it. */
export interface Wanted {
  readonly contains: string | null;
  readonly lacks: string | null;
  /** The source of a regular expression with the flags `m` and `u`. */
  readonly matches: string | null;
}

export interface PingTry {
  readonly kind: 'ping';
  readonly count: number;
  /** Data behind the header of ICMP. */
  readonly dataBytes: number;
  readonly dontFragment: boolean;
}

export interface TcpTry {
  readonly kind: 'tcp';
  readonly port: number;
}

export interface HttpTry {
  readonly kind: 'http';
  readonly isSecure: boolean;
  readonly port: number;
  /** With the query. */
  readonly path: string;
  /** For the header `Host`. null: the address that is asked. */
  readonly host: string | null;
  /** null: any below 400. */
  readonly status: number | null;
  readonly body: Wanted;
}

export interface RunTry {
  readonly kind: 'run';
  readonly argv: readonly string[];
  readonly status: number;
  readonly output: Wanted;
}

export interface CheckSpec {
  /** As written, else what is tried, in words. No two checks of a lab have the same. */
  readonly name: string;
  /** Names and patterns. */
  readonly from: readonly string[];
  /** Empty for `run`. */
  readonly to: readonly CheckTarget[];
  readonly try: PingTry | TcpTry | HttpTry | RunTry;
  /** null: IPv4 where the target has it. */
  readonly family: 4 | 6 | null;
  readonly isReachable: boolean;
  readonly withinMs: number;
  /** How long it must hold without a break. */
  readonly forMs: number;
  readonly timeoutMs: number;
  readonly where: () => Span | undefined;
}
