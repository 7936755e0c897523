/**
 * Handles signals: the first one asks a verb to end in good order, the second one ends the process at once. The end of the time that a
 * verb may take asks for the same.
 */
import { setMaxListeners } from 'node:events';
import { EXIT, LinkloomError } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Context, StopSignal } from './verb.ts';

/** The exit status of each signal: 128 and the signal's number. */
const STOP_STATUS: Readonly<Record<StopSignal, number>> = {
  SIGINT: EXIT.interrupted,
  SIGTERM: EXIT.terminated,
};

export interface Interrupt extends Disposable {
  /** Aborts at the first signal, and when the time is over. */
  readonly signal: AbortSignal;
  /**
   * Runs `work`, whose `emit` learns when the configuration is loaded. Until then a signal rejects with E_INTERRUPTED at once,
   * since loading may wait for others (standard input, an engine) and there is nothing to finish. Work that was given up must begin
   * nothing more: `signal` is aborted. Where the time is over, it rejects with E_TIMEOUT in place of E_INTERRUPTED.
   */
  readonly whileLoading: <T>(work: (emit: Emit) => Promise<T>) => Promise<T>;
}

export interface Hangups extends Disposable {
  /** Calls `listener` on every SIGHUP from now on, and at once if one came before. */
  readonly listen: (listener: () => void) => void;
}

/** Catches SIGHUP from now on, so that it does not end the process. */
export function onHangup(): Hangups {
  let wasHeard = false;
  let tell = (): void => {
    wasHeard = true;
  };
  const heard = (): void => tell();
  process.on('SIGHUP', heard);
  return {
    listen: (listener) => {
      tell = listener;
      if (wasHeard) listener();
    },
    [Symbol.dispose]: () => {
      process.off('SIGHUP', heard);
    },
  };
}

export interface InterruptOptions {
  /** How long the verb may take, from now on. Default: without end. */
  readonly timeoutS?: number | undefined;
  /** What a second signal does. `end`: it ends the process. `ignore`: nothing, as what is under way must be done. Default `end`. */
  readonly second?: 'end' | 'ignore';
  /** Whether a signal is not for the verb: then nothing is done about it. Default: none is. */
  readonly isOfOthers?: (name: StopSignal) => boolean;
  /** Called at each signal that counts. */
  readonly onSignal?: (name: StopSignal) => void;
}

/** Listens until it is disposed of. `promise` tells people what happens after the first signal: `the batch is finished`. */
export function onInterrupt(
  context: Context,
  emit: Emit,
  promise: string,
  { timeoutS, second = 'end', isOfOthers, onSignal }: InterruptOptions = {},
): Interrupt {
  const controller = new AbortController();
  // In a large lab many commands and waits listen to this signal.
  setMaxListeners(0, controller.signal);
  const { stop } = context;
  const time = { isOver: false };
  let giveUp: (() => void) | null = null;
  const end = (why: string): void => {
    if (giveUp === null) emit({ type: 'notice', message: why });
    controller.abort();
    giveUp?.();
  };
  const listener = (name: NodeJS.Signals): void => {
    const received: StopSignal = name === 'SIGTERM' ? 'SIGTERM' : 'SIGINT';
    if (isOfOthers?.(received)) return;
    onSignal?.(received);
    if (stop.received !== null && second === 'end') context.exitNow(STOP_STATUS[received]);
    if (stop.received !== null) return;
    stop.received = received;
    end(`${received}: ${promise}${second === 'end' ? '; a second signal stops at once' : ''}`);
  };
  const timer =
    timeoutS === undefined
      ? undefined
      : setTimeout(() => {
          time.isOver = stop.received === null;
          stop.isOutOfTime = time.isOver;
          end(`the ${timeoutS} s of --timeout are over: ${promise}`);
        }, timeoutS * 1000);
  timer?.unref();
  const whileLoading = async <T>(work: (emit: Emit) => Promise<T>): Promise<T> => {
    try {
      return await new Promise<T>((resolve, reject) => {
        giveUp = () => reject(new LinkloomError('E_INTERRUPTED', 'interrupted before anything was touched'));
        work((event) => {
          if (event.type === 'stage' && event.stage === 'load' && event.state === 'end') giveUp = null;
          emit(event);
        }).then(resolve, reject);
      });
    } catch (error) {
      throw time.isOver ? inTime(error, timeoutS ?? 0) : error;
    } finally {
      giveUp = null;
    }
  };
  process.on('SIGINT', listener);
  process.on('SIGTERM', listener);
  return {
    signal: controller.signal,
    whileLoading,
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      process.off('SIGINT', listener);
      process.off('SIGTERM', listener);
    },
  };
}

/** The error of work that the end of its time has interrupted. */
function inTime(error: unknown, timeoutS: number): unknown {
  if (!(error instanceof LinkloomError) || error.code !== 'E_INTERRUPTED') return error;
  return new LinkloomError('E_TIMEOUT', `the ${timeoutS} s of --timeout are over; ${error.message}`, {
    hint: error.hint ?? 'give it more seconds',
    cause: error,
  });
}
