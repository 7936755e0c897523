/** Labs that share nodes: who takes a namespace along, and whose links stay, one after another and at the same time. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { execa } from 'execa';
import { BIN, linkloom } from '../../support/bin.ts';
import { holdFile } from '../../support/faults/held-file.ts';
import { mustSucceed } from '../../support/faults/program.ts';
import { ownDifferences, shareAndLeave, sharedLabs } from '../../support/faults/shared-labs.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { netnsNames, newNetns, openNetns } from '../../support/netns.ts';

/** Two labs with their files, taken down at the end of the block. */
async function twoLabs(folder: Folder) {
  const { base, labs } = sharedLabs({ labs: 2, nodes: 2 });
  const [a, b] = labs;
  if (!a || !b) throw new Error('two labs');
  const fileOf = (lab: typeof a): string => join(folder.path, `${lab.lab}.json`);
  for (const lab of labs) await writeFile(fileOf(lab), JSON.stringify(lab));
  return {
    base,
    a,
    b,
    fileOf,
    nodes: async () =>
      (await netnsNames()).filter((name) => name.startsWith(`${base}n`)).map((name) => name.slice(base.length)),
    [Symbol.asyncDispose]: async () => {
      for (const { lab } of labs) await mustSucceed(['down', '--lab', lab]);
    },
  };
}

describe('labs that share nodes', { timeout: 180_000, ...needs('root', 'program:ip') }, () => {
  for (const order of ['maker first', 'guest first'] as const) {
    it(`the last one out takes the namespaces along (${order}), by down and by up with fewer nodes`, async () => {
      using folder = temporaryFolder('shared');
      await using labs = await twoLabs(folder);
      const { a, b, fileOf, nodes } = labs;
      for (const last of ['down', 'prune'] as const) {
        await mustSucceed(['up', '-f', fileOf(a)]);
        await mustSucceed(['up', '-f', fileOf(b)]);
        const [first, second] = order === 'maker first' ? [a, b] : [b, a];
        const leave = async (lab: typeof a): Promise<void> => {
          if (last === 'down') return void (await mustSucceed(['down', '--lab', lab.lab]));
          await writeFile(fileOf(lab), JSON.stringify({ lab: lab.lab, links: [] }));
          await mustSucceed(['up', '-f', fileOf(lab)]);
          await mustSucceed(['plan', '-f', fileOf(lab), '--detailed-exitcode']);
          await writeFile(fileOf(lab), JSON.stringify(lab));
        };
        await leave(first);
        assert.deepEqual(await nodes(), ['n0', 'n1'], last);
        assert.deepEqual(await ownDifferences(second), []);
        await mustSucceed(['plan', '-f', fileOf(second), '--detailed-exitcode']);
        await leave(second);
        assert.deepEqual(await nodes(), [], last);
        for (const { lab } of [a, b]) await mustSucceed(['down', '--lab', lab]);
      }
    });
  }

  it('who comes back has its namespace again', async () => {
    using folder = temporaryFolder('shared');
    await using labs = await twoLabs(folder);
    const { a, b, base, fileOf, nodes } = labs;
    for (const lab of [a, b]) await mustSucceed(['up', '-f', fileOf(lab)]);
    await mustSucceed(['down', '--lab', a.lab]);
    const mark = async () => (await openNetns(`${base}n0`).link('lo'))?.ifalias;
    assert.equal(await mark(), `linkloom/1 ${a.lab} ${base}n0 lo left=yes`);
    await mustSucceed(['up', '-f', fileOf(a)]);
    assert.equal(await mark(), `linkloom/1 ${a.lab} ${base}n0 lo`);
    await mustSucceed(['down', '--lab', b.lab]);
    assert.deepEqual(await nodes(), ['n0', 'n1']);
    await mustSucceed(['down', '--lab', a.lab]);
    assert.deepEqual(await nodes(), []);
  });

  it('one that stood before is never removed, whoever is last', async () => {
    await using standing = await newNetns();
    using folder = temporaryFolder('shared');
    const links = [{ netns: standing.name, dev: 'e0', bridge: 'b' }];
    const files = ['a', 'b'].map((letter) => ({
      lab: `${standing.name}${letter}`,
      file: join(folder.path, `${letter}.json`),
    }));
    for (const [at, { lab, file }] of files.entries()) {
      await writeFile(file, JSON.stringify({ lab, links: links.map((link) => ({ ...link, dev: `e${at}` })) }));
      await mustSucceed(['up', '-f', file]);
    }
    for (const { lab } of files) await mustSucceed(['down', '--lab', lab]);
    assert.deepEqual(
      (await standing.links()).map(({ ifname }) => ifname),
      ['lo'],
    );
  });

  it('one that its last lab left half-way goes with the next down', async () => {
    using folder = temporaryFolder('shared');
    await using labs = await twoLabs(folder);
    const { a, b, base, fileOf, nodes } = labs;
    for (const lab of [a, b]) await mustSucceed(['up', '-f', fileOf(lab)]);
    await mustSucceed(['down', '--lab', a.lab]);
    // As a kill would leave it: the links are gone, the namespace is not.
    for (const node of ['n0', 'n1']) await execa('ip', ['-n', `${base}${node}`, 'link', 'del', 'e1']);
    await execa('ip', ['netns', 'del', `linkloom-${b.lab}`]);
    await mustSucceed(['down', '--lab', b.lab]);
    assert.deepEqual(await nodes(), []);
  });

  it('at the same time, at random', async () => {
    using folder = temporaryFolder('shared');
    await shareAndLeave(folder.path, { labs: 3, nodes: 4, rounds: 4 });
  });

  it('six first ones at once, where /run/netns is not even a mount', async () => {
    using folder = temporaryFolder('shared');
    const { base, labs } = sharedLabs({ labs: 6, nodes: 8 });
    const files = labs.map(({ lab }) => join(folder.path, `${lab}.json`));
    for (const [at, lab] of labs.entries()) await writeFile(files[at] ?? '', JSON.stringify(lab));
    const script = `mount -t tmpfs -o mode=0755 none /run || exit 77
all() { pids=""; for f in $FILES; do "$NODE" "$BIN" $1 -f $f >&2 & pids="$pids $!"; done; for p in $pids; do wait $p; echo "$1 $?"; done; }
all up; for f in $FILES; do "$NODE" "$BIN" plan --detailed-exitcode -f $f >&2; echo "plan $?"; done
ls /run/netns | grep -c '^${base}n'; all down; ls /run/netns | wc -l`;
    const env = { FILES: files.join(' '), NODE: process.execPath, BIN };
    const { stdout, stderr } = await execa('unshare', ['--mount', 'sh', '-c', script], { env, reject: false });
    const each = (line: string): readonly string[] => labs.map(() => line);
    assert.deepEqual(stdout.split('\n'), [...each('up 0'), ...each('plan 0'), '8', ...each('down 0'), '0'], stderr);
  });

  it('who makes namespaces is not kept waiting by a lock that is held, but for a while, and says why', async () => {
    using folder = temporaryFolder('shared');
    await using labs = await twoLabs(folder);
    const held = await holdFile('/run/linkloom/.netns.lock', 3);
    const startedMs = Date.now();
    const { exitCode, stderr } = await linkloom(['up', '-f', labs.fileOf(labs.a)]);
    assert.equal(exitCode, 0, stderr);
    assert.ok(Date.now() - startedMs > 1000, 'it waited for the lock');
    await held.ended;
  });
});
