/** A host whose server of NATS and whose agent run as `share/hosts/compose.yaml` has them, on the host's own engine. */
import { copyFileSync, cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { natsServer } from '../../../scripts/cluster/nats-server.ts';
import type { Site } from '../../../scripts/cluster/site.ts';
import type { TestEngine } from '../engine/dockerd.ts';
import { IMAGE } from '../engine/image.ts';
import { engineOn } from './engine-on.ts';

const PROJECT = fileURLToPath(new URL('../../../../share/hosts/compose.yaml', import.meta.url));
const NATS_IMAGE = 'linkloom-test/nats:1';
/** What the official image is made with, beside the program. */
const NATS_CHANGES = ['ENV PATH=/', 'ENTRYPOINT ["/nats-server"]', 'CMD ["--config", "nats-server.conf"]'];

export class ComposedHost implements AsyncDisposable {
  readonly engine: TestEngine;
  readonly #folder: string;
  readonly #env: Readonly<Record<string, string>>;

  private constructor(engine: TestEngine, folder: string, env: Readonly<Record<string, string>>) {
    this.engine = engine;
    this.#folder = folder;
    this.#env = env;
  }

  /** The files of the project, in a folder that is there and empty, and the engine with the images. Nothing of the project runs yet. */
  static async make(site: Site, host: string, folder: string): Promise<ComposedHost> {
    const [project, own] = [join(folder, 'project'), join(folder, 'engine')];
    for (const each of [project, own, join(project, 'agent')]) mkdirSync(each);
    copyFileSync(PROJECT, join(project, 'compose.yaml'));
    cpSync(site.folderOf(host), join(project, 'store'), { recursive: true });
    const [, servers = '', , authority = '', , key = ''] = site.storeWords({ host });
    copyFileSync(authority, join(project, 'agent/ca.crt'));
    copyFileSync(key, join(project, 'agent/agent.nk'));
    const engine = await engineOn(site, host, own, 'kept');
    const images = { LINKLOOM_IMAGE: IMAGE, NATS_IMAGE };
    const env = { ...engine.env, ...images, HOST: host, ADDRESS: site.hosts.address(host), SERVERS: servers };
    const composed = new ComposedHost(engine, project, env);
    try {
      await composed.#importServer();
      return composed;
    } catch (error) {
      await composed[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Runs docker-compose in the project's folder. Returns what it prints. Rejects for an exit status other than 0. */
  async compose(...words: readonly string[]): Promise<string> {
    const options = { cwd: this.#folder, env: this.#env, extendEnv: false, all: true } as const;
    return (await execa('docker-compose', [...words], options)).all;
  }

  /** The lines that a service has printed, in all its lives. */
  async log(service: 'store' | 'agent'): Promise<string> {
    return await this.compose('logs', '--no-color', service);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.compose('down', '--timeout', '1').catch(() => {});
    await this.engine.docker('rmi', '--force', NATS_IMAGE).catch(() => {});
    await this.engine[Symbol.asyncDispose]();
  }

  async #importServer(): Promise<void> {
    const folder = join(this.#folder, 'image');
    mkdirSync(folder);
    copyFileSync(await natsServer(), join(folder, 'nats-server'));
    const tar = execa('tar', ['-C', folder, '-c', '.'], { encoding: 'buffer', buffer: false });
    const changes = NATS_CHANGES.flatMap((text) => ['--change', text]);
    await tar.pipe('docker', ['import', ...changes, '-', NATS_IMAGE], { env: this.engine.env, extendEnv: false });
  }
}
