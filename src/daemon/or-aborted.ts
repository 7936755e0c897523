/** Waits for an answer that may never come (an engine can hang), but no longer than the daemon runs. */

/** Resolves with the result of `work`, or with null once the signal has aborted. Rejects if `work` rejects before that. */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  work.catch(() => {});
  if (signal.aborted) return null;
  let onAbort = (): void => {};
  const aborted = new Promise<null>((resolve) => {
    onAbort = () => resolve(null);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
