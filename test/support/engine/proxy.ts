/** A socket in front of an engine's, which can cut what goes through it, refuse more, and disturb the events. */
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { type Folder, temporaryFolder } from '../folder.ts';
import { passDisturbed } from './disturbed-events.ts';

export class SocketProxy implements AsyncDisposable {
  readonly #folder: Folder = temporaryFolder('proxy');
  readonly socketPath = join(this.#folder.path, 'engine.sock');
  readonly #target: string;
  readonly #open = new Set<Socket>();
  readonly #disturbs: boolean;
  #server: Server | null = null;

  /** `disturbs`: events come out of order, and connections that carry them are cut in the middle of one now and then. */
  constructor(target: string, disturbs = false) {
    this.#target = target;
    this.#disturbs = disturbs;
  }

  async listen(): Promise<void> {
    const server = createServer((client) => this.#pass(client));
    await new Promise<void>((resolve) => server.listen(this.socketPath, resolve));
    this.#server = server;
  }

  /** As an engine that dies: its socket is gone, its connections end wherever they are. */
  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve));
    for (const socket of this.#open) socket.destroy();
    await closed;
    this.#server = null;
  }

  #pass(client: Socket): void {
    const engine = createConnection(this.#target);
    for (const [socket, other] of [
      [client, engine],
      [engine, client],
    ] as const) {
      this.#open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#open.delete(socket);
        other.destroy();
      });
    }
    client.pipe(engine);
    client.once('data', (request: Buffer) => {
      if (this.#disturbs && /^GET \S*\/events/.test(request.toString('latin1'))) passDisturbed(engine, client);
      else engine.pipe(client);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server !== null) await this.cut();
    this.#folder[Symbol.dispose]();
  }
}
