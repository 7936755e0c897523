/** `set` and `reset` as a user calls them: what they print, refuse, and leave in the kernel. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { linkloom, startLinkloom } from '../../support/bin.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { openNetns, uniqueName } from '../../support/netns.ts';
import { kernelHasNetem } from '../traffic/impaired.ts';

describe('set and reset', { timeout: 120_000, ...needs('root', 'program:ip', 'program:tc') }, () => {
  const lab = uniqueName('sc');
  const [a, b] = [`${lab}a`, `${lab}b`];
  let folder: Folder | undefined;
  let file = '';
  const rateOf = async (): Promise<unknown> => {
    const text = await openNetns(a).exec('tc', '-json', 'qdisc', 'show', 'dev', 'eth0', 'root');
    return (JSON.parse(text) as { handle: string; kind: string; options: { rate?: unknown } }[])[0];
  };

  before(async () => {
    folder = temporaryFolder('set');
    file = join(folder.path, 'lab.json');
    const links = [a, b].map((netns, at) => ({ netns, bridge: 'lan', dev: 'eth0', ip: `10.0.0.${at + 1}/24` }));
    await writeFile(file, JSON.stringify({ lab, links }));
    assert.equal((await linkloom(['up', '-f', file, '--progress', 'quiet'])).exitCode, 0);
  });
  after(async () => {
    await linkloom(['down', '--lab', lab]);
    folder?.[Symbol.dispose]();
  });

  it('refuses what it can’t mean, before anything is touched', async () => {
    const table: readonly (readonly [readonly string[], number, RegExp])[] = [
      [['--down'], 2, /no link is named/],
      [[`${a}:eth0`], 2, /nothing to set is given/],
      [[`${a}:eth0`, '--down', '--up'], 2, /--down and --up exclude each other/],
      [[a, '--down'], 2, new RegExp(`'${a}' is no link[^]*NODE:DEV \\(${a}:eth0\\)`)],
      [['bridge/', '--down'], 2, /'bridge\/' is no link/],
      [[`${a}:eth1`, '--down'], 1, new RegExp(`has no link ${a}:eth1[^]*did you mean ${a}:eth0\\?`)],
      [['x*:*', '--down'], 1, /no link of lab .* matches x\*:\*/],
      [['bridge/lam', '--down'], 1, /has no link on bridge lam[\s\S]*did you mean bridge\/lan\?/],
      [[`${a}:eth0`, '--delay', '10'], 2, /It must be a time with its unit/],
      [[`${a}:eth0`, '--loss', '101%'], 2, /It must be a percentage/],
      [[`${a}:eth0`, '--rate', '7bit'], 2, /It must be a rate with its unit/],
      [[`${a}:eth0`, '--rate', '0.1bit'], 2, /at least 8bit/],
      [[`${a}:eth0`, '--delay', '0.01ns'], 2, /It must be a time with its unit/],
      [[`${a}:eth0`, '--mtu', '67'], 2, /It must be a whole number from 68 to 65535/],
    ];
    for (const [args, status, message] of table) {
      const ran = await linkloom(['set', '-f', file, ...args]);
      assert.deepEqual([ran.exitCode, ran.stdout], [status, ''], `${args}: ${ran.stderr}`);
      assert.match(ran.stderr, message);
    }
    const reset = await linkloom(['reset', '--lab', lab], { cwd: '/' });
    assert.equal(reset.exitCode, 2);
    assert.match(reset.stderr, /`reset` needs the configuration/);
    assert.equal((await openNetns(a).link('eth0'))?.ifalias, undefined);
  });

  it('in colours too, no report has an escape sequence that is spelled out', async () => {
    const timeline = join(folder?.path ?? '', 'timeline.yaml');
    await writeFile(timeline, `steps: [{at: 0s, links: '${a}:eth0', mtu: 1300}]\n`);
    for (const args of [
      ['set', `${a}:eth0`, '--mtu', '1400'],
      ['reset', `${a}:eth0`],
      ['play', timeline],
    ]) {
      const ran = await linkloom([...args, '-f', file], { env: { FORCE_COLOR: '1' } });
      assert.equal(ran.exitCode, 0, ran.stderr);
      assert.match(ran.stderr, new RegExp(`^lab ${lab}: `, 'm'));
      assert.doesNotMatch(ran.stderr, /\\x1b/);
    }
  });

  it('tells in JSON what has changed; a second time nothing has; by its marks alone, too', async () => {
    const first = await linkloom(['set', '-f', file, 'bridge/lan', '--mtu', '1400', '--json']);
    assert.equal(first.exitCode, 0, first.stderr);
    const { links, missing, verb } = JSON.parse(first.stdout);
    assert.deepEqual([verb, missing, links.length], ['set', [], 2]);
    assert.deepEqual(links[0], {
      ...{ link: `${a}:eth0`, end: 'node', state: 'changed', changes: ['mtu 65535 → 1400'] },
      overrides: [{ end: 'node', setting: 'mtu', wanted: '65535', actual: '1400' }],
    });
    const again = JSON.parse((await linkloom(['set', '--lab', lab, '*', '--mtu', '1400', '--json'])).stdout);
    assert.deepEqual(
      again.links.map(({ state }: { state: string }) => state),
      ['unchanged', 'unchanged'],
    );
    const plan = await linkloom(['plan', '-f', file, '--detailed-exitcode']);
    assert.equal(plan.exitCode, 0);
    assert.ok(plan.stdout.includes(`override: ${a}:eth0: mtu 1400, set by hand (configured: 65535)`));
    const status = await linkloom(['status', '-f', file]);
    assert.match(status.stdout, /2 as wanted, 2 set by hand/);
    assert.match(status.stdout, new RegExp(`${a}:eth0 +node +mtu +65535 +1400`));
    const reset = await linkloom(['reset', '-f', file, '--json']);
    assert.equal(reset.exitCode, 0, reset.stderr);
    assert.equal((await openNetns(a).link('eth0'))?.mtu, 65535);
  });

  it('has a limited rate, by the token bucket where the kernel has no netem; what only netem has is refused by name', async () => {
    const kind = kernelHasNetem() ? 'netem' : 'tbf';
    const ran = await linkloom(['set', '-f', file, `${a}:eth0`, '--rate', '10mbit']);
    assert.equal(ran.exitCode, 0, ran.stderr);
    const set = (await rateOf()) as { kind: string; handle: string };
    assert.deepEqual([set.kind, set.handle], [kind, '4d00:']);
    const plan = JSON.parse((await linkloom(['plan', '-f', file, '--json'])).stdout);
    assert.deepEqual([plan.operations, plan.overrides.length], [[], 1]);
    if (kind === 'tbf') {
      const args = [
        'set',
        '-f',
        file,
        '*',
        '--delay',
        '1ms',
        '--loss',
        '1%',
        '--limit',
        '5',
        '--rate',
        '1mbit',
        '--down',
      ];
      const refused = await linkloom(args);
      assert.equal(refused.exitCode, 3);
      assert.match(
        refused.stderr,
        /delay, loss and limit can't be set: this kernel has no netem \(rate alone can be set, by tbf\)/,
      );
      assert.deepEqual(await rateOf(), set);
      assert.ok((await openNetns(b).link('eth0'))?.flags.includes('UP'));
    }
    // The same once more changes nothing; neither does the end of what is not there, on any kernel.
    for (const same of [
      ['--rate', '10mbit'],
      ['--delay', '0', '--loss', '0', '--limit', '0'],
    ]) {
      const again = await linkloom(['set', '-f', file, `${a}:eth0`, ...same, '--json']);
      assert.equal(again.exitCode, 0, again.stderr);
      assert.deepEqual(JSON.parse(again.stdout).links[0].state, 'unchanged', `${same}`);
    }
    const narrow = await linkloom(['set', '-f', file, `${a}:eth0`, '--mtu', '1400', '--json']);
    assert.deepEqual(JSON.parse(narrow.stdout).links[0].changes, ['mtu 65535 → 1400']);
    await linkloom(['set', '-f', file, `${a}:eth0`, '--rate', '0', '--mtu', '65535']);
    assert.deepEqual(((await rateOf()) as { kind: string }).kind, 'noqueue');
  });

  it('leaves a queueing discipline of somebody else alone', async () => {
    await openNetns(b).exec(
      'tc',
      'qdisc',
      'add',
      'dev',
      'eth0',
      'root',
      'handle',
      '7:',
      'tbf',
      'rate',
      '1mbit',
      'burst',
      '70000',
      'limit',
      '90000',
    );
    const ran = await linkloom(['set', '-f', file, '*', '--rate', '5mbit']);
    assert.equal(ran.exitCode, 1);
    assert.match(ran.stderr, /has a queueing discipline that is not linkloom's \(tbf\); nothing has been touched/);
    await openNetns(b).exec('tc', 'qdisc', 'del', 'dev', 'eth0', 'root');
    assert.deepEqual(((await rateOf()) as { kind: string }).kind, 'noqueue');
  });

  it('is left by a daemon; one that is served to nobody is named, and refuses', async () => {
    assert.equal((await linkloom(['set', '-f', file, `${a}:eth0`, '--down'])).exitCode, 0);
    await using daemon = startLinkloom(['daemon', '--no-api', '-f', file]);
    await daemon.until(/All links connected/);
    const ran = await linkloom(['set', '-f', file, `${a}:eth0`, '--up']);
    assert.equal(ran.exitCode, 1);
    assert.match(ran.stderr, new RegExp(`another linkloom, pid ${daemon.child.pid}`));
    assert.ok(!(await openNetns(a).link('eth0'))?.flags.includes('UP'));
    // It hears of a change of the same link, and mends that alone.
    await openNetns(a).exec('ip', 'address', 'del', '10.0.0.1/24', 'dev', 'eth0');
    const deadline = Date.now() + 20_000;
    const addresses = async () => ((await openNetns(a).link('eth0'))?.addr_info ?? []).map(({ local }) => local);
    while (!(await addresses()).includes('10.0.0.1') && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok((await addresses()).includes('10.0.0.1'));
    assert.ok(!(await openNetns(a).link('eth0'))?.flags.includes('UP'));
    daemon.child.kill('SIGKILL');
    await daemon.child;
    assert.equal((await linkloom(['reset', '-f', file])).exitCode, 0);
    assert.ok((await openNetns(a).link('eth0'))?.flags.includes('UP'));
  });
});
