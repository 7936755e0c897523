/** Files of tests that share a process: each fault is told with the file that has it, and none is lost. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { groupsOf } from '../../../scripts/together/groups.ts';
import { temporaryFolder } from '../../support/folder.ts';

const DESCRIPTORS = new URL('../../support/descriptors.js', import.meta.url).href;
const FINE = "test('is fine', () => {});";

/** What a group of these files says, in the form of TAP, and how it ends. Each is a name and what is in the file. */
async function outcomeOf(files: Readonly<Record<string, string>>) {
  using folder = temporaryFolder('together');
  for (const [name, body] of Object.entries(files)) {
    const imports = "import { before, test } from 'node:test';\nimport { EventEmitter } from 'node:events';\n";
    writeFileSync(join(folder.path, `${name}.mjs`), `${imports}${body}\n`);
  }
  const names = Object.keys(files).map((name) => `${name}.mjs`);
  using groups = groupsOf(names, names.length, {
    ...{ root: `${folder.path}/`, folder: join(folder.path, 'groups'), timeoutMs: 60_000 },
  });
  const [entry = ''] = groups.entries;
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const args = ['--import', DESCRIPTORS, '--test-reporter=tap', entry];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { stdout, stderr, status, endedEarly: groups.endedEarly() };
}

test('a file that can not be loaded, and one whose hooks fail, do not take the others along', async () => {
  const { stdout, status, endedEarly } = await outcomeOf({
    first: FINE,
    broken: `${FINE}\nawait null;\nthrow new Error('at import');`,
    hooked: `before(() => { throw new Error('in a hook'); });\n${FINE}`,
    last: FINE,
  });
  assert.equal(status, 1);
  assert.match(stdout, /not ok \d+ - broken\.mjs is loaded\n/);
  assert.match(stdout, /not ok 3 - hooked\.mjs\n/);
  for (const name of ['first', 'last']) assert.match(stdout, new RegExp(`\\nok \\d - ${name}\\.mjs\\n`));
  assert.deepEqual(endedEarly, []);
});

test('what a file leaves in the process is told: variables, listeners, descriptors, its exit code', async () => {
  const { stdout, stderr, status } = await outcomeOf({
    first: FINE,
    variable: "test('sets', () => { process.env.LEFT = 'x'; });",
    listener: "test('listens', () => { process.on('SIGHUP', () => {}); });",
    code: "test('ends', () => { process.exitCode = 3; });",
  });
  assert.notEqual(status, 0);
  assert.match(
    stdout,
    /not ok \d - variable\.mjs leaves the process as it found it\n[\s\S]*the variable LEFT: none, then x/,
  );
  assert.match(stdout, /not ok \d - listener\.mjs leaves the process as it found it\n[\s\S]*SIGHUP: 0, then 1/);
  assert.match(stderr, /^The exit code is \d since /m);
});

test('a warning of Node.js names the file', async () => {
  const { stderr } = await outcomeOf({
    warns:
      "test('warns', () => { const e = new EventEmitter(); for (let i = 0; i < 12; i += 1) e.on('x', () => {}); });",
    last: FINE,
  });
  assert.match(stderr, /^\(node:\d+\) MaxListenersExceededWarning: .* \(warns\.mjs\)$/m);
});

test('the end of the process in the midst of the files is seen, and a timer that keeps it alive ends it', async () => {
  const { status, endedEarly } = await outcomeOf({ first: FINE, exits: 'process.exit(0);', last: FINE });
  assert.deepEqual([status, endedEarly], [0, ['exits.mjs']]);
  const lasting = await outcomeOf({ first: FINE, timer: "test('waits', () => { setInterval(() => {}, 50); });" });
  assert.deepEqual([lasting.status, lasting.endedEarly], [1, []]);
  assert.match(lasting.stderr, /^LEAK: a Timeout keeps the process of the tests alive, since timer\.mjs$/m);
});
