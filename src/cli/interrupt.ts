/** Handles signals: the first one asks a verb to end in good order, the second one ends the process at once. */
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
  /** Aborts at the first signal. */
  readonly signal: AbortSignal;
  /**
   * Runs `work`, whose `emit` learns when the configuration is loaded. Until then a signal rejects with E_INTERRUPTED at once,
   * since loading may wait for others (standard input, an engine) and there is nothing to finish. Work that was given up must begin
   * nothing more: `signal` is aborted.
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

/** Listens until it is disposed of. `promise` tells people what happens after the first signal: `the batch is finished`. */
export function onInterrupt(context: Context, emit: Emit, promise: string): Interrupt {
  const controller = new AbortController();
  // In a large lab many commands and waits listen to this signal.
  setMaxListeners(0, controller.signal);
  const { stop } = context;
  let giveUp: (() => void) | null = null;
  const listener = (name: NodeJS.Signals): void => {
    const received: StopSignal = name === 'SIGTERM' ? 'SIGTERM' : 'SIGINT';
    if (stop.received !== null) context.exitNow(STOP_STATUS[received]);
    stop.received = received;
    if (giveUp === null) emit({ type: 'notice', message: `${received}: ${promise}; a second signal stops at once` });
    controller.abort();
    giveUp?.();
  };
  const whileLoading = <T>(work: (emit: Emit) => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      giveUp = () => reject(new LinkloomError('E_INTERRUPTED', 'interrupted before anything was touched'));
      work((event) => {
        if (event.type === 'stage' && event.stage === 'load' && event.state === 'end') giveUp = null;
        emit(event);
      }).then(resolve, reject);
    });
  process.on('SIGINT', listener);
  process.on('SIGTERM', listener);
  return {
    signal: controller.signal,
    whileLoading,
    [Symbol.dispose]: () => {
      process.off('SIGINT', listener);
      process.off('SIGTERM', listener);
    },
  };
}
