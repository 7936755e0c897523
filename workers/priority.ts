import { getPriority, setPriority } from 'node:os';
import { isMainThread } from 'node:worker_threads';

/** In steps of nice(2). */
const PREFERRED = -10;
const USUAL = 0;

/** Whether this thread was given another priority. */
let isPreferred = false;

/**
 * A worker holds a lock of the whole kernel most of its time, and who takes its CPU away holds up all that wait for it:
 * foremost the compiler threads of the JavaScript engine, which the scheduler likes to wake right there. Without
 * CAP_SYS_NICE, or where the program was started with another priority on purpose, it stays as it is. A main thread is not a
 * worker, whoever imports this.
 */
export function preferThisThread(): void {
  if (!isMainThread && getPriority(0) === USUAL) isPreferred = change(PREFERRED);
}

/** Runs what starts a program: it would inherit the thread's priority, and keep it. */
export function atUsualPriority<T>(start: () => T): T {
  if (!isPreferred) return start();
  change(USUAL);
  try {
    return start();
  } finally {
    change(PREFERRED);
  }
}

/** Pid 0 is the calling thread alone (setpriority(2)). */
function change(priority: number): boolean {
  try {
    setPriority(0, priority);
    return true;
  } catch {
    return false;
  }
}
