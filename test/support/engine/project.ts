/** A compose project of an example, brought up with docker-compose on a test engine and taken down after. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { ROOT } from '../bin.ts';
import { BUSYBOX } from './busybox.ts';
import type { TestEngine } from './dockerd.ts';
import { IMAGE } from './image.ts';

/** For each thing waited for; a start of all containers takes some seconds where the machine is busy. */
const WAIT_MS = 60_000;

export class Project implements AsyncDisposable {
  readonly engine: TestEngine;
  readonly name: string;
  readonly #folder: string;

  private constructor(engine: TestEngine, name: string, folder: string) {
    this.engine = engine;
    this.name = name;
    this.#folder = folder;
  }

  /** `docker-compose up -d` of a copy of `examples/EXAMPLE`. */
  static async up(engine: TestEngine, example: string): Promise<Project> {
    const folder = await mkdtemp(join(tmpdir(), 'linkloom-project-'));
    await cp(join(ROOT, 'examples', example), folder, { recursive: true });
    const project = new Project(engine, example.replaceAll('-', ''), folder);
    try {
      await project.compose('up', '-d');
    } catch (error) {
      await project[Symbol.asyncDispose]();
      throw error;
    }
    return project;
  }

  async compose(...args: readonly string[]): Promise<string> {
    const env = {
      ...this.engine.env,
      COMPOSE_PROJECT_NAME: this.name,
      LINKLOOM_IMAGE: IMAGE,
      NODE_IMAGE: BUSYBOX,
      DOCKER_SOCKET: this.engine.socketPath,
    };
    return (await execa('docker-compose', [...args], { cwd: this.#folder, env, extendEnv: false })).stdout;
  }

  /** The container's name, as compose makes it. */
  container(service: string, index = 1): string {
    return `${this.name}_${service}_${index}`;
  }

  /** Runs a program in a container; returns its output. Rejects for an exit status other than 0. */
  exec(container: string, ...argv: readonly string[]): Promise<string> {
    return this.engine.docker('exec', container, ...argv);
  }

  /** linkloom's log, both streams. */
  async log(): Promise<string> {
    const options = { env: this.engine.env, extendEnv: false, all: true } as const;
    return (await execa('docker', ['logs', this.container('network')], options)).all;
  }

  /** Waits until linkloom has said `All links connected` so often; returns the log. */
  async connected(times: number): Promise<string> {
    return this.until(`'All links connected' ${times} times`, async () => {
      const log = await this.log();
      return log.split('All links connected').length > times ? log : null;
    });
  }

  /** Waits until `look` finds something (neither null nor false); a look that throws has found nothing yet. */
  async until<T>(what: string, look: () => Promise<T | null | false>): Promise<T> {
    const deadline = Date.now() + WAIT_MS;
    for (;;) {
      const found = await look().catch(() => null);
      if (found !== null && found !== false) return found;
      if (Date.now() > deadline) throw new Error(`waited in vain for ${what}; linkloom said:\n${await this.log()}`);
      await delay(200);
    }
  }

  /** Sends one packet and waits for its answer. */
  async ping(from: string, address: string): Promise<void> {
    await this.exec(from, 'ping', '-c', '1', '-W', '3', address);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.compose('down', '--timeout', '1').catch(() => {});
    await rm(this.#folder, { recursive: true, force: true });
  }
}
