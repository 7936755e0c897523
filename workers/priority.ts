import { getPriority, setPriority } from 'node:os';
import { isMainThread } from 'node:worker_threads';
import * as libc from './libc.ts';

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

/** sched.h. */
const SCHED_OTHER = 0;
const SCHED_FIFO = 1;
const LEAST_OF_FIFO = 1;

/**
 * Runs something short before all usual threads of this CPU, those of the kernel too. Between two messages to devices the kernel's own
 * threads want the same lock: one that wakes takes the CPU of whoever has worked for a while, and then changes devices that are about to be
 * set. `run` must not start a program. Without CAP_SYS_NICE, or where the thread has another policy already, it is only run.
 */
export function beforeOthers<T>(run: () => T): T {
  if (libc.schedulingPolicy() !== SCHED_OTHER || libc.setSchedulingPolicy(SCHED_FIFO, LEAST_OF_FIFO) < 0) return run();
  try {
    return run();
  } finally {
    libc.setSchedulingPolicy(SCHED_OTHER, 0);
  }
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
