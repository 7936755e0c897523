/** Names, addresses and commands of a configuration reach no shell, no path outside /run/netns, no option of a program, no terminal. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { linkloom } from '../../support/bin.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { netnsNames, uniqueName } from '../../support/netns.ts';

/** Where each text is put; `PROOF` is a file that must never come to be. */
const TEXTS = [
  '$(touch PROOF)',
  '`touch PROOF`',
  ';touch PROOF;',
  '../../PROOF',
  '..',
  '/PROOF',
  '-all',
  '--help',
  'a\u0000b',
  'a\nb',
  '\u001b[2J\u001b]0;owned\u0007',
  'a b',
] as const;
const FIELDS = ['netns', 'dev', 'bridge', 'ip', 'mac', 'route', 'outer-dev'] as const;

test('texts of a configuration stay texts', { timeout: 150_000, ...needs('root') }, async () => {
  const lab = uniqueName('j');
  await using folder = temporaryFolder('injection');
  const proof = join(folder.path, 'proof');
  const before = await netnsNames();
  // One field of one link is hostile in each; all of a field are tried in one file, each fault reported.
  for (const field of FIELDS) {
    const links = TEXTS.map((text, n) => ({
      ...{ netns: `${lab}n${n}`, dev: 'eth0', bridge: `b${n}` },
      [field]: text.replaceAll('PROOF', proof),
    }));
    const file = join(folder.path, `${field}.json`);
    await writeFile(file, JSON.stringify({ lab, links }));
    const ran = await linkloom(['up', '-f', file], { cwd: folder.path });
    assert.equal(ran.exitCode, 1, `${field}: ${ran.stderr}`);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that none of these is printed is the point.
    assert.doesNotMatch(ran.stdout + ran.stderr, /[\u0000-\u0008\u000b-\u001f\u007f\u009b]/, field);
    assert.ok(!existsSync(proof), field);
  }
  assert.deepEqual(await netnsNames(), before);
});

test('a command is the node’s own: its words are not read by another shell, and its output can’t steer a terminal', {
  timeout: 60_000,
  ...needs('root'),
}, async () => {
  const lab = uniqueName('j');
  const node = `${lab}n`;
  await using folder = temporaryFolder('injection');
  const proof = join(folder.path, 'proof');
  const file = join(folder.path, 'lab.json');
  const commands = [
    { netns: node, command: ['echo', `$(touch ${proof})`, `;touch ${proof}`] },
    { netns: node, command: ['printf', '\\033[2Jclear\\n'] },
  ];
  await writeFile(file, JSON.stringify({ lab, links: [{ netns: node, dev: 'eth0', bridge: 'b' }], commands }));
  try {
    const ran = await linkloom(['up', '-f', file]);
    assert.equal(ran.exitCode, 0, ran.stderr);
    const text = ran.stdout + ran.stderr;
    assert.ok(text.includes(`$(touch ${proof}) ;touch ${proof}`), text);
    assert.ok(!existsSync(proof));
    assert.ok(!text.includes('\u001b'), JSON.stringify(text));
  } finally {
    await linkloom(['down', '--lab', lab]);
  }
});
