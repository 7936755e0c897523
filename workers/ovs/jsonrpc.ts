import { StringDecoder } from 'node:string_decoder';
import * as libc from '../libc.ts';
import { ERRNO } from '../netlink/errors.ts';
import { SystemFault } from '../netlink/fault.ts';
import { JsonFramer } from './framing.ts';

/** sys/socket.h. */
const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const SO_SNDTIMEO = 21;
const MSG_NOSIGNAL = 0x4000;
/** sizeof sun_path (unix(7)), with its NUL. */
const SUN_PATH_BYTES = 108;

/** A server that works on a large configuration answers late. The wait needs an end, since no other thread can stop it. */
const TIMEOUT_SECONDS = 30;

interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

/**
 * A connection to a JSON-RPC 1.0 server behind a unix socket. Calls block the thread. The path is reachable from every network
 * namespace.
 */
export class JsonRpc {
  readonly #fd: number;
  readonly #path: string;
  readonly #framer = new JsonFramer();
  readonly #decoder = new StringDecoder('utf8');
  readonly #received = Buffer.from(new ArrayBuffer(64 * 1024));
  readonly #waiting: string[] = [];
  #nextId = 1;

  /** Connects. Throws SystemFault `connect`, with ENOENT or ECONNREFUSED if nobody listens. */
  constructor(path: string) {
    this.#path = path;
    const fd = libc.socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) throw new SystemFault('socket', 'AF_UNIX', -fd);
    this.#fd = fd;
    libc.setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, TIMEOUT);
    libc.setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, TIMEOUT);
    const result = Buffer.byteLength(path) < SUN_PATH_BYTES ? libc.connect(fd, addressOf(path)) : -ERRNO.ENAMETOOLONG;
    if (result < 0) {
      libc.close(fd);
      throw new SystemFault('connect', path, -result);
    }
  }

  [Symbol.dispose](): void {
    libc.close(this.#fd);
  }

  /** Calls a method and waits for its result. Throws SystemFault with the method as `call` and the server's error as `detail`. */
  call(method: string, params: readonly unknown[]): unknown {
    const id = this.#nextId++;
    this.#send(method, { method, params, id });
    for (;;) {
      const message = JSON.parse(this.#receive(method)) as Message;
      if (message.method === 'echo') this.#send(method, { id: message.id, result: message.params, error: null });
      if (message.method !== undefined || message.id !== id) continue;
      if (message.error === null || message.error === undefined) return message.result;
      throw new SystemFault(method, this.#path, 0, textOf(message.error));
    }
  }

  #send(method: string, message: object): void {
    let bytes: Uint8Array = Buffer.from(JSON.stringify(message));
    while (bytes.length > 0) {
      const sent = libc.send(this.#fd, bytes, MSG_NOSIGNAL);
      if (sent === -ERRNO.EINTR) continue;
      if (sent < 0) throw new SystemFault(method, this.#path, -sent, 'no connection any more');
      bytes = bytes.subarray(sent);
    }
  }

  /** The next message. */
  #receive(method: string): string {
    for (;;) {
      const message = this.#waiting.shift();
      if (message !== undefined) return message;
      const length = libc.recv(this.#fd, this.#received, 0);
      if (length === -ERRNO.EINTR) continue;
      if (length === -ERRNO.EAGAIN) throw new SystemFault(method, this.#path, ERRNO.ETIMEDOUT, 'no answer');
      if (length <= 0) throw new SystemFault(method, this.#path, -length || ERRNO.ECONNRESET, 'no connection any more');
      this.#waiting.push(...this.#framer.push(this.#decoder.write(this.#received.subarray(0, length))));
    }
  }
}

/** struct sockaddr_un. */
function addressOf(path: string): Buffer {
  const text = Buffer.from(`${path}\0`);
  const address = Buffer.alloc(2 + text.length);
  address.writeUInt16LE(AF_UNIX);
  text.copy(address, 2);
  return address;
}

function textOf(error: unknown): string {
  if (typeof error === 'string') return error.trim();
  const { error: kind, details } = error as { error?: string; details?: string };
  return [kind, details].filter((part) => part !== undefined).join(': ') || JSON.stringify(error);
}

/** A `struct timeval` of 64-bit fields. */
const TIMEOUT = Buffer.alloc(16);
TIMEOUT.writeBigInt64LE(BigInt(TIMEOUT_SECONDS));
