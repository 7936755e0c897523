/** The compose project of a host in a lab over several: every compose takes it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { needs } from '../support/needs.ts';

const FILE = fileURLToPath(new URL('../../../share/hosts/compose.yaml', import.meta.url));

test('compose takes the project of a host', needs('program:docker-compose'), async () => {
  const servers = 'tls://192.0.2.11:4222,tls://192.0.2.12:4222';
  const env = { PATH: process.env['PATH'] ?? '', HOST: 'h1', ADDRESS: '192.0.2.11', SERVERS: servers };
  const { stdout } = await execa('docker-compose', ['-f', FILE, 'config'], { env, extendEnv: false });
  assert.match(stdout, /\/run\/netns:\/run\/netns:rshared|propagation: rshared/);
  assert.ok(stdout.includes(servers));
  // The image's entry point runs programs by their names.
  assert.match(stdout, /command:\n\s+- linkloom\n\s+- daemon\n/);
});
