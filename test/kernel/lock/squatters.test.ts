/** Users without rights against the locks: what they can't reach, and what is said where they were there first. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { execa } from 'execa';
import { BIN, ROOT } from '../../support/bin.ts';
import { labOf } from '../../support/faults/labs.ts';
import { mustSucceed } from '../../support/faults/program.ts';
import { NOBODY, squatter } from '../../support/faults/squatter.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { uniqueName } from '../../support/netns.ts';

const tools = { timeout: 60_000, ...needs('root', 'program:setpriv', 'program:unshare', 'program:mount') };

test('a user without rights reaches nothing of a lab, whatever it holds', tools, async () => {
  const lab = labOf(uniqueName('q'), { nodes: 2, links: 4 });
  using folder = temporaryFolder('squatters');
  const file = join(folder.path, 'lab.json');
  await writeFile(file, JSON.stringify(lab));
  for (const how of ['drip', 'flood'] as const) {
    await using other = await squatter(lab.lab, how);
    try {
      await mustSucceed(['up', '-f', file], how);
    } finally {
      await mustSucceed(['down', '--lab', lab.lab], how);
    }
    assert.deepEqual(await other.end(), [], how);
  }
});

/** A /run of one's own, what is done in it first, and what `down` then says. */
const SQUATTED = [
  {
    what: 'the directory of another',
    by: NOBODY,
    script: 'mkdir -m 0700 /run/linkloom',
    says: /belongs to the user 65534/,
  },
  { what: 'a link', by: NOBODY, script: 'ln -s /tmp /run/linkloom', says: /it is no directory/ },
  { what: 'a file', by: NOBODY, script: 'touch /run/linkloom', says: /it is no directory/ },
  { what: 'a FIFO', by: NOBODY, script: 'mkfifo /run/linkloom', says: /it is no directory/ },
  {
    what: 'a directory that all may write in',
    by: 0,
    script: 'mkdir -m 1777 /run/linkloom',
    says: /others may write in it \(mode 1777\)/,
  },
  {
    what: 'a /run that all may write in',
    by: 0,
    script: 'chmod 0777 /run',
    says: /as they may write in \/run \(mode 0777\)/,
  },
  {
    what: 'a FIFO for a lock',
    by: 0,
    script: 'mkdir -m 0700 /run/linkloom; mkfifo /run/linkloom/x.lock',
    says: /x\.lock can't be used as a lock: it is no regular file/,
  },
  {
    what: 'a folder for a lock',
    by: 0,
    script: 'mkdir -m 0700 /run/linkloom; mkdir /run/linkloom/x.lock',
    says: /x\.lock can't be used as a lock: it is a directory/,
  },
  {
    what: 'a link for a lock',
    by: 0,
    script: 'mkdir -m 0700 /run/linkloom; ln -s /etc/passwd /run/linkloom/x.lock',
    says: /x\.lock can't be used as a lock: it is a link/,
  },
] as const;

for (const { what, by, script, says } of SQUATTED) {
  test(`${what} where locks are kept is refused by name, and what then is made serves`, tools, async () => {
    const inside = `mount -t tmpfs -o mode=1777 none /run && setpriv --reuid ${by} --clear-groups sh -c '${script}' || exit 77
"$@"; echo $?; chmod 1777 /run; rm -rf /run/linkloom; "$@"; echo $?; stat -c '%a %u' /run/linkloom`;
    const program = [process.execPath, BIN, 'down', '--lab', 'x'];
    const words = ['--mount', '--propagation', 'private', 'sh', '-c', inside, 'sh', ...program];
    const { stdout, stderr } = await execa('unshare', words, { reject: false, timeout: 20_000 });
    assert.match(stderr, says);
    assert.match(stderr, /hint: /);
    assert.deepEqual(stdout.trim().split('\n'), ['3', '0', '700 0'], `${stdout}${stderr}`);
  });
}

test('a directory that others may read is closed to them', tools, async () => {
  const inside =
    'mount -t tmpfs -o mode=0755 none /run && mkdir -m 0755 /run/linkloom && "$@" && stat -c %a /run/linkloom';
  const words = ['--mount', 'sh', '-c', inside, 'sh', process.execPath, BIN, 'down', '--lab', 'x'];
  assert.match((await execa('unshare', words)).stdout, /^700$/m);
});

/** Node.js and the program, as `rootless` binds them to where everybody may go: a user can't enter root's home. */
const DOWN_REACHED = [
  join('/mnt/node', basename(process.execPath)),
  join('/mnt/tree', relative(ROOT, BIN)),
  'down',
  '--lab',
  'x',
];

/** What runs a program as root of a user namespace that does not know the machine's root. */
function rootless(...program: readonly string[]): readonly [string, ...string[]] {
  const bind =
    'mount -t tmpfs -o mode=0755 none /mnt && mkdir /mnt/node /mnt/tree && mount --bind "$1" /mnt/node && mount --bind "$2" /mnt/tree && shift 2 && exec "$@"';
  const user = ['setpriv', '--reuid', `${NOBODY}`, '--clear-groups', 'unshare', '--user', '--map-root-user'];
  const apart = ['--mount', '--propagation', 'private', 'sh', '-c', bind, 'sh', dirname(process.execPath), ROOT];
  return ['unshare', ...apart, ...user, '--net', '--mount', ...program];
}

test('where /run is not ours to write in, that is said, with what to do', tools, async () => {
  const program = [process.execPath, BIN, 'down', '--lab', 'x'];
  const readOnly = 'mount -t tmpfs -o ro none /run && exec "$@"';
  const cases = [
    ['unshare', '--mount', 'sh', '-c', readOnly, 'sh', ...program],
    [
      'unshare',
      '--mount',
      'sh',
      '-c',
      'mkdir -p /run/linkloom; mount -t tmpfs -o ro,mode=0700 none /run/linkloom && exec "$@"',
      'sh',
      ...program,
    ],
    rootless(...DOWN_REACHED),
  ];
  for (const [name = '', ...words] of cases) {
    const { exitCode, stderr } = await execa(name, words, { reject: false, cwd: '/' });
    assert.equal(exitCode, 3, stderr);
    assert.match(stderr, /\/run\/linkloom[\s\S]*hint: run as root[^\n]*mount a tmpfs on it first/);
  }
});

test('rootless, a tmpfs on /run is enough', tools, async () => {
  const [name, ...words] = rootless('sh', '-c', 'mount -t tmpfs none /run && "$@"', 'sh', ...DOWN_REACHED);
  const { exitCode, stderr } = await execa(name, words, { reject: false, cwd: '/' });
  assert.equal(exitCode, 0, stderr);
});
