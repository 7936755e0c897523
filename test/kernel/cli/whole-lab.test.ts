/** A whole lab of namespaces in one file: made, changed and removed, twice side by side. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { linkloom } from '../../support/bin.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { netnsNames, uniqueName } from '../../support/netns.ts';

const NOTHING = { changed: 0, unchanged: 0, removed: 0, failed: 0 } as const;

interface Addresses {
  readonly addr_info: readonly { readonly local: string; readonly prefixlen: number }[];
}

async function addressesOf(namespace: string, dev: string): Promise<readonly string[]> {
  const { stdout } = await execa('ip', ['-json', '-netns', namespace, 'address', 'show', 'dev', dev]);
  const [device] = JSON.parse(stdout) as readonly Addresses[];
  return (device?.addr_info ?? []).map(({ local, prefixlen }) => `${local}/${prefixlen}`);
}

describe('a whole lab in one file', { timeout: 120_000, ...needs('root', 'program:ip', 'program:ping') }, () => {
  const labs = [uniqueName('x'), uniqueName('y')] as const;
  const [lab, copy] = labs;
  let folder: Folder | undefined;
  let earlier: readonly string[] = [];

  /** Up from a file of its own name in the folder, as others' files would leave orphans. */
  const up = async (
    name: string,
    loopbacks: string,
    nodes: string,
  ): Promise<Record<string, unknown> & { nodes: Record<string, number> }> => {
    const file = join(folder?.path ?? '', `${name}.yaml`);
    const plan = `addressing: {wires: {pool: 10.0.0.0/24}, loopbacks: {pool: ${loopbacks}}, loopbacks6: {pool: "fd00::/64"}}`;
    await writeFile(file, `lab: ${name}\n${plan}\nnodes: ${nodes}\nwires: [[a:eth1, b:eth1]]\n`);
    const ran = await linkloom(['up', '-f', file, '--json']);
    assert.equal(ran.exitCode, 0, ran.stderr);
    const document = JSON.parse(ran.stdout);
    return { ...document.links, nodes: document.nodes };
  };

  before(async () => {
    folder = temporaryFolder('whole-lab');
    earlier = await netnsNames();
  });
  after(async () => {
    for (const name of labs) await linkloom(['down', '--lab', name]);
    folder?.[Symbol.dispose]();
  });

  it('makes every node, also one without links, with the addresses of the plan', async () => {
    const links = await up(
      lab,
      '10.255.0.0/24',
      '{a: {exec: ["ip route add blackhole 198.51.100.0/24"]}, b: , lonely: }',
    );
    assert.equal(links['created'], 2);
    assert.deepEqual(links.nodes, { desired: 3, created: 3, ...NOTHING });
    assert.deepEqual(await addressesOf(`${lab}.lonely`, 'lo'), [
      '127.0.0.1/8',
      '10.255.0.3/32',
      'fd00::3/128',
      '::1/128',
    ]);
    assert.ok((await addressesOf(`${lab}.a`, 'eth1')).includes('10.0.0.0/31'));
    await execa('ip', ['netns', 'exec', `${lab}.a`, 'ping', '-c', '1', '-w', '10', '10.0.0.1']);
    const { stdout } = await execa('ip', ['-netns', `${lab}.a`, 'route', 'show', '198.51.100.0/24']);
    assert.match(stdout, /^blackhole/);
  });

  it('has nothing to do a second time, and calls its nodes by their own names', async () => {
    const links = await up(
      lab,
      '10.255.0.0/24',
      '{a: {exec: ["ip route add blackhole 198.51.100.0/24"]}, b: , lonely: }',
    );
    assert.deepEqual([links['unchanged'], links['created'], links['changed']], [2, 0, 0]);
    assert.deepEqual(links.nodes, { desired: 3, created: 0, ...NOTHING, unchanged: 3 });
    const { stdout } = await linkloom(['status', '--lab', lab, '--json']);
    const { links: seen } = JSON.parse(stdout) as { links: readonly { link: string }[] };
    assert.deepEqual(seen.map(({ link }) => link).sort(), ['a:eth1', 'b:eth1']);
  });

  it('changes the addresses of lo, and takes only its own away', async () => {
    await execa('ip', ['-netns', `${lab}.b`, 'address', 'add', '192.0.2.7/32', 'dev', 'lo']);
    const { nodes } = await up(lab, '10.254.0.0/24', '{a: , b: , lonely: }');
    assert.deepEqual(nodes, { desired: 3, created: 0, ...NOTHING, changed: 3 });
    const own = await addressesOf(`${lab}.b`, 'lo');
    assert.deepEqual(
      own.toSorted(),
      ['10.254.0.2/32', '127.0.0.1/8', '192.0.2.7/32', '::1/128', 'fd00::2/128'].toSorted(),
    );
  });

  it('tells by `status` of a node that is missing or in no file, and of an address of lo that is', async () => {
    const file = join(folder?.path ?? '', `${lab}.yaml`);
    const status = async (): Promise<{ settled: boolean; nodes: readonly Record<string, unknown>[] }> => {
      const ran = await linkloom(['status', '-f', file, '--json', '--detailed-exitcode']);
      const report = JSON.parse(ran.stdout) as Awaited<ReturnType<typeof status>>;
      assert.equal(ran.exitCode, report.settled ? 0 : 4);
      return { settled: report.settled, nodes: report.nodes.filter(({ state }) => state !== 'ok') };
    };
    assert.deepEqual(await status(), { settled: true, nodes: [] });
    await execa('ip', ['-netns', `${lab}.b`, 'address', 'del', '10.254.0.2/32', 'dev', 'lo']);
    await execa('ip', ['netns', 'delete', `${lab}.lonely`]);
    const differs = { node: 'b', namespace: `netns/${lab}.b`, state: 'differs', drift: ['address of lo missing'] };
    const missing = {
      node: 'lonely',
      namespace: `netns/${lab}.lonely`,
      state: 'missing',
      drift: ['namespace missing'],
    };
    assert.deepEqual(await status(), { settled: false, nodes: [differs, missing] });
    const whole = await readFile(file, 'utf8');
    const { nodes: mended } = await up(lab, '10.254.0.0/24', '{a: , b: , lonely: }');
    assert.deepEqual(mended, { desired: 3, created: 1, ...NOTHING, changed: 1, unchanged: 1 });
    await writeFile(file, whole.replace(', lonely: }', '}'));
    const { settled, nodes } = await status();
    assert.deepEqual([settled, nodes.map(({ node, state }) => [node, state])], [false, [[null, 'extra']]]);
  });

  it('takes the names for a node away with it', async () => {
    assert.ok(existsSync(`/etc/netns/${lab}.lonely/hosts`));
    const { nodes } = await up(lab, '10.254.0.0/24', '{a: , b: }');
    assert.deepEqual(nodes, { desired: 2, created: 0, ...NOTHING, unchanged: 2, removed: 1 });
    assert.deepEqual(
      [`${lab}.lonely`, `${lab}.b`].map((name) => existsSync(`/etc/netns/${name}/hosts`)),
      [false, true],
    );
  });

  it('stands beside a copy of another name, and takes nothing of that with it', async () => {
    await up(copy, '10.254.0.0/24', '{a: , b: , lonely: }');
    assert.equal((await linkloom(['down', '--lab', lab])).exitCode, 0);
    const left = (await netnsNames()).filter((name) => !earlier.includes(name));
    const own = ['a', 'b', 'lonely'].map((node) => `${copy}.${node}`);
    assert.deepEqual(left.toSorted(), [...own, `linkloom-${copy}`].toSorted());
    await execa('ip', ['netns', 'exec', `${copy}.b`, 'ping', '-c', '1', '-w', '10', '10.0.0.0']);
    const down = await linkloom(['down', '--lab', copy, '--json']);
    assert.deepEqual([down.exitCode, JSON.parse(down.stdout).nodes.removed], [0, 3], down.stderr);
    assert.deepEqual(await netnsNames(), earlier);
  });
});
