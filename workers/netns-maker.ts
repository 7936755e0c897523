import { workerData } from 'node:worker_threads';
import type { SparesStart } from '../src/wire/shared.ts';
import { SparePool } from './spares.ts';

/**
 * The thread that fills the pool of spare namespaces. It begins when it is told how many are needed, and ends when the pool is closed.
 * It also ends if a namespace can't be made: the worker that needs one then tries itself, and reports why it can't.
 */
new SparePool((workerData as SparesStart).shared).fill();
