/**
 * `report/` turns events and results into bytes, and is the only room that writes to the standard
 * streams: data to standard output, all else to standard error. It decides nothing and knows no kernel.
 *
 * This file: the two streams as the rest sees them, so that a test can give its own.
 */
import { styleText } from 'node:util';

export type Format = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** One standard stream. */
export interface Sink {
  /** Never throws; a stream whose reader is gone swallows what is written, and one on a full disk what does not fit. */
  readonly write: (text: string | Uint8Array) => void;
  readonly isTTY: boolean;
  /** Current width in cells; 80 where there is no terminal. */
  readonly columns: () => number;
  /** Current height in lines; 24 where there is no terminal. */
  readonly rows: () => number;
  /** Colour the text, where colours are wanted on this stream. */
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
  /** The first error by which something was lost (ENOSPC, EIO…); null: none. A reader that went away is no error. */
  readonly lost: () => NodeJS.ErrnoException | null;
}

/**
 * Wrap a process stream. A reader that goes away (`| head`) ends the output quietly, not the work. A disk that is full for a
 * while costs the lines of that while: what comes later is tried again.
 */
export function sinkOf(stream: NodeJS.WriteStream, env: Env): ProcessSink {
  let open = true;
  let lost: NodeJS.ErrnoException | null = null;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') open = false;
    else lost ??= error;
  });
  const isTTY = stream.isTTY === true;
  return {
    write: (text) => {
      if (open) stream.write(text);
    },
    lost: () => lost,
    isTTY,
    columns: () => stream.columns || 80,
    rows: () => stream.rows || 24,
    paint: painter(wantsColour(isTTY, env)),
  };
}

/** `validateStream` is off: whether this stream wants colours is already known, and Node would ask another stream. */
export function painter(colour: boolean): Sink['paint'] {
  return colour ? (format, text) => styleText(format, text, { validateStream: false }) : (_format, text) => text;
}
