/** A running daemon, and `up --watch`, follow their files: the lab becomes what an edit says, and stays where an edit has faults. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { linkloom, startLinkloom } from '../../support/bin.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { openNetns, uniqueName } from '../../support/netns.ts';

interface Wanted {
  readonly nodes: readonly string[];
  readonly mtu: number;
}

describe('an edit under a running lab', { timeout: 120_000, ...needs('root', 'program:ip') }, () => {
  let folder: Folder;
  let file: string;
  const lab = uniqueName('e');
  before(() => {
    folder = temporaryFolder('edits');
    file = join(folder.path, 'lab.json');
  });
  after(async () => {
    await linkloom(['down', '--lab', lab]);
    folder[Symbol.dispose]();
  });

  const textOf = ({ nodes, mtu }: Wanted, name = lab): string => {
    const links = nodes.map((node, n) => ({
      netns: lab + node,
      bridge: 'lan',
      dev: 'eth0',
      ip: `10.0.0.${n + 1}/24`,
      mtu,
    }));
    return JSON.stringify({ lab: name, links });
  };
  const write = (wanted: Wanted, name?: string): void => writeFileSync(file, textOf(wanted, name));
  const deviceOf = (node: string) =>
    openNetns(lab + node)
      .link('eth0')
      .catch(() => undefined);

  it('changes, adds and removes links in place; one with faults changes nothing and is told', async () => {
    write({ nodes: ['a', 'b'], mtu: 1400 });
    await using daemon = startLinkloom(['daemon', '-f', file]);
    await daemon.until(/All links connected/);
    const { ifindex } = (await deviceOf('a')) ?? {};

    write({ nodes: ['a', 'b', 'c'], mtu: 1450 });
    await daemon.until(/^Reloaded .*lab\.json: 1 link more, 2 links changed$[\s\S]*^All links connected$/m);
    const device = await deviceOf('a');
    assert.deepEqual([device?.mtu, device?.ifindex], [1450, ifindex], 'changed in place');
    assert.equal((await deviceOf('c'))?.mtu, 1450);

    writeFileSync(file, '{"links": [{"netns": "x", "bridg": "lan"}]}');
    await daemon.until(/unknown key "bridg"[\s\S]*^ERROR: not reloaded, the lab stays as it was/m);
    assert.equal((await deviceOf('c'))?.mtu, 1450);

    write({ nodes: ['a', 'b'], mtu: 1500 }, 'another');
    await daemon.until(/not reloaded.*the lab is called another now/);
    rmSync(file);
    await daemon.until(/cannot read .*lab\.json: no such file/);
    assert.equal((await deviceOf('c'))?.mtu, 1450);

    writeFileSync(`${file}.new`, textOf({ nodes: ['a', 'b'], mtu: 1500 }));
    renameSync(`${file}.new`, file);
    await daemon.until(
      /^Reloaded .*: 1 link fewer, 2 links changed$[\s\S]*^Deleting link \S+c:eth0$[\s\S]*^All links connected$/m,
    );
    assert.equal((await deviceOf('a'))?.mtu, 1500);
    assert.equal(await deviceOf('c'), undefined);

    daemon.child.kill('SIGHUP');
    await daemon.until(/^Reloaded .*: nothing differs$/m);
    daemon.child.kill('SIGTERM');
    assert.equal((await daemon.child).exitCode, 0, daemon.output());
    assert.equal(await deviceOf('a'), undefined);
    assert.doesNotMatch(daemon.output(), /drift/);
  });

  it('takes links out also where it turns a symbolic link to another file; what other files made is told and stays', async () => {
    const [one, two, other] = ['one.json', 'two.json', 'other.json'].map((name) => join(folder.path, name));
    assert.ok(one && two && other);
    writeFileSync(one, textOf({ nodes: ['a', 'b'], mtu: 1400 }));
    writeFileSync(two, textOf({ nodes: ['a'], mtu: 1400 }));
    rmSync(file, { force: true });
    symlinkSync('one.json', file);
    await using daemon = startLinkloom(['daemon', '-f', file]);
    await daemon.until(/All links connected/);
    symlinkSync('two.json', `${file}.new`);
    renameSync(`${file}.new`, file);
    await daemon.until(/^Reloaded .*: 1 link fewer$[\s\S]*^All links connected$/m);
    assert.equal(await deviceOf('b'), undefined, daemon.output());
    assert.doesNotMatch(daemon.output(), /others made it/);
    daemon.child.kill('SIGTERM');
    assert.equal((await daemon.child).exitCode, 0);
    rmSync(file);

    writeFileSync(other, textOf({ nodes: ['b'], mtu: 1400 }));
    assert.equal((await linkloom(['up', '-f', other])).exitCode, 0);
    write({ nodes: ['a'], mtu: 1400 });
    await using mixed = startLinkloom(['daemon', '-f', file]);
    await mixed.until(/b:eth0 of lab \S+ is not in these files[\s\S]*All links connected/);
    write({ nodes: ['a', 'b'], mtu: 1400 });
    await mixed.until(/^Reloaded .*: 1 link more$[\s\S]*^All links connected$/m);
    write({ nodes: ['a'], mtu: 1400 });
    await mixed.until(/^Reloaded .*: 1 link fewer$[\s\S]*b:eth0 of lab \S+ is not in these files/m);
    mixed.child.kill('SIGTERM');
    assert.equal((await mixed.child).exitCode, 0);
  });

  it('reaches what nodes have beside links: names, loopbacks, programs; also anew in a namespace that was made again', async () => {
    const whole = (nodes: string): void => writeFileSync(file, `{"lab": "${lab}", "nodes": ${nodes}}`);
    const hosts = (node: string): string => readFileSync(`/etc/netns/${lab}.${node}/hosts`, 'utf8');
    const pids = async (node: string): Promise<string> =>
      (await execa('ip', ['netns', 'pids', `${lab}.${node}`])).stdout.trim();
    const program = '"run": [{"name": "p", "command": "sleep 1000000"}]';
    const comes = async (what: string, check: () => boolean | Promise<boolean>): Promise<void> => {
      for (let waitedMs = 0; !(await check()); waitedMs += 50) {
        assert.ok(waitedMs < 20_000, `${what}\n${watch.output()}`);
        await delay(50);
      }
    };
    whole(`{"a": {"ip": "10.255.0.1/32", ${program}}, "b": {"ip": "10.255.0.2/32"}}`);
    await using watch = startLinkloom(['up', '--watch', '-f', file]);
    await comes('the program runs', async () => existsSync(`/run/netns/${lab}.a`) && (await pids('a')) !== '');
    assert.match(hosts('b'), /^10\.255\.0\.1\ta$/m);

    const before = await pids('a');
    await execa('ip', ['netns', 'delete', `${lab}.a`]);
    watch.child.kill('SIGHUP');
    await comes('it runs in the new one', async () => existsSync(`/run/netns/${lab}.a`) && (await pids('a')) !== '');
    assert.notEqual(await pids('a'), before);

    whole(`{"a": {"ip": "10.255.0.9/32"}, "c": {${program}}}`);
    await watch.until(/^Reloaded .*: 1 node more, 1 node fewer, 1 node changed$/m);
    await comes('programs are as described', async () => existsSync(`/run/netns/${lab}.c`) && (await pids('c')) !== '');
    assert.equal(await pids('a'), '');
    assert.match(hosts('c'), /^10\.255\.0\.9\ta$/m);
    assert.ok(!existsSync(`/etc/netns/${lab}.b`), 'the names for a node that is gone');
    watch.child.kill('SIGTERM');
    assert.equal((await watch.child).exitCode, 0, watch.output());
    assert.equal((await linkloom(['down', '--lab', lab])).exitCode, 0);
  });

  it('is followed by up --watch; by none with --no-reload, which SIGHUP does not end', async () => {
    write({ nodes: ['a'], mtu: 1400 });
    await using watch = startLinkloom(['up', '--watch', '-f', file]);
    await watch.until(/All links connected/);
    write({ nodes: ['a'], mtu: 1410 });
    await watch.until(/^Reloaded [\s\S]*^All links connected$/m);
    watch.child.kill('SIGTERM');
    assert.equal((await watch.child).exitCode, 0);
    assert.equal((await deviceOf('a'))?.mtu, 1410);

    await using daemon = startLinkloom(['daemon', '-f', file], { env: { LINKLOOM_NO_RELOAD: '1' } });
    await daemon.until(/All links connected/);
    write({ nodes: ['a'], mtu: 1420 });
    daemon.child.kill('SIGHUP');
    await daemon.until(/SIGHUP: the files are not read again/);
    // What others change later is put back by the configuration that is in force.
    await openNetns(`${lab}a`).exec('ip', 'link', 'set', 'eth0', 'mtu', '1300');
    await daemon.until(/^drift: .*a:eth0 .*put back$/m);
    assert.doesNotMatch(daemon.output(), /Reloaded/);
    assert.equal((await deviceOf('a'))?.mtu, 1410);
    daemon.child.kill('SIGTERM');
    assert.equal((await daemon.child).exitCode, 0);
  });
});
