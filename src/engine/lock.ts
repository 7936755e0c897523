/**
 * One linkloom at a time per lab: an abstract unix socket `\0linkloom/LAB`. A second bind is
 * refused by the kernel, and death frees it. Whoever connects is told the holder's pid.
 */
import { createConnection, createServer, type Server } from 'node:net';
import { LinkloomError } from '../errors.ts';

const ASK_TIMEOUT_MS = 500;

/** The lock on a lab, held until disposed of. */
export class LabLock {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Take the lock. Throws E_LOCKED, naming the holder's pid, if another process has it. */
  static async take(lab: string): Promise<LabLock> {
    const path = `\0linkloom/${lab}`;
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.end(String(process.pid));
    });
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ path }, resolve);
      });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
      const pid = await askHolder(path);
      throw new LinkloomError(
        'E_LOCKED',
        `lab ${lab} is in the hands of another linkloom${pid === '' ? '' : `, pid ${pid}`}`,
        {
          hint: 'wait until it is done, or stop it; `status` and `plan` work meanwhile',
          cause,
        },
      );
    }
    server.unref();
    return new LabLock(server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

function askHolder(path: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = createConnection({ path });
    socket.setEncoding('utf8');
    socket.setTimeout(ASK_TIMEOUT_MS, () => socket.destroy());
    socket.on('data', (text) => {
      answer += text;
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve(/^\d+$/.test(answer) ? answer : ''));
  });
}
