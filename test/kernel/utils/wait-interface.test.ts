import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { after, describe, test } from 'node:test';
import { needs } from '../../support/needs.ts';
import { scriptPath, shells } from '../../support/shells.ts';

const both = shells();
after(() => both[Symbol.dispose]());

/**
 * Run `wait` in a network namespace of its own, with a veth pair `w0`/`w1` in it. Each time that it says that
 * it will try again, the next step of `ip` commands is carried out in that namespace.
 */
async function waitWhile(
  command: readonly string[],
  path: string,
  steps: readonly (readonly string[])[],
): Promise<string> {
  const child = spawn('unshare', ['--net', ...command], { env: { PATH: path }, stdio: ['ignore', 'pipe', 'inherit'] });
  const deadline = setTimeout(() => child.kill('SIGKILL'), 20_000);
  let said = '';
  let retries = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    for (; retries < said.split('before retry').length - 1; retries++) {
      for (const line of steps[retries] ?? []) {
        spawnSync('nsenter', [`--net=/proc/${child.pid}/ns/net`, 'ip', ...line.split(' ')], { stdio: 'inherit' });
      }
    }
  });
  const [status] = await once(child, 'close');
  clearTimeout(deadline);
  assert.equal(status, 0);
  return said;
}

const pair = ['link add w0 type veth peer name w1', 'link set w1 up', 'link set w0 up'];

describe('wait for interfaces', needs('root'), () => {
  for (const { name, command, path } of both.all) {
    const wait = [...command, scriptPath('wait.sh'), '-s', '0.1'];

    test(`${name}: an interface that comes later`, async () => {
      const said = await waitWhile([...wait, '--intf', 'w0'], path, [
        ['link add w00 type veth peer name v00'],
        ['link add w0 type veth peer name w1'],
      ]);
      assert.match(said, /^(Failed: '--intf w0'\. Sleep 0\.1 seconds before retry\n){2,}Interface 'w0' exists\n$/);
    });

    test(`${name}: an IPv4 route on it, not the interface alone`, async () => {
      const said = await waitWhile([...wait, '-i', 'w0', '-I', 'w0'], path, [
        pair,
        [],
        ['address add 192.0.2.1/24 dev w0'],
      ]);
      assert.match(said, /Interface 'w0' exists\n(Failed: '-I w0'.*\n)+Interface 'w0' has IP\/routing\n$/);
    });

    test(`${name}: an IPv6 address, once duplicate detection is done`, async () => {
      const steps = [pair, ['address add 2001:db8::1/64 dev w0']];
      const said = await waitWhile([...wait, '-I', 'w0'], path, steps);
      // Detection takes a second or more: some tries fail after the address was given.
      assert.match(said, /^(Failed: '-I w0'.*\n){4,}Interface 'w0' has IP\/routing\n$/);
    });
  }
});
