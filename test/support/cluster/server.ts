/** Servers of NATS for tests: real ones, on ports of loopback that are free, with their files in a folder that goes with them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { natsServer } from '../../../scripts/cluster/nats-server.ts';
import type { StoreOptions } from '../../../src/cluster/options.ts';

export class NatsServers implements AsyncDisposable {
  readonly urls: readonly string[];
  readonly #program: string;
  readonly #folder: string;
  readonly #configs: readonly string[];
  readonly #running = new Map<number, ChildProcess>();

  private constructor(program: string, folder: string, ports: readonly number[], more: string) {
    const [clients, routes] = [ports.slice(0, ports.length / 2), ports.slice(ports.length / 2)];
    this.#program = program;
    this.#folder = folder;
    this.urls = clients.map((port) => `nats://127.0.0.1:${port}`);
    this.#configs = clients.map((port, nth) => {
      const cluster = `cluster { name: c, listen: "127.0.0.1:${routes[nth]}", routes: [${routes.map((route) => `"nats://127.0.0.1:${route}"`).join(', ')}] }`;
      const text = `
server_name: n${nth}
listen: "127.0.0.1:${port}"
jetstream { store_dir: "${join(folder, `js${nth}`)}", sync_interval: always }
${clients.length > 1 ? cluster : ''}
${more}`;
      const file = join(folder, `n${nth}.conf`);
      writeFileSync(file, text);
      return file;
    });
  }

  /** Starts one server, or a cluster of three. `more` is added to each one's configuration. */
  static async start(count: 1 | 3 = 1, more = ''): Promise<NatsServers> {
    const program = await natsServer();
    const ports = await freePorts(count * 2);
    const servers = new NatsServers(program, mkdtempSync(join(tmpdir(), 'nats-')), ports, more);
    for (let at = 0; at < count; at++) servers.run(at);
    return servers;
  }

  get count(): number {
    return this.#configs.length;
  }

  run(at: number): void {
    const child = spawn(this.#program, ['-c', this.#configs[at] ?? ''], { stdio: 'ignore' });
    this.#running.set(at, child);
  }

  /** SIGKILL; returns when the process is gone. */
  async kill(at: number): Promise<void> {
    const child = this.#running.get(at);
    if (child === undefined) return;
    this.#running.delete(at);
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  /** Takes all servers down, their files away, and starts them again with none. */
  async wipe(): Promise<void> {
    for (let at = 0; at < this.count; at++) await this.kill(at);
    for (let at = 0; at < this.count; at++) {
      rmSync(join(this.#folder, `js${at}`), { recursive: true, force: true });
      this.run(at);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (let at = 0; at < this.count; at++) await this.kill(at);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export function storeOptions(servers: readonly string[], more: Partial<StoreOptions> = {}): StoreOptions {
  return {
    ...{ servers, host: null, tlsCa: null, tlsCert: null, tlsKey: null, nkeyFile: null, credsFile: null },
    deadlineMs: 30_000,
    ...more,
  };
}

/** Resolves when `check` returns true. Throws after `withinMs`. */
export async function until(what: string, check: () => boolean | Promise<boolean>, withinMs = 60_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`);
    await delay(50);
  }
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            resolve(typeof address === 'object' && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
