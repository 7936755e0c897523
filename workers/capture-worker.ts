import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { CaptureOrder, CaptureReport, CaptureStart } from '../src/wire/capture.ts';
import { Capture } from './capture/capture.ts';
import { POLLERR, POLLHUP, POLLIN } from './capture/constants.ts';
import { failureOf } from './failure.ts';
import * as libc from './libc.ts';
import { ERRNO } from './netlink/errors.ts';
import { SystemFault } from './netlink/fault.ts';
import { preferThisThread } from './priority.ts';

/** fcntl.h. */
const O_NONBLOCK = 0o4000;

const wakeBytes = Buffer.alloc(64);

/**
 * The capturing thread: sleeps in poll(2) until a ring has packets, or a byte comes through the pipe whose writing end it reports
 * (`wakeFd`); then there is an order on the port. Ends on the order to, with the last packet that is wanted, or when it can't go on.
 */
function main(): void {
  const start = workerData as CaptureStart;
  const [wakeFd, wakerFd] = libc.pipe2(libc.O_CLOEXEC | O_NONBLOCK);
  if (wakeFd < 0) throw new SystemFault('pipe', '', -wakeFd);
  try {
    using capture = new Capture(start, post);
    post({ report: 'ready', wakeFd: wakerFd, taps: start.taps.map((tap) => capture.open(tap)) }, []);
    let readerFds = start.readerFd === null ? [] : [start.readerFd];
    for (;;) {
      const { fds, timeoutMs } = capture.waits();
      const woken = wait([wakeFd, ...fds], readerFds, timeoutMs);
      if (readerFds.some((fd) => woken.has(fd))) {
        readerFds = [];
        post({ report: 'readerGone' }, []);
      }
      obey(capture, wakeFd);
      if (!capture.step(woken, performance.now())) return;
    }
  } finally {
    libc.close(wakeFd);
    libc.close(wakerFd);
  }
}

function post(report: CaptureReport, transfer: readonly ArrayBuffer[]): void {
  parentPort?.postMessage(report, transfer);
}

/** Waits until one of `fds` can be read or one of `watched` has lost its other end. Returns those with an error, which all others are to be examined for. */
function wait(fds: readonly number[], watched: readonly number[], timeoutMs: number): ReadonlySet<number> {
  const all = [...fds, ...watched];
  const polled = Buffer.alloc(all.length * 8);
  all.forEach((fd, at) => {
    polled.writeInt32LE(fd, at * 8);
    polled.writeInt16LE(at < fds.length ? POLLIN : 0, at * 8 + 4);
  });
  const ready = libc.poll(polled, timeoutMs);
  if (ready < 0 && ready !== -ERRNO.EINTR) throw new SystemFault('poll', '', -ready);
  if (ready <= 0) return new Set();
  return new Set(all.filter((_, at) => polled.readInt16LE(at * 8 + 6) & (POLLERR | POLLHUP)));
}

function obey(capture: Capture, wakeFd: number): void {
  while (libc.read(wakeFd, wakeBytes) > 0);
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
