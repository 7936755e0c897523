import { parentPort, workerData } from 'node:worker_threads';
import type { ReaderReport, ReaderWatchStart } from '../../src/wire/reader.ts';
import { failureOf } from '../failure.ts';
import { WakePipe, waitFor } from './waiting.ts';

/** The thread that sleeps until the reader of a pipe or a socket has gone, or until it is woken. */
function main(): void {
  const { fd } = workerData as ReaderWatchStart;
  using pipe = new WakePipe();
  report({ report: 'ready', wakeFd: pipe.wakerFd });
  if (waitFor([pipe.wakeFd], [fd], -1).has(fd)) report({ report: 'readerGone' });
}

function report(message: ReaderReport): void {
  parentPort?.postMessage(message);
}

try {
  main();
} catch (error) {
  report({ report: 'failed', failure: failureOf(null, error) });
}
