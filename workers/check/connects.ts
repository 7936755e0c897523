import type { CheckOutcome, ConnectTry } from '../../src/wire/check.ts';
import { failureOf } from '../failure.ts';
import * as libc from '../libc.ts';
import { Namespace } from '../namespaces.ts';
import * as nl from '../netlink/constants.ts';
import { ERRNO, errnoName } from '../netlink/errors.ts';
import { SystemFault } from '../netlink/fault.ts';
import { HomeLost } from '../netns.ts';
import { AF_INET, AF_INET6, familyOf, socketAddress } from './address.ts';
import { SOCK_NONBLOCK } from './echo-socket.ts';

/** sys/socket.h, linux/in.h. */
const SOCK_STREAM = 1;
const IPPROTO_TCP = 6;
const SO_ERROR = 4;
/** Connections that are being opened at a time: descriptors are scarce. */
const OPENING_MAX = 512;

interface Opening {
  readonly one: ConnectTry;
  readonly fd: number;
  readonly begunMs: number;
}

/** Connections from many namespaces. */
export class Connects {
  readonly #opening = new Map<number, Opening>();
  readonly #tell: (outcome: CheckOutcome) => void;
  readonly #queue: ConnectTry[] = [];

  constructor(tell: (outcome: CheckOutcome) => void) {
    this.#tell = tell;
  }

  add(tries: readonly ConnectTry[]): void {
    this.#queue.push(...tries);
    this.#beginSome();
  }

  get isBusy(): boolean {
    return this.#opening.size > 0 || this.#queue.length > 0;
  }

  /** The sockets that are ready to be written to once they are connected, or are not to be. */
  openingFds(): readonly number[] {
    return [...this.#opening.keys()];
  }

  /** A socket is ready. */
  settle(fd: number): void {
    const opening = this.#opening.get(fd);
    if (opening === undefined) return;
    const errno = Buffer.alloc(4);
    libc.getsockopt(fd, nl.SOL_SOCKET, SO_ERROR, errno);
    this.#end(opening, errno.readInt32LE(0));
  }

  /** Gives up what has waited long enough. */
  expire(nowMs: number): void {
    for (const { one, fd, begunMs } of this.#opening.values()) {
      if (begunMs + one.timeoutMs > nowMs) continue;
      this.#opening.delete(fd);
      libc.close(fd);
      this.#tell({ id: one.id, outcome: 'silent' });
    }
    this.#beginSome();
  }

  [Symbol.dispose](): void {
    for (const fd of this.#opening.keys()) libc.close(fd);
    this.#opening.clear();
  }

  #beginSome(): void {
    while (this.#queue.length > 0 && this.#opening.size < OPENING_MAX) this.#begin(this.#queue.shift() as ConnectTry);
  }

  #begin(one: ConnectTry): void {
    try {
      using namespace = Namespace.open(one.ns);
      const fd = namespace.enter(() => tcpSocket(one.to));
      const opening: Opening = { one, fd, begunMs: performance.now() };
      const connected = libc.connect(fd, socketAddress(one.to, one.port));
      if (connected < 0 && connected !== -ERRNO.EINPROGRESS) return this.#end(opening, -connected);
      this.#opening.set(fd, opening);
    } catch (error) {
      if (error instanceof HomeLost) throw error;
      this.#tell({ id: one.id, outcome: 'failed', failure: failureOf(null, error) });
    }
  }

  #end({ one, fd, begunMs }: Opening, errno: number): void {
    this.#opening.delete(fd);
    const isKept = errno === 0 && one.isKept;
    if (!isKept) libc.close(fd);
    if (errno !== 0) return this.#tell({ id: one.id, outcome: 'refused', errnoName: errnoName(errno) });
    const tookMs = performance.now() - begunMs;
    this.#tell({ id: one.id, outcome: 'answered', tookMs, fd: isKept ? fd : null });
  }
}

/** Opens in the calling thread's present namespace. Throws SystemFault. */
function tcpSocket(to: string): number {
  const family = familyOf(to) === 4 ? AF_INET : AF_INET6;
  const fd = libc.socket(family, SOCK_STREAM | SOCK_NONBLOCK | nl.SOCK_CLOEXEC, IPPROTO_TCP);
  if (fd < 0) throw new SystemFault('socket', 'TCP', -fd);
  return fd;
}
