import { Worker, type WorkerOptions } from 'node:worker_threads';
import { resumeOptimising } from '../machine/optimising.ts';

/** Starts a thread of this process that is not from the pool. */
export function startThread(url: URL, options: WorkerOptions = {}): Worker {
  resumeOptimising();
  return new Worker(url, options);
}
