/** A service manager's end of sd_notify(3): a datagram socket, by its path or by an abstract name. Node.js has none. */
import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import * as libc from '../../../workers/libc.ts';

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const MSG_DONTWAIT = 0x40;

export class NotifySocket implements Disposable {
  /** As in NOTIFY_SOCKET. */
  readonly address: string;
  readonly #fd: number;
  /** The messages so far. */
  readonly told: string[] = [];

  constructor(address: string) {
    this.address = address;
    this.#fd = libc.socket(AF_UNIX, SOCK_DGRAM | libc.O_CLOEXEC, 0);
    const path = address.startsWith('@') ? `\0${address.slice(1)}` : `${address}\0`;
    const bound = libc.bind(this.#fd, Buffer.concat([Buffer.from([AF_UNIX, 0]), Buffer.from(path)]));
    if (bound < 0) throw new Error(`bind ${address}: errno ${-bound}`);
  }

  /** Waits until a message matches, and forgets all up to that one. Returns it. */
  async until(pattern: RegExp, timeoutMs = 20_000): Promise<string> {
    const deadlineMs = Date.now() + timeoutMs;
    for (;;) {
      this.#read();
      const at = this.told.findIndex((message) => pattern.test(message));
      if (at >= 0) return this.told.splice(0, at + 1).at(-1) ?? '';
      if (Date.now() > deadlineMs) throw new Error(`no ${pattern} of ${JSON.stringify(this.told)}`);
      await delay(20);
    }
  }

  #read(): void {
    const bytes = Buffer.alloc(4096);
    for (;;) {
      const length = libc.recv(this.#fd, bytes, MSG_DONTWAIT);
      if (length < 0) return;
      this.told.push(bytes.toString('utf8', 0, length));
    }
  }

  [Symbol.dispose](): void {
    libc.close(this.#fd);
    if (!this.address.startsWith('@')) rmSync(this.address, { force: true });
  }
}
