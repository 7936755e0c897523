/** Runs an example as a compose project with docker-compose on a test engine, and removes it afterwards. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { BIN, linkloom, type Ran, ROOT } from '../bin.ts';
import { readPage } from '../docs/pages.ts';
import { assertPromised } from '../docs/promised.ts';
import { BUSYBOX } from './busybox.ts';
import type { TestEngine } from './dockerd.ts';
import { IMAGE } from './image.ts';

/** The time limit of each wait. To start all containers takes some seconds on a busy machine. */
const WAIT_MS = 60_000;

export interface ProjectOptions {
  readonly name?: string;
  /** For `${…}` in the compose file. */
  readonly variables?: Readonly<Record<string, string>>;
  /** If given, the project is started by `linkloom mdc` with these modes. */
  readonly modes?: string;
}

/** Debian has compose as a program of its own, which wants to be told that there is no terminal. */
const IN_DEBIAN = `docker() {
  if [ "$1 $2" = 'compose exec' ]; then shift 2; docker-compose exec -T "$@"
  elif [ "$1" = compose ]; then shift; docker-compose "$@"
  else command docker "$@"; fi
}
linkloom() { '${process.execPath}' '${BIN}' "$@"; }`;

/** What a README has users run in the running project. */
function commandsOf(example: string): readonly string[] {
  const { steps } = readPage(`examples/${example}/README.md`);
  const lines = (steps.find(({ kind }) => kind === 'shell')?.text ?? '').split('\n').filter(Boolean);
  const begins = lines.findIndex((line) => / up -d\b/.test(line)) + 1;
  return lines.slice(
    begins,
    lines.findLastIndex((line) => / down\b/.test(line)),
  );
}

export class Project implements AsyncDisposable {
  readonly engine: TestEngine;
  readonly name: string;
  readonly #example: string;
  readonly #folder: string;
  readonly #variables: Readonly<Record<string, string>>;

  private constructor(engine: TestEngine, example: string, folder: string, { name, variables }: ProjectOptions) {
    this.engine = engine;
    this.name = name ?? example.replaceAll('-', '');
    this.#example = example;
    this.#folder = folder;
    this.#variables = variables ?? {};
  }

  /** Runs `docker-compose up -d` on a copy of `examples/EXAMPLE`, as project `name` (default: the example's name). */
  static async up(engine: TestEngine, example: string, options: ProjectOptions = {}): Promise<Project> {
    const folder = await mkdtemp(join(tmpdir(), 'linkloom-project-'));
    await cp(join(ROOT, 'examples', example), folder, { recursive: true });
    const project = new Project(engine, example, folder, options);
    try {
      if (options.modes === undefined) await project.compose('up', '-d');
      else await project.#modesUp(options.modes);
    } catch (error) {
      await project[Symbol.asyncDispose]();
      throw error;
    }
    return project;
  }

  /** Runs linkloom alone by `docker run` with these words. It sees the example's folder as `/test`. */
  static async alone(engine: TestEngine, example: string, words: readonly string[]): Promise<Project> {
    const folder = await mkdtemp(join(tmpdir(), 'linkloom-project-'));
    await cp(join(ROOT, 'examples', example), folder, { recursive: true });
    const project = new Project(engine, example, folder, {});
    const volumes = ['--volume', `${engine.socketPath}:/var/run/docker.sock`, '--volume', `${folder}:/test:ro`];
    await engine.docker('run', '--detach', '--name', project.container('network'), ...volumes, ...words);
    return project;
  }

  async compose(...args: readonly string[]): Promise<string> {
    return (await execa('docker-compose', [...args], { cwd: this.#folder, env: this.#env(), extendEnv: false })).stdout;
  }

  /**
   * Runs the commands of the example's README that come after `up` and before `down`, as they are written, and throws unless they say what
   * it promises. Commands and lines that match `except` are left out. `prelude`: shell functions that stand in for programs.
   */
  async asWritten(except: RegExp = /^$/, prelude = ''): Promise<void> {
    const lines = commandsOf(this.#example).filter((line) => !except.test(line));
    const script = ['set -euo pipefail', IN_DEBIAN, prelude, ...lines].join('\n');
    const ran = await execa('bash', ['-c', script], {
      cwd: this.#folder,
      env: this.#env(),
      extendEnv: false,
      all: true,
    });
    assertPromised(this.#example, ran.all, except);
  }

  /** Runs `linkloom mdc MODES up -d`. */
  async #modesUp(modes: string): Promise<void> {
    const env = { ...this.#env(), DOCKER_COMPOSE: 'docker-compose' };
    await execa(process.execPath, [BIN, 'mdc', modes, 'up', '-d'], { cwd: this.#folder, env, extendEnv: false });
  }

  #env(): Record<string, string> {
    return {
      ...this.engine.env,
      ...this.#variables,
      COMPOSE_PROJECT_NAME: this.name,
      LINKLOOM_IMAGE: IMAGE,
      NODE_IMAGE: BUSYBOX,
      DOCKER_SOCKET: this.engine.socketPath,
    };
  }

  /** The container's name, as compose forms it. */
  container(service: string, index = 1): string {
    return `${this.name}_${service}_${index}`;
  }

  /** Runs a program in a container. Returns its output. Rejects for an exit status other than 0. */
  exec(container: string, ...argv: readonly string[]): Promise<string> {
    return this.engine.docker('exec', container, ...argv);
  }

  /** Runs `linkloom VERB WORDS… -f compose.yaml` on the host, beside the containers. Never rejects for an exit status. */
  onHost(...words: readonly string[]): Promise<Ran> {
    const files = ['-f', 'compose.yaml', '--docker-socket', this.engine.socketPath];
    return linkloom([...words, ...files], { cwd: this.#folder, env: this.#env() });
  }

  /** Linkloom's log, of both streams. */
  async log(): Promise<string> {
    const options = { env: this.engine.env, extendEnv: false, all: true } as const;
    return (await execa('docker', ['logs', this.container('network')], options)).all;
  }

  /** Waits until linkloom has said `All links connected` this often. Returns the log. */
  async connected(times: number): Promise<string> {
    return this.until(`'All links connected' ${times} times`, async () => {
      const log = await this.log();
      return log.split('All links connected').length > times ? log : null;
    });
  }

  /** Waits until `look` finds something, that is neither null nor false. A look that throws has found nothing yet. */
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
