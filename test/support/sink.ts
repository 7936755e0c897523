/** Makes a stream for reporters that keeps what is written to it. */
import { painter, type Sink } from '../../src/report/output.ts';

export interface FakeSink extends Sink {
  readonly text: () => string;
}

export function fakeSink(options: { tty?: boolean; columns?: number; rows?: number; colour?: boolean } = {}): FakeSink {
  let text = '';
  return {
    write: (piece) => {
      text += typeof piece === 'string' ? piece : Buffer.from(piece).toString('utf8');
    },
    send: async (piece) => {
      text += Buffer.from(piece).toString('utf8');
      return true;
    },
    isTTY: options.tty ?? false,
    columns: () => options.columns ?? 80,
    rows: () => options.rows ?? 24,
    isOpen: () => true,
    ended: new AbortController().signal,
    paint: painter(options.colour ?? false),
    text: () => text,
  };
}

/** A clock that moves only when it is advanced. */
export function fakeClock(): { now: () => number; advance: (ms: number) => void } {
  let nowMs = 1000;
  return {
    now: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
  };
}
