import { workerData } from 'node:worker_threads';
import type { StockStart } from '../src/wire/shared.ts';
import { Stock } from './stock.ts';

/**
 * The thread that makes namespaces ahead, from the moment it is told how many, and ends when the stock is given up. If one
 * can't be made it ends as well: then who needs it makes it, and says why it can't.
 */
new Stock((workerData as StockStart).shared).fill();
