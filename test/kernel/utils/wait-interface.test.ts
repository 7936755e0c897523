import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { after, describe, test } from 'node:test';
import { execa } from 'execa';
import { temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { forms } from '../../support/shipped/tools.ts';

const made = forms();
after(() => made[Symbol.dispose]());

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
  for (const { name, command, path } of made.all) {
    const wait = [...command('wait'), '-s', '0.1'];

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

/** A name server that knows one name; answers as RFC 1035 4.1 has it, the name by a pointer to the question. */
function nameServer(name: string, address: readonly [number, number, number, number]) {
  const server = createSocket('udp4', (question, from) => {
    const words = name.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]);
    const isAsked = question.subarray(12).indexOf(Buffer.from([...words, 0, 0, 1, 0, 1])) === 0;
    const header = Buffer.from(question.subarray(0, 12));
    header.set([0x81, isAsked ? 0x80 : 0x83, 0, 1, 0, isAsked ? 1 : 0], 2);
    const record = isAsked ? [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, ...address] : [];
    server.send(Buffer.concat([header, question.subarray(12), Buffer.from(record)]), from.port, from.address);
  });
  return server.bind(53, '127.0.0.1');
}

describe('wait for a name that a name server knows', needs('root'), () => {
  for (const form of made.all.filter(({ isStatic }) => isStatic)) {
    test(form.name, async () => {
      await using dns = nameServer('peer.lab.test', [127, 0, 0, 1]);
      const listener = createServer().listen(0, '127.0.0.1');
      await Promise.all([once(dns, 'listening'), once(listener, 'listening')]);
      const { port } = listener.address() as AddressInfo;
      using folder = temporaryFolder('dns');
      writeFileSync(`${folder.path}/resolv.conf`, 'nameserver 127.0.0.1\nsearch none.test lab.test\n');
      const mount = `mount --bind ${folder.path}/resolv.conf /etc/resolv.conf && exec "$@"`;
      for (const name of ['peer.lab.test', 'peer']) {
        const wait = [...form.command('wait'), '-t', `${name}:${port}`];
        const { stdout } = await execa('unshare', ['--mount', 'sh', '-c', mount, 'sh', ...wait], { timeout: 20_000 });
        assert.equal(stdout, `TCP listener is reachable at '${name}:${port}'`);
      }
      listener.close();
    });
  }
});
