/** Two files of one lab, by the program: what the other file made stays and is told; --prune takes it away. */
import assert from 'node:assert/strict';
import { rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { linkloom, startLinkloom } from '../../support/bin.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { netnsNames, openNetns, uniqueName } from '../../support/netns.ts';

describe('two files, one lab', { timeout: 60_000, ...needs('root', 'program:ip') }, () => {
  const lab = uniqueName('o');
  const addressOf = (letter: string): string => `10.7.0.${letter.charCodeAt(0)}/24`;
  const linksOf = (...letters: readonly string[]): object => ({
    lab,
    links: letters.map((letter) => ({ netns: `${lab}${letter}`, dev: 'eth0', bridge: 'b', ip: addressOf(letter) })),
  });
  let folder: Folder | undefined;
  const pathOf = (name: string): string => join(folder?.path ?? '', name);
  const write = (name: string, ...letters: readonly string[]) =>
    writeFile(pathOf(name), JSON.stringify(linksOf(...letters)));
  const nodes = async () =>
    (await netnsNames()).filter((name) => name.startsWith(lab)).map((name) => name.slice(lab.length));
  const files = async () => /files=(\w+)/.exec((await openNetns(`linkloom-${lab}`).link('lo'))?.ifalias ?? '')?.[1];
  const run = async (...args: readonly string[]) => {
    const { exitCode, stdout, stderr } = await linkloom(args);
    assert.equal(exitCode, 0, stderr);
    return { stderr, json: args.includes('--json') ? JSON.parse(stdout) : null };
  };
  before(() => {
    folder = temporaryFolder('orphans');
  });
  after(async () => {
    folder?.[Symbol.dispose]();
    assert.equal((await linkloom(['down', '--lab', lab])).exitCode, 0);
  });

  it('what a.json made stays when b.json is brought up; plan says the same', async () => {
    await write('a.json', 'x', 'y');
    await write('b.json', 'z');
    await run('up', '-f', pathOf('a.json'));
    const own = await files();
    const planned = await run('plan', '-f', pathOf('b.json'), '--json');
    assert.equal(await files(), own, 'plan changes nothing');
    const up = await run('up', '-f', pathOf('b.json'), '--json');
    const orphans = ['x', 'y'].flatMap((letter) => [`${lab}${letter}:eth0`, `netns ${lab}${letter}`]).sort();
    for (const { json, stderr } of [planned, up]) {
      assert.deepEqual([...json.orphans].sort(), orphans);
      for (const orphan of orphans)
        assert.ok(stderr.includes(`WARNING: ${orphan} of lab ${lab} is not in these files`));
      assert.match(stderr, /hint: --prune/);
    }
    assert.deepEqual([up.json.links.created, up.json.links.removed], [1, 0]);
    assert.deepEqual(await nodes(), ['x', 'y', 'z']);
    assert.equal(await files(), 'mixed');
    const again = await linkloom(['plan', '-f', pathOf('b.json'), '--detailed-exitcode']);
    assert.equal(again.exitCode, 0, again.stderr);
  });

  it('status shows what others made as the kernel has it, addresses and traffic too', async () => {
    const { json } = await run('status', '-f', pathOf('b.json'), '--json');
    const others = json.links.filter(({ state }: { state: string }) => state === 'extra');
    assert.deepEqual(
      others.map(({ link, device }: { link: string; device: { addr_info: { local: string }[]; stats64: object } }) => [
        link,
        device.addr_info.map(({ local }) => local).filter((local) => !local.includes(':')),
        device.stats64 !== undefined,
      ]),
      ['x', 'y'].map((letter) => [`${lab}${letter}:eth0`, [addressOf(letter).replace('/24', '')], true]),
    );
  });

  it('the daemon keeps it too, and tells it once', async () => {
    await using daemon = startLinkloom(['daemon', '-f', pathOf('a.json')]);
    await daemon.until(/^All links connected$/m);
    await openNetns(`${lab}x`).exec('ip', 'link', 'set', 'eth0', 'mtu', '1300');
    await daemon.until(/put back/);
    assert.deepEqual(await nodes(), ['x', 'y', 'z']);
    assert.equal(daemon.output().match(new RegExp(`${lab}z:eth0 of lab`, 'g'))?.length, 1);
    daemon.child.kill('SIGKILL');
    await daemon.child;
  });

  it('--prune takes it away, and from then on the file is the lab’s own', async () => {
    const plan = await run('plan', '-f', pathOf('b.json'), '--prune', '--json');
    assert.deepEqual([plan.json.summary.remove, plan.json.orphans], [2, []]);
    assert.equal((await run('up', '-f', pathOf('b.json'), '--prune', '--json')).json.links.removed, 2);
    assert.deepEqual(await nodes(), ['z']);
    await write('b.json', 'x');
    assert.equal((await run('up', '-f', pathOf('b.json'), '--json')).json.links.removed, 1);
    assert.deepEqual(await nodes(), ['x']);
  });

  it('a file is known by its real path; standard input is one list, whatever comes', async () => {
    await symlink('b.json', pathOf('link.json'));
    await write('b.json', 'y');
    assert.equal((await run('up', '-f', pathOf('link.json'), '--json')).json.links.removed, 1);
    await rename(pathOf('b.json'), pathOf('c.json'));
    assert.equal((await run('up', '-f', pathOf('c.json'), '--json')).json.links.unchanged, 1);
    for (const letter of ['y', 'x']) {
      const { exitCode, stderr } = await linkloom(['up', '-f', '-', '--prune'], {
        input: JSON.stringify(linksOf(letter)),
      });
      assert.equal(exitCode, 0, stderr);
    }
    const { exitCode, stderr } = await linkloom(['up', '-f', '-'], { input: JSON.stringify(linksOf('z')) });
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(await nodes(), ['z']);
  });
});
