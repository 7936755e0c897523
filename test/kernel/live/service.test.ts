/** A daemon that a service manager has started tells it how it is, by sd_notify(3). */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { execa } from 'execa';
import { linkloom, ROOT, startLinkloom } from '../../support/bin.ts';
import { NotifySocket } from '../../support/daemon/notify-socket.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { uniqueName } from '../../support/netns.ts';

describe('a service manager', { timeout: 90_000, ...needs('root', 'program:ip') }, () => {
  for (const kind of ['a path', 'an abstract name'] as const) {
    it(`is told on ${kind} when the links are made, when files are read again, and when the lab goes`, async () => {
      using folder = temporaryFolder('notify');
      const lab = uniqueName('n');
      const file = join(folder.path, 'lab.json');
      const write = (mtu: number, more = ''): void =>
        writeFileSync(
          file,
          `${JSON.stringify({ lab, links: ['a', 'b'].map((node) => ({ netns: lab + node, bridge: 'lan', dev: 'eth0', mtu })) })}${more}`,
        );
      write(1500);
      using manager = new NotifySocket(kind === 'a path' ? join(folder.path, 'notify') : `@linkloom-test-${lab}`);
      try {
        await using daemon = startLinkloom(['daemon', '-f', file], { env: { NOTIFY_SOCKET: manager.address } });
        assert.equal(await manager.until(/READY=1/), 'READY=1\nSTATUS=All links connected');
        await daemon.until(/All links connected/);

        const beforeUs = process.hrtime.bigint() / 1000n;
        daemon.child.kill('SIGHUP');
        const [, atUs = ''] = /^RELOADING=1\nMONOTONIC_USEC=(\d+)$/.exec(await manager.until(/RELOADING=1/)) ?? [];
        assert.ok(BigInt(atUs) >= beforeUs && BigInt(atUs) <= process.hrtime.bigint() / 1000n, atUs);
        assert.equal(await manager.until(/./), 'READY=1');

        write(1400, ' {');
        await manager.until(/RELOADING=1/);
        assert.equal(await manager.until(/./), 'READY=1', 'faults of the file leave the lab as it was');

        write(1400);
        await manager.until(/RELOADING=1/);
        assert.equal(await manager.until(/./), 'READY=1');
        const devices = JSON.parse((await execa('ip', ['-n', `${lab}a`, '-j', 'link', 'show', 'eth0'])).stdout);
        assert.equal(devices[0].mtu, 1400, 'it is ready when what the file says is made');

        daemon.child.kill('SIGTERM');
        assert.equal(await manager.until(/STOPPING/), 'STOPPING=1\nSTATUS=Stopping');
        assert.equal((await daemon.child).exitCode, 0, daemon.output());
        await assert.rejects(manager.until(/./, 0), 'nothing is told after that');
      } finally {
        await linkloom(['down', '--lab', lab]);
      }
    });
  }

  it('that does not answer is named, and keeps nobody from working', async () => {
    using folder = temporaryFolder('notify');
    const lab = uniqueName('n');
    const file = join(folder.path, 'lab.json');
    writeFileSync(file, JSON.stringify({ lab, links: [{ netns: `${lab}a`, bridge: 'lan', dev: 'eth0' }] }));
    try {
      const env = { NOTIFY_SOCKET: join(folder.path, 'nobody') };
      await using daemon = startLinkloom(['up', '--watch', '-f', file], { env });
      await daemon.until(/the service manager can't be told READY=1 \(.*nobody\): connect ENOENT/);
      daemon.child.kill('SIGTERM');
      assert.equal((await daemon.child).exitCode, 0, daemon.output());
    } finally {
      await linkloom(['down', '--lab', lab]);
    }
  });

  for (const [file, name] of [
    ['linkloom@.service', 'linkloom@ring.service'],
    ['linkloom-agent.service', 'linkloom-agent.service'],
    ['linkloom-store.service', 'linkloom-store.service'],
  ] as const) {
    it(`has a unit that it understands: ${file}`, needs('program:systemd-analyze'), async () => {
      using folder = temporaryFolder('unit');
      const unit = join(folder.path, name);
      await execa('cp', [join(ROOT, 'share/systemd', file), unit]);
      const { exitCode, all } = await execa('systemd-analyze', ['verify', unit], { reject: false, all: true });
      const ours = String(all)
        .split('\n')
        .filter((line) => /linkloom/.test(line));
      assert.deepEqual([exitCode, ours], [0, []], all);
    });
  }
});
