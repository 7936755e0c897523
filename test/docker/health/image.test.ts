/** The image's HEALTHCHECK: compose starts a service without links after linkloom has made those of the others. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { BUSYBOX, ensureBusybox } from '../../support/engine/busybox.ts';
import { startDockerd, type TestEngine } from '../../support/engine/dockerd.ts';
import { ensureImage, IMAGE } from '../../support/engine/image.ts';

const PROJECT = 'healthtest';
const WAIT_MS = 60_000;

let engine: TestEngine;
let folder: string;
before(async () => {
  await ensureImage();
  engine = await startDockerd();
  await ensureBusybox(engine);
  folder = mkdtempSync(join(tmpdir(), 'linkloom-health-'));
});
after(async () => {
  await compose('down', '--timeout', '2').catch(() => {});
  await engine?.[Symbol.asyncDispose]();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

async function compose(...args: readonly string[]): Promise<void> {
  const env = { ...engine.env, COMPOSE_PROJECT_NAME: PROJECT };
  await execa('docker-compose', [...args], { cwd: folder, env, extendEnv: false, all: true });
}

async function inspected(service: string, format: string): Promise<string> {
  return (await engine.docker('inspect', '--format', format, `${PROJECT}_${service}_1`)).trim();
}

it('is healthy when the links are made, and unhealthy while one fails', { timeout: 800_000 }, async () => {
  const link = { bridge: 'lan', dev: 'net0', ip: '10.9.0.1/24' };
  const services = {
    network: {
      ...{ image: IMAGE, pid: 'host', network_mode: 'none', cap_add: ['SYS_ADMIN', 'NET_ADMIN'] },
      ...{ command: 'linkloom --compose-file /lab/compose.yaml', environment: { COMPOSE_PROJECT_NAME: PROJECT } },
      volumes: [`${engine.socketPath}:/var/run/docker.sock`, './:/lab:ro'],
      healthcheck: { interval: '1s', retries: 1 },
    },
    linked: {
      ...{ image: BUSYBOX, network_mode: 'none', command: 'sleep 1000000' },
      'x-network': { links: [link] },
    },
    monitor: {
      ...{ image: BUSYBOX, network_mode: 'none', command: 'sleep 1000000' },
      depends_on: { network: { condition: 'service_healthy' } },
    },
  };
  writeFileSync(join(folder, 'compose.yaml'), JSON.stringify({ version: '2.4', services }));
  await compose('up', '-d');
  assert.equal(await inspected('network', '{{.State.Health.Status}}'), 'healthy', 'compose has waited for it');
  assert.match(await engine.docker('exec', `${PROJECT}_linked_1`, 'ip', 'addr', 'show', 'net0'), /10\.9\.0\.1\/24/);
  const [healthyAt] = JSON.parse(await inspected('network', '{{json .State.Health.Log}}'))
    .filter(({ ExitCode }: { ExitCode: number }) => ExitCode === 0)
    .map(({ End }: { End: string }) => Date.parse(End));
  const startedAt = Date.parse(await inspected('monitor', '{{.State.StartedAt}}'));
  assert.ok(startedAt >= healthyAt, `${startedAt} ${healthyAt}`);

  // Somebody else's device of the link's name, in place of it.
  const swap = 'ip link del net0 && ip link add net0 type veth peer name x0';
  const ns = ['exec', `${PROJECT}_network_1`, 'nsenter', '-t', await inspected('linked', '{{.State.Pid}}'), '-n'];
  await engine.docker(...ns, 'sh', '-c', swap);
  await until('unhealthy');
  await engine.docker(...ns, 'ip', 'link', 'del', 'net0');
  await until('healthy');
});

async function until(status: string): Promise<void> {
  const deadlineMs = Date.now() + WAIT_MS;
  for (;;) {
    const now = await inspected('network', '{{.State.Health.Status}}');
    if (now === status) return;
    assert.ok(Date.now() < deadlineMs, `${now}, not ${status}`);
    await delay(200);
  }
}
