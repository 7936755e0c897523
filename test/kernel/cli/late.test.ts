/** `state: late`: links that rise once all links of the lab are made, by `up` and by the daemon, and are no difference meanwhile. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { execa } from 'execa';
import { linkloom } from '../../support/bin.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { uniqueName } from '../../support/netns.ts';

async function isUp(namespace: string, dev: string): Promise<boolean> {
  const { stdout } = await execa('ip', ['-json', '-netns', namespace, 'link', 'show', 'dev', dev]);
  const [device] = JSON.parse(stdout) as readonly { readonly flags: readonly string[] }[];
  return device?.flags.includes('UP') ?? false;
}

interface Shown {
  readonly settled: boolean;
  readonly links: readonly { readonly link: string; readonly state: string; readonly heldBack: boolean }[];
}

test('late links', { timeout: 240_000, ...needs('root', 'program:ip') }, async (t) => {
  using folder = temporaryFolder('late');
  const lab = uniqueName('l');
  const [a, b] = [`${lab}.a`, `${lab}.b`];
  const file = join(folder.path, 'lab.yaml');
  const write = async (more = ''): Promise<void> => {
    const wires = `wires:\n  - [a:eth1, b:eth1]\n  - {ends: [a:eth2, b:eth2], state: late, ip: [10.0.2.1/24, 10.0.2.2/24]}\n`;
    const above = `links:\n  - {node: a, dev: above, type: macvlan, base: local, outer-dev: eth2, ip: 10.0.5.1/24}\n`;
    await writeFile(file, `lab: ${lab}\nnodes: {a: , b: }\n${wires}${above}${more}`);
  };
  const status = async (): Promise<Shown> =>
    JSON.parse((await linkloom(['status', '-f', file, '--json'])).stdout) as Shown;
  const must = async (...args: readonly string[]): Promise<string> => {
    const ran = await linkloom(args);
    assert.equal(ran.exitCode, 0, `${args.join(' ')}\n${ran.stdout}${ran.stderr}`);
    return `${ran.stdout}${ran.stderr}`;
  };

  try {
    await t.test('wait while a bridge of the host is not there, and are no difference', async () => {
      await write(`  - {node: a, dev: eth9, bridge: ${lab}-br}\nbridges: [{bridge: ${lab}-br, external: true}]\n`);
      const { exitCode, stderr } = await linkloom(['up', '-f', file]);
      assert.equal(exitCode, 1);
      assert.match(stderr, /2 links held back \(state late\)/);
      assert.deepEqual([await isUp(a, 'eth1'), await isUp(a, 'eth2'), await isUp(b, 'eth2')], [true, false, false]);
      const { links } = await status();
      const held = links.filter(({ heldBack }) => heldBack).map(({ link, state }) => `${link} ${state}`);
      assert.deepEqual(held.sort(), ['a:above ok', 'a:eth2 ok', 'b:eth2 ok']);
      assert.match(await must('status', '-f', file).catch((error: Error) => error.message), /a:eth2 .*late/);
    });

    await t.test('rise with the last link, and what stands on them too', async () => {
      await write();
      assert.doesNotMatch(await must('up', '-f', file), /held back/);
      assert.deepEqual([await isUp(a, 'eth2'), await isUp(b, 'eth2'), await isUp(a, 'above')], [true, true, true]);
      await execa('ip', ['netns', 'exec', a, 'ping', '-c', '1', '-w', '5', '10.0.2.2']);
      assert.equal((await status()).settled, true);
      const again = JSON.parse((await linkloom(['up', '-f', file, '--json'])).stdout) as {
        links: Record<string, number>;
      };
      assert.equal(again.links['changed'], 0);
    });

    await t.test('that are up stay up while another link is missing', async () => {
      await execa('ip', ['-netns', a, 'link', 'del', 'eth1']);
      const { stdout } = await linkloom(['plan', '-f', file]);
      assert.doesNotMatch(stdout, /eth2/);
      await must('up', '-f', file);
      assert.deepEqual([await isUp(a, 'eth1'), await isUp(a, 'eth2')], [true, true]);
    });

    await t.test('that are made anew rise again in the same run', async () => {
      await execa('ip', ['-netns', a, 'link', 'del', 'eth2']);
      await must('up', '-f', file);
      assert.deepEqual([await isUp(a, 'eth2'), await isUp(b, 'eth2'), await isUp(a, 'above')], [true, true, true]);
    });

    await t.test('are risen by a daemon, also when they were made anew', async () => {
      await must('down', '--lab', lab);
      const daemon = execa(process.execPath, [LINKLOOM, 'up', '-f', file, '--watch'], {
        reject: false,
        stdin: 'ignore',
      });
      try {
        await untilUp(a, 'above');
        await execa('ip', ['-netns', b, 'link', 'del', 'eth2']);
        await untilUp(a, 'above');
        await untilUp(b, 'eth2');
      } finally {
        daemon.kill('SIGTERM');
        await daemon;
      }
    });
  } finally {
    await linkloom(['down', '--lab', lab]);
  }
});

const LINKLOOM = new URL('../../../../lib/src/main.js', import.meta.url).pathname;

async function untilUp(namespace: string, dev: string): Promise<void> {
  for (const end = Date.now() + 20_000; ; ) {
    if (await isUp(namespace, dev).catch(() => false)) return;
    if (Date.now() > end) throw new Error(`${namespace}:${dev} is not up`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
