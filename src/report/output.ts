/**
 * `report/` turns events and results into bytes. No other folder writes to the standard streams: data goes to standard output,
 * everything else to standard error. It decides nothing and does not use the kernel.
 *
 * This file: the interface of the two streams, so that tests can use streams of their own.
 */
import { styleText } from 'node:util';

export type Format = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** One standard stream. */
export interface Sink {
  /** Writes. Never throws: text is dropped if the stream's reader is gone, or as far as it does not fit on a full disk. */
  readonly write: (text: string | Uint8Array) => void;
  /** Writes, and resolves once that is done: false if the reader is gone or the disk is full. Never rejects. */
  readonly send: (bytes: Uint8Array) => Promise<boolean>;
  readonly isTTY: boolean;
  /** Current width in cells; 80 where there is no terminal. */
  readonly columns: () => number;
  /** Current height in lines; 24 where there is no terminal. */
  readonly rows: () => number;
  /** Whether anybody may still read it: false after a write that found that its reader is gone. */
  readonly isOpen: () => boolean;
  /** Aborts with the first write that failed: its reader is gone, or the disk is full. What never ends by itself ends with it. */
  readonly ended: AbortSignal;
  /** Colours the text, if colours are wanted on this stream. */
  readonly paint: (format: Format, text: string) => string;
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Whether colours are wanted: `FORCE_COLOR` (any value but `0` and `false`) says yes, a non-empty `NO_COLOR` or
 * `NODE_DISABLE_COLORS` says no, `TERM=dumb` says no, else a terminal says yes (no-color.org, tty.WriteStream.hasColors).
 */
export function wantsColour(isTTY: boolean, env: Env): boolean {
  const force = env['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  if (env['NO_COLOR'] || env['NODE_DISABLE_COLORS'] || env['TERM'] === 'dumb') return false;
  return isTTY;
}

/** One of the process's own streams. */
export interface ProcessSink extends Sink {
  /** The first error that lost output (ENOSPC, EIO…); null: none. A reader that went away is no error. */
  readonly lost: () => NodeJS.ErrnoException | null;
}

/**
 * Wraps a process stream. If the reader goes away (`| head`), the output ends without an error and the work goes on. While a disk
 * is full, lines are lost; later lines are written again once there is room. Node.js takes milliseconds to make the stream, so `open`
 * is called when there is something to write, or at once where it may be a terminal.
 */
export function sinkOf(open: () => NodeJS.WriteStream, mayBeTerminal: boolean, env: Env): ProcessSink {
  let isOpen = true;
  let lost: NodeJS.ErrnoException | null = null;
  let ended: AbortController | null = null;
  let opened: NodeJS.WriteStream | null = null;
  const onError = (error: NodeJS.ErrnoException): void => {
    if (error.code === 'EPIPE') isOpen = false;
    else lost ??= error;
    ended ??= new AbortController();
    ended.abort();
  };
  const stream = (): NodeJS.WriteStream => {
    opened ??= open().on('error', onError);
    return opened;
  };
  const isTTY = mayBeTerminal && stream().isTTY === true;
  return {
    write: (text) => {
      if (isOpen) stream().write(text);
    },
    send: (bytes) =>
      new Promise((resolve) => {
        if (isOpen) stream().write(bytes, (error) => resolve(error == null));
        else resolve(false);
      }),
    lost: () => lost,
    isOpen: () => isOpen,
    get ended() {
      ended ??= new AbortController();
      return ended.signal;
    },
    isTTY,
    columns: () => stream().columns || 80,
    rows: () => stream().rows || 24,
    paint: painter(wantsColour(isTTY, env)),
  };
}

/** Colours text, or leaves it as it is. `validateStream` is off because Node would check another stream than this one. */
export function painter(colour: boolean): Sink['paint'] {
  return colour ? (format, text) => styleText(format, text, { validateStream: false }) : (_format, text) => text;
}
