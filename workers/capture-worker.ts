import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { CaptureOrder, CaptureReport, CaptureStart } from '../src/wire/capture.ts';
import { Capture } from './capture/capture.ts';
import { failureOf } from './failure.ts';
import { preferThisThread } from './priority.ts';
import { WakePipe, waitFor } from './waiting/waiting.ts';

/**
 * The capturing thread: sleeps in poll(2) until a ring has packets, or a byte comes through the pipe whose writing end it reports
 * (`wakeFd`); then there is an order on the port. Ends on the order to, with the last packet that is wanted, or when it can't go on.
 */
function main(): void {
  const start = workerData as CaptureStart;
  using pipe = new WakePipe();
  using capture = new Capture(start, post);
  post({ report: 'ready', wakeFd: pipe.wakerFd, ...capture.openAll(start.groups) }, []);
  let readerFds = start.readerFd === null ? [] : [start.readerFd];
  for (;;) {
    const { fds, timeoutMs } = capture.waits();
    const woken = waitFor([pipe.wakeFd, ...fds], readerFds, timeoutMs);
    if (readerFds.some((fd) => woken.has(fd))) {
      readerFds = [];
      post({ report: 'readerGone' }, []);
    }
    obey(capture, pipe);
    if (!capture.step(woken, performance.now())) return;
  }
}

function post(report: CaptureReport, transfer: readonly ArrayBuffer[]): void {
  parentPort?.postMessage(report, transfer);
}

function obey(capture: Capture, pipe: WakePipe): void {
  pipe.drain();
  if (parentPort === null) return;
  for (;;) {
    const received = receiveMessageOnPort(parentPort) as { readonly message: CaptureOrder } | undefined;
    if (received === undefined) return;
    const { message } = received;
    if (message.order === 'end') capture.end(performance.now());
    else post({ report: 'opened', tap: capture.open(message.tap) }, []);
  }
}

preferThisThread();
try {
  main();
} catch (error) {
  post({ report: 'failed', failure: failureOf(null, error) }, []);
}
