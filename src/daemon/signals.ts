/** SIGTERM and SIGINT as an AbortSignal. */

export type StopSignalName = 'SIGINT' | 'SIGTERM';

export interface StopSignal extends Disposable {
  readonly signal: AbortSignal;
  /** Which one came first; null if none has. */
  received(): StopSignalName | null;
}

/**
 * From now on the first SIGTERM or SIGINT aborts `signal` instead of ending the process; a second one of the same
 * kind ends it as usual, for those who can't wait. Disposal restores what was before.
 */
export function catchStopSignals(): StopSignal {
  const controller = new AbortController();
  let first: StopSignalName | null = null;
  const listener = (name: StopSignalName) => (): void => {
    first ??= name;
    controller.abort();
  };
  const onInterrupt = listener('SIGINT');
  const onTerminate = listener('SIGTERM');
  process.once('SIGINT', onInterrupt);
  process.once('SIGTERM', onTerminate);
  return {
    signal: controller.signal,
    received: () => first,
    [Symbol.dispose]: () => {
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onTerminate);
    },
  };
}
