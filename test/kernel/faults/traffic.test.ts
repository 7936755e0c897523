/** One link after another is edited in every way, while pings run over others without a pause: not one of them is lost. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { execa } from 'execa';
import { linkloom } from '../../support/bin.ts';
import { identities } from '../../support/faults/exact.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { openNetns, uniqueName } from '../../support/netns.ts';

/** Change of one link, the verdict that `plan` gives it, and words of its cause. */
const EDITS: readonly (readonly [Readonly<Record<string, unknown>>, 'change' | 'recreate', RegExp])[] = [
  [
    { ip: '10.7.0.9/24' },
    'change',
    /address 10\.7\.0\.9\/24 missing, address 10\.7\.0\.1\/24 not in the configuration/,
  ],
  [{ mtu: 1300 }, 'change', /mtu 1400 → 1300/],
  [{ mac: 'c2:00:00:00:00:99' }, 'change', /mac c2:00:00:00:00:01 → c2:00:00:00:00:99/],
  [{ route: '192.0.2.0/24' }, 'change', /route 192\.0\.2\.0\/24.* missing/],
  [{ bridge: 'y1' }, 'change', /another bridge than y1/],
  [{ state: 'down' }, 'change', /state up → down/],
  [{ queues: 2 }, 'recreate', /queues 1 → 2/],
  [{}, 'recreate', /queues 2 → 1/],
];

test('an edit of one link costs the others no packet', {
  timeout: 120_000,
  ...needs('root', 'program:ping'),
}, async () => {
  const lab = uniqueName('t');
  const [a, b, c] = ['a', 'b', 'c'].map((letter) => `${lab}${letter}`);
  await using folder = temporaryFolder('traffic');
  const file = join(folder.path, 'lab.json');
  const edited = { netns: a, dev: 'eth1', bridge: 'y0', ip: '10.7.0.1/24', mtu: 1400, mac: 'c2:00:00:00:00:01' };
  const write = (edit: object) =>
    writeFile(
      file,
      JSON.stringify({
        lab,
        links: [
          { netns: a, dev: 'eth0', bridge: 'x0', ip: '10.6.0.1/24' },
          { netns: b, dev: 'eth0', bridge: 'x0', ip: '10.6.0.2/24' },
          { netns: b, dev: 'eth1', bridge: 'y0', ip: '10.8.0.1/24' },
          { netns: c, dev: 'eth0', bridge: 'y1', ip: '10.9.0.1/24' },
          { ...edited, ...edit },
        ],
      }),
    );
  try {
    await write({});
    assert.equal((await linkloom(['up', '-f', file])).exitCode, 0);
    await openNetns(a ?? '').exec('ping', '-c', '1', '-w', '10', '10.6.0.2');
    const ping = execa('ip', ['netns', 'exec', a ?? '', 'ping', '-i', '0.02', '10.6.0.2'], { reject: false });
    for (const [edit, verdict, cause] of EDITS) {
      await write(edit);
      const { links } = JSON.parse((await linkloom(['plan', '-f', file, '--json'])).stdout);
      const planned = links.filter((link: { verdict: string }) => link.verdict !== 'unchanged');
      assert.deepEqual(
        planned.map((link: { link: string; verdict: string }) => [link.link, link.verdict]),
        [[`${a}:eth1`, verdict]],
      );
      assert.match(planned[0].cause, cause);
      const up = JSON.parse((await linkloom(['up', '-f', file, '--json'])).stdout);
      assert.deepEqual([up.links.changed, up.links.unchanged, up.links.failed], [1, 4, 0]);
    }
    ping.kill('SIGINT');
    const { stdout } = await ping;
    const [, sent, received] = /(\d+) packets transmitted, (\d+) received/.exec(stdout) ?? [];
    assert.ok(Number(sent) > 50, stdout.slice(-300));
    // The last may be under way when ping is told to end.
    assert.ok(Number(received) >= Number(sent) - 1, stdout.slice(-300));
  } finally {
    await linkloom(['down', '--lab', lab]);
  }
});

test('two labs on one host never touch each other', { timeout: 120_000, ...needs('root', 'program:ip') }, async () => {
  const [one, two, node] = [uniqueName('p'), uniqueName('q'), uniqueName('n')];
  await using folder = temporaryFolder('labs');
  const file = (lab: string): string => join(folder.path, `${lab}.json`);
  const devices = async () => (await identities(node)).filter((line) => !line.includes(' eth1 '));
  for (const [lab, dev] of [
    [one, 'eth0'],
    [two, 'eth1'],
  ] as const) {
    const links = [
      { netns: node, dev, bridge: 'same', ip: '10.1.0.1/24' },
      { netns: `${node}x`, dev, bridge: 'same' },
    ];
    await writeFile(file(lab), JSON.stringify({ lab, links }));
  }
  try {
    assert.equal((await linkloom(['up', '-f', file(one)])).exitCode, 0);
    const before = await devices();
    assert.equal((await linkloom(['up', '-f', file(two)])).exitCode, 0);
    assert.deepEqual(await devices(), before);
    assert.equal((await linkloom(['plan', '-f', file(one), '--detailed-exitcode'])).exitCode, 0);
    const down = await linkloom(['down', '--lab', two]);
    assert.equal(down.exitCode, 0, down.stderr);
    assert.deepEqual(await devices(), before);
    assert.equal((await linkloom(['plan', '-f', file(one), '--detailed-exitcode'])).exitCode, 0);
    const again = await linkloom(['up', '-f', file(two)]);
    assert.equal(again.exitCode, 0, again.stderr);
    assert.equal((await linkloom(['down', '--lab', one])).exitCode, 0);
    // The namespaces that the first lab made stay, since the second has links in them.
    assert.ok(await openNetns(node).link('eth1'));
    assert.equal((await linkloom(['plan', '-f', file(two), '--detailed-exitcode'])).exitCode, 0);
  } finally {
    await linkloom(['down', '--lab', one]);
    await linkloom(['down', '--lab', two]);
    for (const name of [node, `${node}x`]) await execa('ip', ['netns', 'del', name], { reject: false });
  }
});
