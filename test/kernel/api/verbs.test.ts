/** Verbs that change a lab which a daemon has: the daemon does the work and is named, or refuses and says why. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ask, socketOf } from '../../support/api/request.ts';
import { linkloom, startLinkloom } from '../../support/bin.ts';
import { takeName } from '../../support/daemon/take-name.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { openNetns, uniqueName } from '../../support/netns.ts';

describe('verbs where a daemon has the lab', { timeout: 300_000, ...needs('root', 'program:ip') }, () => {
  let folder: Folder;
  let file: string;
  const lab = uniqueName('v');
  const write = (name: string, nodes: readonly string[], more: object = {}): string => {
    const path = join(folder.path, name);
    const links = nodes.map((node, n) => ({
      ...{ netns: lab + node, bridge: 'lan', dev: 'eth0', ip: `10.0.0.${n + 1}/24` },
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the configuration
      mtu: '${MTU:-1500}',
    }));
    writeFileSync(path, JSON.stringify({ lab, links, ...more }));
    return path;
  };
  const mtuOf = async (node: string): Promise<number | undefined> =>
    (
      await openNetns(lab + node)
        .link('eth0')
        .catch(() => undefined)
    )?.mtu;
  before(() => {
    folder = temporaryFolder('api-verbs');
    file = write('lab.json', ['a', 'b']);
  });
  after(async () => {
    await linkloom(['down', '--lab', lab]);
    folder[Symbol.dispose]();
  });

  it('`up` with the daemon’s files has them read again, waits, and tells the result', async () => {
    await using daemon = startLinkloom(['daemon', '-f', file]);
    await daemon.until(/All links connected/);
    const who = `The daemon of lab ${lab} \\(pid ${daemon.child.pid}\\) did this`;

    const same = await linkloom(['up', '-f', file, '--json']);
    assert.equal(same.exitCode, 0, same.stderr);
    assert.match(same.stderr, new RegExp(who));
    assert.deepEqual(JSON.parse(same.stdout).links, {
      ...{ desired: 2, created: 0, changed: 0, unchanged: 2, removed: 0, failed: 0, pending: 0 },
    });

    write('lab.json', ['a', 'b', 'c']);
    const more = await linkloom(['up', '-f', file, '--json']);
    assert.equal(more.exitCode, 0, more.stderr);
    assert.equal(JSON.parse(more.stdout).links.desired, 3);
    assert.equal(await mtuOf('c'), 1500, 'it is there when `up` returns');

    // What a command of the file does wrong fails `up`, as it does without a daemon.
    write('lab.json', ['a', 'b', 'c'], { commands: [{ netns: `${lab}a`, command: 'exit 7' }] });
    const failing = await linkloom(['up', '-f', file, '--rerun-commands', '--json']);
    assert.equal(failing.exitCode, 1, failing.stderr);
    assert.match(JSON.parse(failing.stdout).failures[0].message, /ended with status 7/);

    write('lab.json', ['a', 'b'], { links: [{ netns: `${lab}a`, bridg: 'lan' }] });
    const faulty = await linkloom(['up', '-f', file]);
    assert.equal(faulty.exitCode, 1);
    assert.match(faulty.stderr, /unknown key "bridg"/);
    assert.equal(await mtuOf('c'), 1500, 'a file with faults changes nothing');
    write('lab.json', ['a', 'b']);
  });

  it('`up` with other files, or with the same read otherwise, is refused by name and changes nothing', async () => {
    await using daemon = startLinkloom(['daemon', '-f', file]);
    await daemon.until(/All links connected/);
    const other = write('other.json', ['a']);
    const refused = await linkloom(['up', '-f', other]);
    assert.equal(refused.exitCode, 1);
    assert.match(
      refused.stderr,
      new RegExp(`the daemon of lab ${lab} \\(pid ${daemon.child.pid}\\) follows ${file}, and`),
    );
    assert.match(refused.stderr, /was given .*other\.json/);
    const otherwise = await linkloom(['up', '-f', file], { env: { MTU: '1400' } });
    assert.equal(otherwise.exitCode, 1);
    assert.match(otherwise.stderr, /reads .*lab\.json otherwise than this `up`/);
    assert.deepEqual([await mtuOf('a'), await mtuOf('b')], [1500, 1500]);
    const traced = await linkloom(['up', '-f', file, '--trace', join(folder.path, 'trace.json')]);
    assert.equal(traced.exitCode, 2);
    assert.match(traced.stderr, /the work of a daemon is not traced/);

    // An edit that came together with a refused `up` is taken over all the same.
    write('lab.json', ['a', 'b', 'd']);
    assert.equal((await linkloom(['up', '-f', file], { env: { MTU: '1400' } })).exitCode, 1);
    await daemon.until(/Reloaded .*lab\.json: 1 link more[\s\S]*All links connected/);
    assert.equal(await mtuOf('d'), 1500);
    write('lab.json', ['a', 'b']);
  });

  it('`down` has the daemon remove the lab and end, also `up --watch`; then the lab is free at once', async () => {
    for (const words of [['daemon'], ['up', '--watch']]) {
      await using daemon = startLinkloom([...words, '-f', file]);
      await daemon.until(/All links connected/);
      const down = await linkloom(['down', '--lab', lab, '--json']);
      assert.equal(down.exitCode, 0, down.stderr);
      assert.equal(JSON.parse(down.stdout).links.removed, 2);
      assert.match(down.stderr, new RegExp(`The daemon of lab ${lab} \\(pid ${daemon.child.pid}\\) did this`));
      const up = await linkloom(['up', '-f', file, '--json']);
      assert.equal(up.exitCode, 0, up.stderr);
      assert.equal(JSON.parse(up.stdout).links.created, 2, 'by nobody else');
      assert.equal((await daemon.child).exitCode, 0, daemon.output());
      assert.equal((await linkloom(['down', '--lab', lab])).exitCode, 0);
      assert.equal(existsSync(`/run/linkloom/${lab}`), false);
    }
  });

  it('`health` is 0 while all is whole, and 1 while a link fails, which `POST /reconcile` tries again at once', async () => {
    await using daemon = startLinkloom(['daemon', '-f', file]);
    await daemon.until(/All links connected/);
    const whole = await linkloom(['health', '--lab', lab]);
    assert.deepEqual([whole.exitCode, whole.stdout], [0, `lab ${lab}: healthy\n`]);
    const proof = (await ask(socketOf(lab), '/verify', { method: 'POST' })).document();
    assert.deepEqual([proof['proved'], (proof['counts'] as { ok: number }).ok], [true, 2]);
    const nobody = await ask(socketOf(lab), '/verify', { method: 'POST', body: '{"links": ["nobody:eth0"]}' });
    assert.equal(nobody.status, 404, nobody.text);
    // A device of others takes the name of a link.
    const node = openNetns(`${lab}a`);
    await takeName(node, 'eth0');
    await daemon.until(/did not make/);
    const broken = await linkloom(['health', '--lab', lab, '--json']);
    assert.equal(broken.exitCode, 1);
    assert.deepEqual(JSON.parse(broken.stdout).failing, [`${lab}a:eth0`]);
    const before = (await ask(socketOf(lab), '/metrics')).text;
    assert.match(before, /linkloom_links\{state="failed",lab="\w+"\} 1/);
    assert.match(before, /linkloom_healthy\{lab="\w+"\} 0/);
    await node.exec('ip', 'link', 'del', 'eth0');
    const answer = await ask(socketOf(lab), '/reconcile', { method: 'POST' });
    assert.deepEqual((answer.document()['links'] as { failed: number }).failed, 0, answer.text);
    assert.equal((await linkloom(['health', '--lab', lab])).exitCode, 0);
  });
});
