/**
 * A site: emulated hosts with a server of NATS on each (three of them are a cluster), TLS, a key for each role, and an agent of linkloom.
 * The servers run with the configuration that real hosts get (`share/hosts/nats-server.conf`).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { permissionsFor } from '../../src/hosts/verbs/permissions.ts';
import { writeCertificates } from './certificates.ts';
import { EmulatedHosts, type HostPids, type Overlay } from './emulated-hosts.ts';
import { natsServer } from './nats-server.ts';

/** The repository's root, from dist/scripts/cluster. */
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** linkloom as it is built here. */
export const LINKLOOM: readonly [string, string] = [process.execPath, join(ROOT, 'lib/src/main.js')];
const SERVERS_FILE = join(ROOT, 'share/hosts/nats-server.conf');

/** What runs on a host for as long as the host does. */
export type Service = 'server' | 'agent';

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface SiteOptions {
  readonly names: readonly string[];
  /** Where keys, certificates and the servers' files are. It is there, and empty. */
  readonly folder: string;
  /** As of `HostsOptions`. */
  readonly until: 'starter' | 'kill';
  readonly overlay?: Overlay;
}

export class Site implements AsyncDisposable {
  readonly hosts: EmulatedHosts;
  readonly #folder: string;
  readonly #services = new Map<string, ChildProcess>();

  private constructor(hosts: EmulatedHosts, folder: string) {
    this.hosts = hosts;
    this.#folder = folder;
  }

  /** Hosts, and the files of all that will run on them. Nothing runs yet. */
  static async make({ folder, ...ofHosts }: SiteOptions): Promise<Site> {
    const hosts = await EmulatedHosts.start(ofHosts);
    try {
      const site = new Site(hosts, folder);
      await site.#write();
      return site;
    } catch (error) {
      await hosts[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** A site that another process has made. */
  static of(pids: HostPids, folder: string): Site {
    return new Site(new EmulatedHosts(pids), folder);
  }

  /** The options by which a verb reaches the store: as one who may change labs, as a reader, or as the agent of a host. */
  storeWords(role: 'verbs' | 'readers' | { readonly host: string } = 'verbs'): readonly string[] {
    const servers = this.hosts.names.map((name) => `tls://${this.hosts.address(name)}:4222`);
    const key = join(this.#folder, typeof role === 'string' ? `${role}.nk` : `host-${role.host}.nk`);
    const authority = join(this.#folder, 'ca.crt');
    return ['--store', servers.join(','), '--store-tls-ca', authority, '--store-nkey', key];
  }

  /** The same for those who run verbs, as environment. */
  storeEnvironment(): Readonly<Record<string, string>> {
    const [, servers = '', , authority = '', , key = ''] = this.storeWords();
    return { LINKLOOM_STORE: servers, LINKLOOM_STORE_TLS_CA: authority, LINKLOOM_STORE_NKEY: key };
  }

  folderOf(name: string): string {
    return join(this.#folder, name);
  }

  async startServer(name: string): Promise<void> {
    const env = { NAME: name, ADDRESS: this.hosts.address(name) };
    this.#start('server', name, [await natsServer(), '--config', 'nats-server.conf'], env);
  }

  /** `args` are further ones of `linkloom daemon`. */
  startAgent(name: string, ...args: readonly string[]): void {
    const words = [...LINKLOOM, 'daemon', '--host', name, ...this.storeWords({ host: name }), ...args];
    this.#start('agent', name, words, {});
  }

  /** Sends a signal, and waits until the service has ended. */
  async end(service: Service, name: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const key = `${service} ${name}`;
    const child = this.#services.get(key);
    if (child === undefined) return;
    this.#services.delete(key);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    process.kill(this.#pidOf(child), signal);
    await gone;
  }

  /** Whether it was started and has not ended by itself. */
  runs(service: Service, name: string): boolean {
    const child = this.#services.get(`${service} ${name}`);
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** What a service has printed, in all its lives. */
  log(service: Service, name: string): string {
    return readFileSync(this.#logOf(service, name), 'utf8');
  }

  /** Takes the files of all servers away, as new disks would. No server runs. */
  wipe(): void {
    for (const name of this.hosts.names)
      rmSync(join(this.folderOf(name), 'jetstream'), { recursive: true, force: true });
  }

  /** Runs linkloom on a host. Never rejects for its status. */
  async linkloom(name: string, ...args: readonly string[]): Promise<Ran> {
    const [nsenter, ...words] = this.hosts.words(name);
    const ran = await execa(nsenter, [...words, ...LINKLOOM, ...args], { stdin: 'ignore', reject: false });
    return { exitCode: ran.exitCode ?? -1, stdout: ran.stdout, stderr: ran.stderr };
  }

  /** The same of a verb that uses the store. */
  async verb(name: string, ...args: readonly string[]): Promise<Ran> {
    return await this.linkloom(name, ...args, ...this.storeWords());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hosts[Symbol.asyncDispose]();
  }

  #start(service: Service, name: string, program: readonly string[], env: Readonly<Record<string, string>>): void {
    const [nsenter, ...words] = this.hosts.words(name);
    const log = openSync(this.#logOf(service, name), 'a', 0o600);
    const child = spawn(nsenter, [...words, `--wd=${this.folderOf(name)}`, ...program], {
      stdio: ['ignore', log, log],
      env: { ...process.env, ...env },
      detached: true,
    });
    child.unref();
    this.#services.set(`${service} ${name}`, child);
  }

  #logOf(service: Service, name: string): string {
    return join(this.folderOf(name), `${service}.log`);
  }

  /** nsenter(1) has forked, since a process enters another process namespace only by its children. */
  #pidOf(child: ChildProcess): number {
    const children = `/proc/${child.pid}/task/${child.pid}/children`;
    const [first] = existsSync(children) ? readFileSync(children, 'utf8').split(' ') : [];
    return Number(first || child.pid);
  }

  async #write(): Promise<void> {
    const servers = this.hosts.names.map((name) => ({
      name,
      folder: this.folderOf(name),
      address: this.hosts.address(name),
    }));
    for (const { folder } of servers) mkdirSync(folder, { mode: 0o700 });
    await writeCertificates(this.#folder, servers);
    const accounts = await permissionsFor(this.hosts.names, this.#folder);
    const routes = servers.map(({ address }) => `"tls://${address}:6222"`).join(', ');
    for (const { folder } of servers) {
      copyFileSync(SERVERS_FILE, join(folder, 'nats-server.conf'));
      copyFileSync(join(this.#folder, 'ca.crt'), join(folder, 'ca.crt'));
      writeFileSync(join(folder, 'accounts.conf'), accounts);
      writeFileSync(join(folder, 'routes.conf'), `routes: [ ${routes} ]\n`);
    }
  }
}

/** Resolves when `check` returns true. Throws with what it was that did not come. */
export async function until(what: string, check: () => boolean | Promise<boolean>, withinMs: number): Promise<void> {
  for (const end = Date.now() + withinMs; !(await check()); await delay(100)) {
    if (Date.now() > end) throw new Error(`not within ${withinMs / 1000} s: ${what}`);
  }
}
