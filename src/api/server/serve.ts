/** Listens for a lab: on its unix socket, and by TCP if that is asked for. Fastify is loaded when somebody asks. */
import { chmodSync, rmdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Served } from '../../daemon/asked/answering.ts';
import type { LabControl } from '../../daemon/asked/control.ts';
import type { HostsFigures } from '../../daemon/asked/hosts-figures.ts';
import { ensureLabDirectory } from '../../engine/lock/run-directory.ts';
import { LinkloomError } from '../../errors.ts';
import { apiSocketPath } from '../../net/run-directory.ts';
import { asLinkloomError, errorJson } from '../../report/errors.ts';
import { type Refusal, refusalOf, type TcpAccess } from './access.ts';
import { isOpenPath } from './open-paths.ts';
import { Recorder } from './recorder.ts';

/** How long the last callers are waited for. What still runs then is told by its end. */
const FINISH_MS = 5_000;
const POLL_MS = 10;

export interface ServeOptions {
  /** null: the unix socket alone. */
  readonly tcp: (TcpAccess & { readonly port: number }) | null;
  /** Figures of a lab over several hosts. Absent: it is on this one. */
  readonly hosts?: (() => HostsFigures) | undefined;
}

/** Serves a lab until it is stopped. Throws E_USAGE if the address can't be listened on, E_UNSAFE if something else is at the socket's path. */
export async function serveLab(control: LabControl, { tcp, hosts }: ServeOptions): Promise<Served> {
  const serving = new Serving(control, hosts);
  try {
    await serving.listenHere();
    if (tcp !== null) await serving.listenByTcp(tcp);
    return serving;
  } catch (error) {
    serving.stop();
    await serving.finish();
    throw error;
  }
}

class Serving implements Served {
  readonly #control: LabControl;
  readonly #recorder: Recorder;
  readonly #hosts: ServeOptions['hosts'];
  readonly #servers: Server[] = [];
  /** Aborts when streams are to end. */
  readonly #ending = new AbortController();
  #app: Promise<RequestListener> | null = null;
  #answering = 0;

  constructor(control: LabControl, hosts: ServeOptions['hosts']) {
    this.#control = control;
    this.#hosts = hosts;
    this.#recorder = new Recorder(control);
  }

  async listenHere(): Promise<void> {
    const { lab } = this.#control;
    const path = apiSocketPath(lab);
    ensureLabDirectory(lab);
    try {
      // Who has the lab's lock is its only daemon: what is there was left by one that was killed.
      rmSync(path, { force: true });
    } catch (error) {
      throw new LinkloomError('E_UNSAFE', `${path} is in the way of the daemon's socket`, {
        hint: 'see what it is, and remove it',
        cause: error,
      });
    }
    const umask = process.umask(0o177);
    try {
      await this.#listen(null, (server) => server.listen(path));
    } finally {
      process.umask(umask);
    }
    chmodSync(path, 0o600);
    this.#control.emit({ type: 'detail', message: `API: ${path}` });
  }

  async listenByTcp(access: NonNullable<ServeOptions['tcp']>): Promise<void> {
    const { address, port } = access;
    const server = await this.#listen(access, (one) => one.listen(port, address)).catch((error) => {
      const { code } = error as NodeJS.ErrnoException;
      throw new LinkloomError('E_USAGE', `--listen ${urlOf(address, port)}: ${code}`, {
        hint:
          code === 'EADDRINUSE'
            ? 'another program listens there: choose another port'
            : 'give ADDRESS:PORT of this machine',
        cause: error,
      });
    });
    const bound = server.address() as AddressInfo;
    this.#control.emit({ type: 'notice', message: `API: http://${urlOf(bound.address, bound.port)}` });
  }

  stop(): void {
    for (const server of this.#servers) server.close();
    try {
      rmdirSync(dirname(apiSocketPath(this.#control.lab)));
    } catch {
      // Other things of the lab are in it, or it is gone.
    }
  }

  async finish(): Promise<void> {
    this.#ending.abort();
    const deadlineMs = performance.now() + FINISH_MS;
    while (this.#answering > 0 && performance.now() < deadlineMs) await delay(POLL_MS);
    for (const server of this.#servers) server.closeAllConnections();
    this.#recorder[Symbol.dispose]();
  }

  async #listen(tcp: TcpAccess | null, begin: (server: Server) => void): Promise<Server> {
    const server = createServer((request, response) => void this.#answer(request, response, tcp));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.once('listening', resolve);
      begin(server);
    });
    server.removeAllListeners('error');
    this.#servers.push(server);
    return server;
  }

  async #answer(request: IncomingMessage, response: ServerResponse, tcp: TcpAccess | null): Promise<void> {
    this.#answering += 1;
    response.once('close', () => {
      this.#answering -= 1;
    });
    const refusal = refusalOf(request, tcp, isOpenPath(request));
    if (refusal !== null) return refuse(response, refusal);
    try {
      this.#app ??= this.#load();
      (await this.#app)(request, response);
    } catch (error) {
      this.#app = null;
      answerWith(response, 500, asLinkloomError(error));
    }
  }

  async #load(): Promise<RequestListener> {
    const { openApp } = await import('./app.ts');
    const [control, recorder, hosts] = [this.#control, this.#recorder, this.#hosts];
    return await openApp({ control, recorder, hosts, ending: this.#ending.signal });
  }
}

function urlOf(address: string, port: number): string {
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}

function refuse(response: ServerResponse, { status, message, hint }: Refusal): void {
  if (status === 401) response.setHeader('www-authenticate', 'Bearer');
  answerWith(response, status, new LinkloomError('E_PRIVILEGE', message, { hint }));
}

function answerWith(response: ServerResponse, status: number, error: LinkloomError): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(errorJson(error)));
}
