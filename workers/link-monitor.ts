import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { MonitorOrder, MonitorReport, MonitorStart } from '../src/wire/monitor.ts';
import { failureOf } from './failure.ts';
import * as libc from './libc.ts';
import { Listener } from './monitor/listener.ts';
import { ERRNO } from './netlink/errors.ts';
import { SystemFault } from './netlink/fault.ts';

/** fcntl.h, poll.h. */
const O_NONBLOCK = 0o4000;
const POLLIN = 1;

const wakeBytes = Buffer.alloc(64);

/**
 * The monitor's thread: sleeps in poll(2) until the kernel tells of a change, or a byte comes through the pipe whose
 * writing end it reports (`wakeFd`); then there is an order on the port. Ends on the order to, or when it can't go on.
 */
function main(): void {
  const [wakeFd, wakerFd] = libc.pipe2(libc.O_CLOEXEC | O_NONBLOCK);
  if (wakeFd < 0) throw new SystemFault('pipe', '', -wakeFd);
  try {
    using listener = new Listener(workerData as MonitorStart);
    report({ report: 'ready', wakeFd: wakerFd });
    while (wait(listener.fd, wakeFd)) {
      if (!obey(listener, wakeFd)) return;
      const changes = listener.take();
      if (changes === null) {
        report({ report: 'overrun' });
        listener.lookAgain();
      }
      const seen = listener.seen();
      if (changes?.length || seen.length > 0) report({ report: 'heard', changes: changes ?? [], seen });
    }
  } finally {
    libc.close(wakeFd);
    libc.close(wakerFd);
  }
}

function report(message: MonitorReport): void {
  parentPort?.postMessage(message);
}

function wait(...fds: readonly number[]): boolean {
  const polled = Buffer.alloc(fds.length * 8);
  fds.forEach((fd, at) => {
    polled.writeInt32LE(fd, at * 8);
    polled.writeInt16LE(POLLIN, at * 8 + 4);
  });
  const ready = libc.poll(polled, -1);
  if (ready < 0 && ready !== -ERRNO.EINTR) throw new SystemFault('poll', '', -ready);
  return true;
}

/** Carries out the orders that wait; false: to end. */
function obey(listener: Listener, wakeFd: number): boolean {
  while (libc.read(wakeFd, wakeBytes) > 0);
  if (parentPort === null) return false;
  for (;;) {
    const received = receiveMessageOnPort(parentPort) as { readonly message: MonitorOrder } | undefined;
    if (received === undefined) return true;
    const { message } = received;
    if (message.order === 'end') return false;
    for (const { ns, failure } of listener.listen(message.namespaces)) report({ report: 'deaf', ns, failure });
  }
}

try {
  main();
} catch (error) {
  report({ report: 'deaf', ns: null, failure: failureOf(null, error) });
}
