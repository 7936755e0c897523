/** What `generate --compose` and `generate --image --frr` print, brought up: services and containers that route by themselves. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { linkloom } from '../../support/bin.ts';
import { startDockerd, type TestEngine } from '../../support/engine/dockerd.ts';
import { ensureFrr } from '../../support/engine/frr.ts';
import { ensureImage, IMAGE } from '../../support/engine/image.ts';

const PROJECT = 'generated';
const PATIENCE_MS = 90_000;
const NODES = ['n0', 'n1', 'n2', 'n3'];
const FRR = ['--frr', 'ospf', '--fast-timers'];

describe('a generated network with FRR in containers', { timeout: 800_000 }, () => {
  let engine: TestEngine;
  let folder: string;
  let image: string;

  before(async () => {
    await ensureImage();
    engine = await startDockerd();
    image = await ensureFrr(engine);
    folder = mkdtempSync(join(tmpdir(), 'linkloom-generated-'));
  });
  after(async () => {
    await compose('down', '--volumes', '--timeout', '2').catch(() => {});
    await engine?.[Symbol.asyncDispose]();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  async function compose(...args: readonly string[]): Promise<void> {
    const variables = { COMPOSE_PROJECT_NAME: PROJECT, LINKLOOM_IMAGE: IMAGE, DOCKER_SOCKET: engine.socketPath };
    await execa('docker-compose', [...args], { cwd: folder, env: { ...engine.env, ...variables }, extendEnv: false });
  }

  async function generated(...args: readonly string[]): Promise<string> {
    const { stdout, stderr, exitCode } = await linkloom([
      'generate',
      'ring',
      '--nodes',
      '4',
      '--image',
      image,
      ...args,
    ]);
    assert.equal(exitCode, 0, stderr);
    return stdout;
  }

  /** Every loopback from every container. */
  async function converged(containerOf: (node: string) => string): Promise<void> {
    const deadlineMs = Date.now() + PATIENCE_MS;
    for (const node of NODES) {
      for (const address of NODES.map((_, at) => `10.255.0.${at + 1}`)) {
        const ping = () => engine.docker('exec', containerOf(node), 'ping', '-c1', '-W1', address);
        for (let last = ''; ; await delay(500)) {
          try {
            await ping();
            break;
          } catch (error) {
            last = (error as Error).message;
          }
          assert.ok(Date.now() < deadlineMs, `${node} never reached ${address}: ${last}`);
        }
      }
    }
  }

  it('comes up as a compose project, whose services wait for their links', async () => {
    writeFileSync(join(folder, 'compose.yaml'), await generated('--compose', ...FRR));
    await compose('up', '-d');
    await converged((node) => `${PROJECT}_${node}_1`);
    const { stdout } = await execa(
      'docker',
      ['inspect', '--format', '{{.State.Health.Status}}', `${PROJECT}_network_1`],
      {
        env: engine.env,
        extendEnv: false,
      },
    );
    assert.equal(stdout.trim(), 'healthy');
    await compose('down', '--volumes', '--timeout', '2');
  });

  it('comes up as containers of the lab itself', async () => {
    const input = await generated('--lab', 'genlab', ...FRR);
    const options = { input, env: { DOCKER_HOST: `unix://${engine.socketPath}` }, timeoutMs: 180_000 };
    try {
      const made = await linkloom(['up', '-f', '-'], options);
      assert.equal(made.exitCode, 0, made.stderr);
      await converged((node) => `genlab.${node}`);
    } finally {
      await linkloom(['down', '--lab', 'genlab'], { env: options.env, timeoutMs: 120_000 });
    }
  });
});
