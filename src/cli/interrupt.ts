/** Signals to a verb: the first asks it to come to an end in good order, the second ends the process at once. */
import { EXIT } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Context } from './verb.ts';

export type StopSignal = 'SIGINT' | 'SIGTERM';

/** The exit status that says which signal it was: 128 and its number. */
export const STOP_STATUS: Readonly<Record<StopSignal, number>> = {
  SIGINT: EXIT.interrupted,
  SIGTERM: EXIT.terminated,
};

export interface Interrupt extends Disposable {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** Which signal it was; null as long as none came. */
  readonly received: () => StopSignal | null;
}

/** Listen until disposed of. `promise` says, for people, what happens after the first signal: `the batch is finished`. */
export function onInterrupt(context: Context, emit: Emit, promise: string): Interrupt {
  const controller = new AbortController();
  let received: StopSignal | null = null;
  const listener = (name: NodeJS.Signals): void => {
    const stop: StopSignal = name === 'SIGTERM' ? 'SIGTERM' : 'SIGINT';
    if (received !== null) context.exitNow(STOP_STATUS[stop]);
    received = stop;
    emit({ type: 'notice', message: `${stop}: ${promise}; a second one stops at once` });
    controller.abort();
  };
  process.on('SIGINT', listener);
  process.on('SIGTERM', listener);
  return {
    signal: controller.signal,
    received: () => received,
    [Symbol.dispose]: () => {
      process.off('SIGINT', listener);
      process.off('SIGTERM', listener);
    },
  };
}
