/** Signals to a verb: the first asks it to come to an end in good order, the second ends the process at once. */
import { EXIT } from '../errors.ts';
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
}

/** Listen until disposed of. `promise` says, for people, what happens after the first signal: `the batch is finished`. */
export function onInterrupt(context: Context, emit: Emit, promise: string): Interrupt {
  const controller = new AbortController();
  const { stop } = context;
  const listener = (name: NodeJS.Signals): void => {
    const received: StopSignal = name === 'SIGTERM' ? 'SIGTERM' : 'SIGINT';
    if (stop.received !== null) context.exitNow(STOP_STATUS[received]);
    stop.received = received;
    emit({ type: 'notice', message: `${received}: ${promise}; a second signal stops at once` });
    controller.abort();
  };
  process.on('SIGINT', listener);
  process.on('SIGTERM', listener);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      process.off('SIGINT', listener);
      process.off('SIGTERM', listener);
    },
  };
}
