/** A socket in front of an engine's socket. It can cut connections, refuse new ones, disturb events, and delay an answer. */
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
  #hold: { readonly request: RegExp; readonly meanwhile: () => Promise<void> } | null = null;

  /** With `disturbs` events come out of order, and some connections are cut in the middle of an event. */
  constructor(target: string, disturbs = false) {
    this.#target = target;
    this.#disturbs = disturbs;
  }

  async listen(): Promise<void> {
    const server = createServer((client) => this.#pass(client));
    await new Promise<void>((resolve) => server.listen(this.socketPath, resolve));
    this.#server = server;
  }

  /** Acts like an engine that dies: its socket is gone, and its connections end wherever they are. */
  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve));
    for (const socket of this.#open) socket.destroy();
    await closed;
    this.#server = null;
  }

  /** Delays the engine's answer to the next request that matches until `meanwhile` is done. The answer is what was true before. */
  holdNext(request: RegExp, meanwhile: () => Promise<void>): void {
    this.#hold = { request, meanwhile };
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
    engine.pipe(client);
    // One connection has several requests, one after another.
    client.on('data', (data: Buffer) => {
      const request = data.toString('latin1');
      if (this.#disturbs && /^GET \S*\/events/.test(request)) {
        engine.unpipe(client);
        passDisturbed(engine, client);
        engine.resume();
      }
      const hold = this.#hold;
      if (hold === null || !hold.request.test(request)) return;
      this.#hold = null;
      engine.unpipe(client);
      engine.once('data', (answer: Buffer) => {
        engine.pause();
        void hold.meanwhile().finally(() => {
          client.write(answer);
          engine.pipe(client);
        });
      });
      engine.resume();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server !== null) await this.cut();
    this.#folder[Symbol.dispose]();
  }
}
