/** A lab of Kathara, imported and brought up in one pipe: its machines are containers with their files, and run what they are to run. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { linkloom } from '../../support/bin.ts';
import { ENGINES } from '../../support/engine/both.ts';
import { BUSYBOX } from '../../support/engine/busybox.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';

const LAB = 'office';
const CONF = `LAB_NAME="${LAB}"
pc1[0]="A/02:00:00:00:00:01"
pc2[0]="A"
pc1[env]="GREETING=hello"
pc1[exec]="cat /etc/greeting /tmp/order > /tmp/last"
pc1[sysctl]="net.ipv4.ip_default_ttl=42"
${['pc1', 'pc2'].map((name) => `${name}[image]=${BUSYBOX}\n${name}[args]="sleep 1000000"\n`).join('')}`;

const FILES = {
  'lab.conf': CONF,
  'lab.dep': 'pc2: pc1\n',
  'pc1/etc/greeting': 'greeting\n',
  'shared.startup': 'echo shared > /tmp/order\n',
  'pc1.startup': 'echo own $GREETING >> /tmp/order\nip addr add 10.0.0.1/24 dev eth0\n',
  'pc2.startup': 'ip addr add 10.0.0.2/24 dev eth0\n',
};

for (const { name, start, wants } of ENGINES.slice(0, 1)) {
  it(`a lab of Kathara runs on ${name}`, { timeout: 400_000, ...needs(...wants) }, async () => {
    using folder = temporaryFolder('kathara');
    mkdirSync(join(folder.path, 'pc1/etc'), { recursive: true });
    for (const [path, text] of Object.entries(FILES)) writeFileSync(join(folder.path, path), text);
    await using engine = await start();
    const sockets = ['--docker-socket', engine.socketPath, '--podman-socket', '/nowhere'];
    try {
      const imported = await linkloom(['import', join(folder.path, 'lab.conf'), '--strict']);
      assert.equal(imported.exitCode, 0, imported.stderr);
      const up = await linkloom(['up', '-f', '-', '--verify', ...sockets], {
        input: imported.stdout,
        timeoutMs: 120_000,
      });
      assert.equal(up.exitCode, 0, up.stderr);
      const inside = (...argv: readonly string[]): Promise<string> => engine.client('exec', `${LAB}.pc1`, ...argv);
      assert.match(await inside('cat', '/tmp/last'), /^greeting\s+shared\s+own hello$/);
      assert.match(await inside('cat', '/sys/class/net/eth0/address'), /^02:00:00:00:00:01$/);
      assert.match(await inside('ping', '-c', '1', '-W', '3', '10.0.0.2'), /ttl=64/);
      assert.match(await inside('cat', '/proc/sys/net/ipv4/ip_default_ttl'), /^42$/);
    } finally {
      const down = await linkloom(['down', '--lab', LAB, ...sockets], { timeoutMs: 120_000 });
      assert.equal(down.exitCode, 0, down.stderr);
    }
    assert.doesNotMatch(await engine.client('ps', '--all', '--format', '{{.Names}}'), /office/);
  });
}
