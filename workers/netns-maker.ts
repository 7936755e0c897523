import { workerData } from 'node:worker_threads';
import type { SparesStart } from '../src/wire/shared.ts';
import { SparePool } from './spares.ts';

/**
 * The thread that makes namespaces ahead, from the moment it is told how many, and ends when the spares is given up. If one
 * can't be made it ends as well: then who needs it makes it, and says why it can't.
 */
new SparePool((workerData as SparesStart).shared).fill();
