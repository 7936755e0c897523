/** The example of several hosts is run as its README says; hosts end with what started them, and by `down` where that was killed. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { ROOT } from '../../support/bin.ts';
import { readPage } from '../../support/docs/pages.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';

const EXAMPLE = join(ROOT, 'dist/scripts/cluster/example.js');
const README = readPage('examples/hosts/README.md');

/** What is promised, with `…` for any text. */
function isSaid(line: string, output: string): boolean {
  const parts = line.split('…').map((part) => part.trim().replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(parts.join('.*')).test(output);
}

test('the example runs as its README says, and leaves nothing', needs('root', 'program:openssl'), async () => {
  using folder = temporaryFolder('example');
  const env = { LINKLOOM_HOSTS_FOLDER: join(folder.path, 'hosts') };
  const commands = (README.steps.find(({ kind }) => kind === 'shell')?.text ?? '').split('\n').filter(Boolean);
  assert.ok(commands.length >= 4);
  let said = '';
  try {
    for (const command of commands) {
      const words = command.replace('$PWD', ROOT).split(' ');
      assert.deepEqual(words.slice(0, 4), ['npm', 'run', 'hosts', '--']);
      const ran = await execa(process.execPath, [EXAMPLE, ...words.slice(4)], { env, all: true, reject: false });
      assert.equal(ran.exitCode, 0, `${command}\n${ran.all}`);
      said += `${ran.all}\n`;
    }
  } finally {
    await execa(process.execPath, [EXAMPLE, 'down'], { env });
  }
  const promised =
    README.steps
      .find(({ language }) => language === 'text')
      ?.text.split('\n')
      .filter(Boolean) ?? [];
  for (const line of promised) assert.ok(isSaid(line, said), `${line}\n\n${said}`);
  assert.equal(existsSync(env.LINKLOOM_HOSTS_FOLDER), false);
});

test('an up that is killed leaves nothing after down', needs('root', 'program:openssl'), async () => {
  using folder = temporaryFolder('example');
  const env = { LINKLOOM_HOSTS_FOLDER: join(folder.path, 'hosts') };
  for (const afterMs of [400, 6000]) {
    const up = execa(process.execPath, [EXAMPLE, 'up'], { env, reject: false });
    await delay(afterMs);
    up.kill('SIGKILL');
    await up;
    await execa(process.execPath, [EXAMPLE, 'down'], { env });
    // With its environment, in which the processes of the example have the folder.
    const { stdout } = await execa('ps', ['axeww', '-o', 'args']);
    const left = stdout.split('\n').filter((line) => line.includes(`LINKLOOM_HOSTS_OF=${env.LINKLOOM_HOSTS_FOLDER}`));
    assert.deepEqual(left, []);
  }
});
