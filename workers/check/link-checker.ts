import { parentPort } from 'node:worker_threads';
import type { CheckOrder, CheckOutcome, CheckTry, ConnectTry, EchoTry } from '../../src/wire/check.ts';
import * as libc from '../libc.ts';
import { Connects } from './connects.ts';
import { Echoes } from './echoes.ts';

/**
 * The checker's thread. It is not from the pool: it waits in poll(2) for answers, which would hold up the pool's other work. It waits
 * a short while at a time, and takes orders in between; what has come of tries is told in lists.
 */
const WAIT_SLICE_MS = 10;
/** poll.h. */
const POLLIN = 1;
const POLLOUT = 4;
const POLLFD_BYTES = 8;

const told: CheckOutcome[] = [];
const tell = (outcome: CheckOutcome): void => void told.push(outcome);
const echoes = new Echoes(tell);
const connects = new Connects(tell);
let isPumping = false;

function pump(): void {
  echoes.send();
  wait(echoes.canSend ? 0 : WAIT_SLICE_MS);
  const nowMs = performance.now();
  echoes.expire(nowMs);
  connects.expire(nowMs);
  report();
  if (echoes.isBusy || connects.isBusy) setImmediate(pump);
  else isPumping = false;
}

/** Waits for answers, and reads them. */
function wait(timeoutMs: number): void {
  const waiting = echoes.waitingFds();
  const opening = connects.openingFds();
  if (waiting.length + opening.length === 0) return;
  const polled = Buffer.alloc((waiting.length + opening.length) * POLLFD_BYTES);
  [...waiting, ...opening].forEach((fd, at) => {
    polled.writeInt32LE(fd, at * POLLFD_BYTES);
    polled.writeInt16LE(at < waiting.length ? POLLIN : POLLOUT, at * POLLFD_BYTES + 4);
  });
  if (libc.poll(polled, timeoutMs) <= 0) return;
  echoes.receive();
  opening.forEach((fd, nth) => {
    const at = (waiting.length + nth) * POLLFD_BYTES;
    if (polled.readInt16LE(at + 6) !== 0) connects.settle(fd);
  });
}

function report(): void {
  if (told.length > 0) parentPort?.postMessage(told.splice(0));
}

parentPort?.on('message', (order: CheckOrder) => {
  if (order.order === 'close') {
    echoes[Symbol.dispose]();
    connects[Symbol.dispose]();
    // What still waits is nobody's any more.
    process.exit();
  }
  echoes.add(order.tries.filter((one): one is EchoTry => isEcho(one)));
  connects.add(order.tries.filter((one): one is ConnectTry => !isEcho(one)));
  report();
  if (isPumping) return;
  isPumping = true;
  setImmediate(pump);
});

function isEcho({ kind }: CheckTry): boolean {
  return kind === 'echo';
}
