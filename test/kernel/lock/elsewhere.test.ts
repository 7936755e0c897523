/** A lab whose bridges are in a namespace of another linkloom: that is said by name, and nothing of it is touched. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { execa } from 'execa';
import { BIN, linkloom } from '../../support/bin.ts';
import { mustSucceed } from '../../support/faults/program.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { newNetns, uniqueName } from '../../support/netns.ts';

/** Locks of one's own, as a container has. */
const OWN_RUN = 'mount -t tmpfs -o mode=0700 none /run/linkloom';
/** Named namespaces of one's own, of which these nodes are the same: `$1` is an empty folder. */
const OWN_NAMES = `mount --rbind /run/netns "$1" && mount -t tmpfs none /run/netns
for n in $NODES; do touch /run/netns/$n && mount --bind "$1/$n" /run/netns/$n; done; umount -l "$1"`;

const PLACES = {
  'a network namespace': {
    ...{ flags: ['--mount', '--net'], before: OWN_RUN, side: 'own' },
    says: (pid: number) => `the network namespace of process ${pid};`,
  },
  'a mount namespace': {
    ...{ flags: ['--mount'], before: `${OWN_RUN} && ${OWN_NAMES}`, side: 'netns' },
    says: (pid: number) => `of the mount namespace of process ${pid};`,
  },
} as const;

/** Makes the lab of a file in a place of its own, and stays there until it is disposed of. */
async function otherLinkloom(
  { flags, before, side }: (typeof PLACES)[keyof typeof PLACES],
  file: string,
  folder: Folder,
  nodes: readonly string[],
) {
  const script = `${before}; shift; "$@" >&2 && echo made && exec sleep 1000`;
  const program = [process.execPath, BIN, 'up', '--switch', side, '-f', file];
  const words = [...flags, '--propagation', 'private', 'sh', '-c', script, 'sh', folder.path, ...program];
  const shell = execa('unshare', words, { reject: false, env: { NODES: nodes.join(' ') } });
  const end = async (): Promise<void> => {
    shell.kill('SIGKILL');
    await shell;
  };
  const made = await Promise.race([once(shell.stdout, 'data').then(() => true), shell.then(() => false)]);
  if (!made) assert.fail((await shell).stderr);
  return { pid: shell.pid ?? 0, end, [Symbol.asyncDispose]: end };
}

async function devicesIn(nodes: readonly string[]): Promise<string> {
  const lists = await Promise.all(nodes.map((node) => execa('ip', ['-n', node, '-json', 'link'])));
  return lists.map(({ stdout }) => stdout).join('\n');
}

describe('a lab of another linkloom', { timeout: 120_000, ...needs('root', 'program:ip', 'program:unshare') }, () => {
  for (const [what, place] of Object.entries(PLACES)) {
    for (const mode of ['linux', 'patch'] as const) {
      it(`in ${what} of its own, mode ${mode}`, async () => {
        await using a = await newNetns('el');
        await using b = await newNetns('el');
        using folder = temporaryFolder('elsewhere');
        using empty = temporaryFolder('names');
        const nodes = [a.name, b.name];
        const lab = uniqueName('el');
        const links = nodes.map((netns, at) => ({ netns, dev: 'eth0', bridge: 's', ip: `10.0.0.${at + 1}/24` }));
        const file = join(folder.path, 'lab.json');
        const fewer = join(folder.path, 'fewer.json');
        const bridges = [{ bridge: 's', mode }];
        await writeFile(file, JSON.stringify({ lab, links, bridges }));
        await writeFile(fewer, JSON.stringify({ lab, links: [{ netns: a.name, dev: 'eth1', bridge: 't' }] }));
        await using other = await otherLinkloom(place, file, empty, nodes);
        const before = await devicesIn(nodes);
        const refused: readonly (readonly string[])[] =
          mode === 'linux' ? [['plan'], ['status'], ['verify'], ['reset'], ['daemon'], ['up', '--switch', 'own']] : [];
        for (const words of [...refused, ['up'], ['up', '-f', fewer]]) {
          const { exitCode, stderr } = await linkloom(words.includes('-f') ? words : [...words, '-f', file]);
          const told = words.join(' ');
          assert.equal(exitCode, 1, told);
          assert.match(stderr, new RegExp(`the bridges of lab ${lab} are in .*${place.says(other.pid)}`), told);
          assert.match(stderr, /nothing has been touched\s+hint: call linkloom /, told);
        }
        assert.equal((await linkloom(['set', '-f', file, `${a.name}:eth0`, '--down'])).exitCode, 1);
        assert.equal(await devicesIn(nodes), before);
        await other.end();
        try {
          await mustSucceed(['up', '-f', file]);
          await mustSucceed(['plan', '-f', file, '--detailed-exitcode']);
        } finally {
          await mustSucceed(['down', '--lab', lab]);
        }
      });
    }
  }

  it('is taken away by its name alone, and can then be made here', async () => {
    await using a = await newNetns('el');
    using folder = temporaryFolder('elsewhere');
    const lab = uniqueName('el');
    const file = join(folder.path, 'lab.json');
    await writeFile(file, JSON.stringify({ lab, links: [{ netns: a.name, dev: 'eth0', bridge: 's' }] }));
    await using _other = await otherLinkloom(PLACES['a network namespace'], file, folder, [a.name]);
    assert.equal((await linkloom(['up', '-f', file])).exitCode, 1);
    await mustSucceed(['down', '--lab', lab]);
    try {
      await mustSucceed(['up', '-f', file]);
    } finally {
      await mustSucceed(['down', '--lab', lab]);
    }
  });
});
