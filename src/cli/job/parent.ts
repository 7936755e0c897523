/** A run does not outlive the process that has started it, as nobody would wait for it. */

/** Between two looks. */
const LOOK_MS = 200;

/** Calls `gone` once the parent of this process is another one, as the kernel does when the first has died. */
export function watchParent(gone: () => void): Disposable {
  const { ppid } = process;
  const timer = setInterval(() => {
    if (process.ppid === ppid) return;
    clearInterval(timer);
    gone();
  }, LOOK_MS);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
