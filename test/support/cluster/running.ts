/** A site whose servers and agents run, in a folder of its own. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Overlay } from '../../../scripts/cluster/emulated-hosts.ts';
import { type Ran, Site, until } from '../../../scripts/cluster/site.ts';
import { figures } from '../faults/amount.ts';
import { type Folder, temporaryFolder } from '../folder.ts';

export const HOSTS = ['h1', 'h2', 'h3'] as const;

/** How a host is with a lab, as `status --json` has it. */
export interface HostStatus {
  readonly host: string;
  readonly state: string;
  /** Absent: it has told nothing of the lab yet. */
  readonly rev?: number;
  readonly created?: number;
}

export interface UpReport {
  readonly revision: number;
  readonly written: boolean;
  readonly hosts: readonly HostStatus[];
  readonly timings: { readonly totalMs: number };
}

export class RunningSite implements AsyncDisposable {
  readonly site: Site;
  readonly #folder: Folder;

  private constructor(site: Site, folder: Folder) {
    this.site = site;
    this.#folder = folder;
  }

  /** Servers, buckets and agents are there. */
  static async start(overlay?: Overlay): Promise<RunningSite> {
    const folder = temporaryFolder('site');
    const site = await Site.make({ names: HOSTS, folder: folder.path, until: 'starter', ...(overlay && { overlay }) });
    const running = new RunningSite(site, folder);
    try {
      for (const host of HOSTS) await site.startServer(host);
      await until('the servers answer', async () => (await site.verb('h1', 'hosts')).exitCode === 0, 60_000);
      for (const host of HOSTS) site.startAgent(host);
      await running.agentsLive();
      return running;
    } catch (error) {
      await running[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Waits until an agent speaks for each host. */
  async agentsLive(): Promise<void> {
    await until('all agents live', async () => (await this.alive()).length === HOSTS.length, 60_000);
  }

  /** The hosts whose agents live and have told what the host is. */
  async alive(): Promise<readonly string[]> {
    const { stdout } = await this.site.verb('h1', 'hosts', '--json');
    const { hosts = [] } = JSON.parse(stdout || '{}') as {
      hosts?: { host: string; alive: boolean; info: object | null }[];
    };
    return hosts.filter(({ alive, info }) => alive && info !== null).map(({ host }) => host);
  }

  /** A file on the disk that all hosts share. */
  write(name: string, configuration: object): string {
    const path = join(this.#folder.path, name);
    writeFileSync(path, JSON.stringify(configuration));
    return path;
  }

  async up(configuration: object, from = 'h1', ...more: readonly string[]): Promise<UpReport> {
    const file = this.write('lab.json', configuration);
    const { stdout } = await this.must(from, 'up', '-f', file, '--json', ...more);
    return JSON.parse(stdout) as UpReport;
  }

  async down(lab: string): Promise<void> {
    await this.must('h1', 'down', '--lab', lab);
  }

  async status(lab: string, from = 'h1'): Promise<readonly HostStatus[]> {
    const { stdout } = await this.site.verb(from, 'status', '--lab', lab, '--json');
    return (JSON.parse(stdout || '{"hosts":[]}') as { hosts: readonly HostStatus[] }).hosts;
  }

  /** Waits until all hosts have all of the lab's newest record. Returns how long it took. */
  async settled(lab: string, withinMs: number): Promise<number> {
    const startedMs = performance.now();
    const check = async (): Promise<boolean> => (await this.site.verb('h1', 'status', '--lab', lab)).exitCode === 0;
    await until(`the lab ${lab} is whole on all hosts`, check, withinMs);
    return performance.now() - startedMs;
  }

  /** Runs a verb that must succeed. */
  async must(host: string, ...args: readonly string[]): Promise<Ran> {
    const ran = await this.site.verb(host, ...args);
    assert.equal(ran.exitCode, 0, `${args.join(' ')}\n${ran.stdout}\n${ran.stderr}\n${this.logs()}`);
    return ran;
  }

  /** The ends of what the agents have printed. */
  logs(): string {
    return HOSTS.map((host) => `--- ${host}\n${this.site.log('agent', host).slice(-2000)}`).join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.site[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}

/** A figure for whoever reads the run. */
export function tell(what: string, ms: number): void {
  figures(what, { seconds: Number((ms / 1000).toFixed(1)) });
}
