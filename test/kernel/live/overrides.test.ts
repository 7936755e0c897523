/** What was set by hand, in the stream of events: when it comes, when it is taken back, and when it is lost with its device. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { execa } from 'execa';
import { linkloom, startLinkloom } from '../../support/bin.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { uniqueName } from '../../support/netns.ts';

interface Told {
  readonly type: string;
  readonly change?: string;
  readonly settings?: readonly string[];
  readonly subject?: { readonly node?: string };
}

test('an override that dies with its device, or with its namespace, is told as lost', {
  timeout: 90_000,
  ...needs('root', 'program:ip'),
}, async () => {
  const lab = uniqueName('ol');
  const [a, b] = [`${lab}a`, `${lab}b`];
  await using folder = temporaryFolder('overrides');
  const file = join(folder.path, 'lab.json');
  const links = [a, b].map((netns, at) => ({ netns, bridge: 'lan', dev: 'eth0', ip: `10.0.0.${at + 1}/24` }));
  await writeFile(file, JSON.stringify({ lab, links }));
  try {
    const up = await linkloom(['up', '-f', file]);
    assert.equal(up.exitCode, 0, up.stderr);
    await using watch = startLinkloom(['events', '-f', file, '--json', '--kind', 'override']);
    await watch.until(/Following lab/);
    const set = await linkloom(['set', '-f', file, '*:*', '--mtu', '1400', '--rate', '1mbit']);
    assert.equal(set.exitCode, 0, set.stderr);
    await watch.until(new RegExp(`"node":"${b}"[^\n]*"settings":\\["(tbf|netem)`));
    await execa('ip', ['-n', a, 'link', 'del', 'eth0']);
    await watch.until(new RegExp(`"node":"${a}"[^\n]*"lost"`));
    await linkloom(['down', '--lab', lab]);
    await watch.until(new RegExp(`"node":"${b}"[^\n]*"lost"`));
    watch.child.kill('SIGINT');
    await watch.child;
    const told = watch
      .output()
      .split('\n')
      .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Told] : []));
    for (const node of [a, b]) {
      const own = told.filter(({ subject }) => subject?.node === node);
      assert.deepEqual(
        own.map(({ type, change }) => [type, change]),
        [
          ['override', 'set'],
          ['override', 'set'],
          ['override', 'lost'],
        ],
        JSON.stringify(own),
      );
      assert.deepEqual([own.at(-1)?.settings?.[0], own.at(-1)?.settings?.length], ['mtu', 2]);
    }
  } finally {
    await linkloom(['down', '--lab', lab]);
  }
});
