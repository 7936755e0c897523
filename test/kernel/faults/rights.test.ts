/** The capabilities that the documents name are enough: SYS_ADMIN and NET_ADMIN alone, and conlink's `cap_add` with which changes are heard at once. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { execa } from 'execa';
import { BIN, linkloom } from '../../support/bin.ts';
import { differences, eventually } from '../../support/faults/exact.ts';
import { labOf } from '../../support/faults/labs.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { openNetns, uniqueName } from '../../support/netns.ts';

/** Files are made in folders of root, to which root without DAC_OVERRIDE has its usual rights. */
const SETS = [
  { name: 'SYS_ADMIN and NET_ADMIN', caps: ['sys_admin', 'net_admin'], hears: false },
  {
    name: 'cap_add as conlink has it',
    caps: ['sys_admin', 'net_admin', 'sys_nice', 'net_broadcast', 'ipc_lock'],
    hears: true,
  },
] as const;

for (const { name, caps, hears } of SETS) {
  test(`${name}: up, daemon and down do all they have to`, {
    timeout: 90_000,
    ...needs('root', 'program:setpriv', 'program:ip'),
  }, async () => {
    const lab = labOf(uniqueName('r'), { nodes: 3, links: 6 });
    await using folder = temporaryFolder('rights');
    const file = join(folder.path, 'lab.json');
    await writeFile(file, JSON.stringify(lab));
    const only = caps.map((cap) => `+${cap}`).join(',');
    const words = [`--bounding-set=-all,${only}`, '--inh-caps=-all', '--no-new-privs', process.execPath, BIN];
    const run = (...args: readonly string[]) => execa('setpriv', [...words, ...args], { reject: false });
    try {
      const up = await run('up', '-f', file);
      assert.equal(up.exitCode, 0, up.stderr);
      assert.deepEqual(await differences(lab), []);
      const daemon = run('daemon', '-f', file, '-v');
      let said = '';
      const hear = (chunk: Buffer | string): void => {
        said += String(chunk);
      };
      daemon.stderr?.on('data', hear);
      daemon.stdout?.on('data', hear);
      const left = await eventually(async () => (/All links connected/.test(said) ? [] : ['not connected']), 20_000);
      assert.deepEqual(left, [], said);
      assert.equal(/without CAP_NET_BROADCAST/.test(said), !hears, said);
      if (hears) {
        await openNetns(`${lab.lab}n0`).exec('ip', 'link', 'set', 'eth0', 'mtu', '1234');
        await eventually(async () => (/mtu 1234 → \d+, put back/.test(said) ? [] : ['silent']), 15_000);
        assert.match(said, /mtu 1234 → \d+, put back/);
      }
      daemon.kill('SIGTERM');
      assert.equal((await daemon).exitCode, 0, said);
    } finally {
      await linkloom(['down', '--lab', lab.lab]);
    }
  });
}
