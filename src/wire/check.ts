/** Messages to and from the checker's thread, which sends echo requests and opens connections in many namespaces at once. */
import type { NsId } from '../net/ns-id.ts';
import type { OpFailure } from './failure.ts';

interface AnyTry {
  /** By which its outcome is known. */
  readonly id: number;
  readonly ns: NsId;
  /** An address without a length. */
  readonly to: string;
  readonly timeoutMs: number;
}

/** One echo request of ICMP. */
export interface EchoTry extends AnyTry {
  readonly kind: 'echo';
  /** The address that it is sent from. null: the kernel chooses. */
  readonly source: string | null;
  /** Behind the header of ICMP. */
  readonly dataBytes: number;
  readonly dontFragment: boolean;
}

/** One connection of TCP. */
export interface ConnectTry extends AnyTry {
  readonly kind: 'connect';
  readonly port: number;
  /** Whether the connection is wanted: its descriptor is the asker's then, and left open. */
  readonly isKept: boolean;
}

export type CheckTry = EchoTry | ConnectTry;

export type CheckOrder = { readonly order: 'try'; readonly tries: readonly CheckTry[] } | { readonly order: 'close' };

/** What ICMP says of a packet that did not get there. */
export type IcmpWord =
  | 'no-route'
  | 'no-neighbour'
  | 'no-port'
  | 'no-protocol'
  | 'too-large'
  | 'prohibited'
  | 'expired'
  | 'unreachable';

export type CheckOutcome = { readonly id: number } & (
  | {
      readonly outcome: 'answered';
      readonly tookMs: number /** Of a connection that is kept. */;
      readonly fd: number | null;
    }
  | { readonly outcome: 'silent' }
  /** The kernel of the node itself, or the other end, refuses: errno by name. */
  | { readonly outcome: 'refused'; readonly errnoName: string }
  /** A router, or the node, says why by ICMP. `by` null: it is not known who. */
  | { readonly outcome: 'unreachable'; readonly why: IcmpWord; readonly by: string | null }
  /** It could not be tried. */
  | { readonly outcome: 'failed'; readonly failure: OpFailure }
);
