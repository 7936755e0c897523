/** Signals to a verb: the first asks it to come to an end in good order, the second ends the process at once. */
import { setMaxListeners } from 'node:events';
import { EXIT, LinkloomError } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Context, StopSignal } from './verb.ts';

/** The exit status that says which signal it was: 128 and its number. */
const STOP_STATUS: Readonly<Record<StopSignal, number>> = {
  SIGINT: EXIT.interrupted,
  SIGTERM: EXIT.terminated,
};

export interface Interrupt extends Disposable {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /**
   * What `work` gives, which tells its `emit` when its configuration is loaded. Until then a signal rejects with E_INTERRUPTED at
   * once: loading may wait for others (standard input, an engine), and there is nothing to finish. Work that was given up must
   * begin nothing more: `signal` is aborted.
   */
  readonly whileLoading: <T>(work: (emit: Emit) => Promise<T>) => Promise<T>;
}

export interface Hangups extends Disposable {
  /** Calls back on every SIGHUP from now on, and at once where one came before. */
  readonly listen: (listener: () => void) => void;
}

/** From now on SIGHUP does not end the process. */
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

/** Listen until disposed of. `promise` says, for people, what happens after the first signal: `the batch is finished`. */
export function onInterrupt(context: Context, emit: Emit, promise: string): Interrupt {
  const controller = new AbortController();
  // Every command and every wait of a large lab listens to it.
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
