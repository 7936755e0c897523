import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { forms, runTool, scriptPath } from '../support/shipped/tools.ts';

const made = forms();
const folder = mkdtempSync(join(tmpdir(), 'linkloom-wait-'));

after(() => {
  made[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** A port at which nothing listened a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Start `wait`, do something once it has said that it will try again, and give back all it said. */
async function meanwhile(command: readonly string[], env: NodeJS.ProcessEnv, act: () => void): Promise<string> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'inherit'], timeout: 20_000 });
  let said = '';
  let acted = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (!acted && said.includes('before retry')) {
      acted = true;
      act();
    }
  });
  const [status] = await once(child, 'close');
  assert.equal(status, 0);
  assert.ok(acted, 'the condition held from the start');
  return said;
}

for (const form of made.all) {
  describe(`wait: ${form.name}`, () => {
    test('goes through the conditions from left to right and becomes the command', () => {
      const got = runTool(form, 'wait', [
        ...['-u', '0027', '--file', '/proc/version', '-i', 'lo', '--command', 'test "a b" = "a b"'],
        ...['-s', '2', '--', 'sh', '-c', 'umask; echo "$#:$2"; exit 7', 'x', 'one', 'two words'],
      ]);
      assert.deepEqual(got, {
        status: 7,
        stderr: '',
        stdout: [
          'Set umask to 0027',
          "File '/proc/version' exists",
          "Interface 'lo' exists",
          'Command successful: test "a b" = "a b"',
          'Running: sh -c umask; echo "$#:$2"; exit 7 x one two words',
          '0027',
          '2:two words',
          '',
        ].join('\n'),
      });
    });

    test('waits for a file that comes later', async () => {
      const file = join(folder, `late-${form.name}`);
      const said = await meanwhile([...form.command('wait'), '-s', '0.05', '-f', file], { PATH: form.path }, () =>
        writeFileSync(file, ''),
      );
      assert.match(said, new RegExp(`^Failed: '-f ${file}'\\. Sleep 0\\.05 seconds before retry\n`));
      assert.ok(said.endsWith(`File '${file}' exists\n`), said);
    });

    test('takes the time between tries from WAIT_SLEEP', async () => {
      const file = join(folder, `env-${form.name}`);
      const command = [...form.command('wait'), '-f', file];
      const said = await meanwhile(command, { PATH: form.path, WAIT_SLEEP: '0.1' }, () => writeFileSync(file, ''));
      assert.match(said, /Sleep 0\.1 seconds/);
    });

    test('waits for a TCP listener, even one that never says a word', async () => {
      const port = await freePort();
      const listener = createServer();
      const command = [...form.command('wait'), '-s', '0.05', '-t', `127.0.0.1:${port}`];
      const said = await meanwhile(command, { PATH: form.path }, () => listener.listen(port, '127.0.0.1'));
      listener.close();
      assert.ok(said.endsWith(`TCP listener is reachable at '127.0.0.1:${port}'\n`), said);
    });

    test('ends on SIGTERM, as process 1 of a container must', async () => {
      const [program, ...words] = form.command('wait');
      const args = [...words, '-s', '0.05', '-f', join(folder, 'never')];
      const child = spawn(program, args, { env: { PATH: form.path }, stdio: ['ignore', 'pipe', 'inherit'] });
      await once(child.stdout, 'data');
      child.kill('SIGTERM');
      const [status] = await once(child, 'close');
      assert.equal(status, 143);
    });

    const slips: readonly (readonly [readonly string[], number, string])[] = [
      [['-f', '/never', '--bogus', 'x'], 1, 'Unknown option: --bogus\n'],
      [['echo', 'hello'], 1, 'Unknown option: echo\n'],
      [['-i'], 2, "No arg found for type '-i'\n"],
      [['-i', '--', 'true'], 2, "No arg found for type '-i'\n"],
      [['-t', 'host'], 2, "wait: 'host' is not HOST:PORT\n"],
      [['-t', 'host:http'], 2, "wait: 'http' of 'host:http' is not a port\n"],
      [['-t', 'host:70000'], 2, "wait: port 70000 of 'host:70000' is not within 1-65535\n"],
      [['-s', 'soon'], 2, "wait: 'soon' is not a time to sleep\n"],
      [['-u', 'rwx--x'], 2, "wait: 'rwx--x' is not a umask\n"],
    ];
    for (const [args, status, stderr] of slips) {
      test(`refuses ${args.join(' ')} before it waits for anything`, () => {
        assert.deepEqual(runTool(form, 'wait', args), { status, stdout: '', stderr });
      });
    }

    test('takes a mask in symbols too', () => {
      const got = runTool(form, 'wait', ['-u', '022', '-u', 'g+w,o=', '--', 'sh', '-c', 'umask']);
      assert.deepEqual([got.status, got.stdout.split('\n').at(-2)], [0, '0007']);
    });

    test('waits for a listener by its name', async () => {
      const listener = createServer();
      listener.listen(0, '127.0.0.1');
      await once(listener, 'listening');
      const there = `localhost:${(listener.address() as AddressInfo).port}`;
      assert.equal(runTool(form, 'wait', ['-t', there]).stdout, `TCP listener is reachable at '${there}'\n`);
      listener.close();
    });

    if (form.isStatic) {
      test('says that there is no shell for a command', () => {
        const got = runTool({ ...form, path: '/nowhere' }, 'wait', ['-c', 'true']);
        assert.deepEqual(got, { status: 2, stdout: '', stderr: 'wait: -c needs sh, and none is here\n' });
      });
    }

    test('refuses a bad WAIT_SLEEP', () => {
      const got = runTool(form, 'wait', ['-f', '/proc'], { env: { WAIT_SLEEP: 'x' } });
      assert.deepEqual([got.status, got.stderr], [2, "wait: 'x' is not a time to sleep\n"]);
    });

    test('fails if the command is not there', () => {
      assert.equal(runTool(form, 'wait', ['--', '/no/such/command']).status, 127);
    });

    test('prints its usage', () => {
      const got = runTool(form, 'wait', ['--help']);
      assert.equal(got.status, 0);
      assert.match(got.stdout, /^Usage: wait \[OPTION ARG\]\.\.\. \[-- COMMAND \[ARG\]\.\.\.\]\n/);
    });
  });
}

test('wait finds a TCP listener with nothing but bash, and says so where it has nothing', async () => {
  const bare = mkdtempSync(join(tmpdir(), 'linkloom-bare-'));
  const form = { command: () => ['/usr/bin/dash', scriptPath('wait.sh')] as const, path: bare };
  symlinkSync('/usr/bin/bash', join(bare, 'bash'));
  const listener = createServer();
  listener.listen(0, '127.0.0.1');
  try {
    await once(listener, 'listening');
    // The kernel completes the connection; this thread need not be there for it.
    const there = `127.0.0.1:${(listener.address() as AddressInfo).port}`;
    assert.equal(runTool(form, 'wait', ['-t', there]).stdout, `TCP listener is reachable at '${there}'\n`);
    rmSync(join(bare, 'bash'));
    const got = runTool(form, 'wait', ['-t', there]);
    assert.deepEqual(got, { status: 2, stdout: '', stderr: 'wait: -t needs nc, socat or bash, and none is here\n' });
  } finally {
    listener.close();
    rmSync(bare, { recursive: true, force: true });
  }
});
