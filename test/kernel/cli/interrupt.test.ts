/** A signal in the middle of `up`: a clean end, a stated remainder, and nothing half-made. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { linkloom, startLinkloom } from '../../support/bin.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { netnsNames, uniqueName } from '../../support/netns.ts';

for (const [name, words] of [
  ['up', ['up']],
  ['up --watch', ['up', '--watch']],
  ['the daemon', ['daemon']],
] as const) {
  const title = `a signal while ${name} waits for its configuration ends it at once, with nothing touched`;
  test(title, { timeout: 60_000, ...needs('root') }, () => endsWhileLoading(words));
}

async function endsWhileLoading(words: readonly string[]): Promise<void> {
  const before = await netnsNames();
  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    // A pipe into which nobody writes.
    await using up = startLinkloom([...words, '-f', '-', '--progress', 'json'], { stdin: 'pipe' });
    await up.until(/"stage":"load","state":"begin"/);
    up.child.kill(signal);
    const { exitCode, stderr } = await up.child;
    assert.equal(exitCode, status, up.output());
    assert.match(String(stderr), /"code":"E_INTERRUPTED".*"message":"interrupted before anything was touched"/);
  }
  assert.deepEqual(await netnsNames(), before);
}

const NODES = 150;
const LINKS = 10;

test('an interrupted up exits 130 (or 143) and says what is left; up again does the rest', {
  timeout: 120_000,
  ...needs('root'),
}, async () => {
  const lab = uniqueName('i');
  await using folder = temporaryFolder('verbs');
  const file = join(folder.path, 'big.json');
  const shape = ['circulant', '--nodes', String(NODES), '--links', String(LINKS), '--format', 'json', '--lab', lab];
  const { stdout } = await linkloom(['generate', ...shape]);
  await writeFile(file, stdout.replaceAll('"netns":"n', `"netns":"${lab}`));
  try {
    for (const [signal, status] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      await using up = startLinkloom(['up', '-f', file]);
      await up.until(/Plan made/);
      up.child.kill(signal);
      assert.equal((await up.child).exitCode, status, up.output());
      assert.match(
        up.output(),
        new RegExp(`^${signal}: finishing what is under way; a second signal stops at once$`, 'm'),
      );
      assert.match(up.output(), /interrupted: \d+ links were not begun/);
    }
    const ran = await linkloom(['up', '-f', file, '--json']);
    const { links } = JSON.parse(ran.stdout);
    assert.equal(ran.exitCode, 0, ran.stderr);
    assert.equal(links.created + links.changed + links.unchanged, NODES * LINKS);
    assert.ok(links.created > 0);
    const { settled } = JSON.parse((await linkloom(['status', '-f', file, '--json'])).stdout);
    assert.equal(settled, true);
  } finally {
    await linkloom(['down', '--lab', lab]);
  }
});
