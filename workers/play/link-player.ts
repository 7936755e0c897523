import { parentPort, workerData } from 'node:worker_threads';
import type { PlayerOrder, PlayerStart } from '../../src/wire/play.ts';
import { preferThisThread } from '../priority.ts';
import { Player } from './player.ts';

/**
 * The thread that plays timelines. It is not from the pool, since it sleeps between its cues. It carries out one cue after another,
 * answers each, and ends after `close`. If it can't return to its own namespace, it ends at once.
 */
preferThisThread();
const player = new Player((workerData as PlayerStart).stop);

parentPort?.on('message', (order: PlayerOrder) => {
  if (order.order === 'close') parentPort?.close();
  else parentPort?.postMessage(player.perform(order));
});
