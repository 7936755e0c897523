/** `run --rootless`: as a real user without any privilege. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { execa } from 'execa';
import { BIN, NEUTRAL } from '../../support/bin.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { netnsNames, uniqueName } from '../../support/netns.ts';

/** The user nobody of Debian. */
const NOBODY = '65534';
const AS_NOBODY = [
  '--reuid',
  NOBODY,
  '--regid',
  NOBODY,
  '--clear-groups',
  '--inh-caps=-all',
  '--bounding-set=-all',
  '--',
];

describe('run --rootless', { timeout: 120_000, ...needs('root', 'program:setpriv', 'program:unshare') }, () => {
  const lab = uniqueName('u');
  const config =
    `lab: ${lab}\naddressing: {wires: {pool: 10.0.0.0/24}}\nwires: [[a:eth1, b:eth1]]\n` +
    'nodes: {a: , b: {run: [{name: server, command: [sleep, "302"]}]}}\n';
  const run = (...command: readonly string[]) => runAs([], ...command);
  /** `before`: what starts it, as root. */
  const runAs = (before: readonly string[], ...command: readonly string[]) => {
    const words = [process.execPath, BIN, 'run', '--rootless', '-f', '-', '--', ...command];
    const [file = '', ...args] = [...before, 'setpriv', ...AS_NOBODY, ...words];
    return execa(file, args, {
      ...{
        reject: false,
        input: config,
        cwd: '/',
        env: { ...NEUTRAL, HOME: '/', LINKLOOM_TEST: lab },
        timeout: 60_000,
      },
    });
  };
  const left = async (): Promise<readonly string[]> => [
    ...(await netnsNames()).filter((name) => name.includes(lab)),
    ...readdirSync('/run/linkloom').filter((name) => name.includes(lab)),
  ];

  it('makes a lab, proves it, passes the status on, and nothing of it is on the machine', async () => {
    const exec = `'${process.execPath}' '${BIN}' exec a -- ping -c 1 -w 10 10.0.0.1`;
    const ran = await run(
      'sh',
      '-c',
      `id -u; ip netns list; ${exec}; test -e /run/linkloom/$LINKLOOM_LAB.run && exit 5`,
    );
    assert.equal(ran.exitCode, 5, ran.stderr);
    assert.match(ran.stdout, /^0$[\s\S]*^linkloom-u\w+-\w{6}[\s\S]*1 packets transmitted, 1 (packets )?received/m);
    assert.match(ran.stderr, /2 links: 2 ok, 0 at fault/);
    assert.deepEqual(await left(), []);
  });

  it('works with a folder for the names of nodes, and without one, which it tells', async () => {
    for (const [script, isTold] of [['mkdir -p /etc/netns', false] as const, ['rm -rf /etc/netns', true] as const]) {
      using copy = temporaryFolder('etc');
      const mount = `cp -a /etc/. '${copy.path}' && mount --bind '${copy.path}' /etc`;
      const inCopy = ['sh', '-c', `${mount} && ${script} && exec "$@"`, 'sh'];
      const ran = await runAs(['unshare', '--mount', ...inCopy], 'true');
      assert.deepEqual([ran.exitCode, /can not be written/.test(ran.stderr)], [0, isTold], `${script}: ${ran.stderr}`);
    }
  });

  it('passes a signal on, and ends with it', async () => {
    const started = run('sh', '-c', 'echo READY; sleep 300');
    await new Promise<void>((resolve) => {
      started.stdout.on('data', (bytes) => {
        if (String(bytes).includes('READY')) resolve();
      });
    });
    started.kill('SIGTERM');
    assert.equal((await started).exitCode, 143);
    assert.deepEqual(await left(), []);
  });
});
