import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { MonitorOrder, MonitorReport, MonitorStart } from '../src/wire/monitor.ts';
import { failureOf } from './failure.ts';
import { Listener } from './monitor/listener.ts';
import { WakePipe, waitFor } from './waiting/waiting.ts';

/**
 * The monitor's thread: sleeps in poll(2) until the kernel tells of a change, or a byte comes through the pipe whose
 * writing end it reports (`wakeFd`); then there is an order on the port. Ends on the order to, or when it can't go on.
 */
function main(): void {
  using pipe = new WakePipe();
  using listener = new Listener(workerData as MonitorStart);
  report({ report: 'ready', wakeFd: pipe.wakerFd });
  for (;;) {
    waitFor([listener.fd, pipe.wakeFd], [], -1);
    const orders = obey(listener, pipe);
    if (orders === null) return;
    const changes = listener.take();
    if (changes === null) {
      report({ report: 'overrun' });
      listener.lookAgain();
    }
    const seen = listener.seen();
    if (changes?.length || seen.length > 0) report({ report: 'heard', changes: changes ?? [], seen });
    if (orders > 0) report({ report: 'listening', orders });
  }
}

function report(message: MonitorReport): void {
  parentPort?.postMessage(message);
}

/** Carries out the orders that wait. Returns how many those to listen were; null: to end. */
function obey(listener: Listener, pipe: WakePipe): number | null {
  pipe.drain();
  if (parentPort === null) return null;
  for (let orders = 0; ; orders++) {
    const received = receiveMessageOnPort(parentPort) as { readonly message: MonitorOrder } | undefined;
    if (received === undefined) return orders;
    const { message } = received;
    if (message.order === 'end') return null;
    for (const { ns, failure } of listener.listen(message.namespaces)) report({ report: 'deaf', ns, failure });
  }
}

try {
  main();
} catch (error) {
  report({ report: 'deaf', ns: null, failure: failureOf(null, error) });
}
