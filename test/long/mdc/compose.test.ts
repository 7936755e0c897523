import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { temporaryFolder } from '../../support/folder.ts';

const folder = temporaryFolder('compose');
after(() => folder[Symbol.dispose]());

/** A program that stands where compose would. */
function program(name: string, script: string): string {
  const path = join(folder.path, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** `runCompose` in a process of its own, as it takes over the terminal and signals. */
function start(command: string, args: readonly string[]): { child: ChildProcess; ended: Promise<[string, number]> } {
  const url = new URL('../../../src/mdc/compose.js', import.meta.url).href;
  const code = `const { runCompose } = await import(${JSON.stringify(url)});
    const [command, ...args] = process.argv.slice(1);
    process.exitCode = await runCompose(command, 'lab.env', args).catch((error) => { console.log(error.code, error.message); return 99; });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code, command, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return { child, ended: once(child, 'close').then(([status]) => [text, status as number]) };
}

describe('compose', () => {
  test('gets the environment file and the arguments as they are, and gives its exit status', async () => {
    const path = program('shows', 'for word; do echo "[$word]"; done; exit 7');
    const { ended } = start(`${path} --ansi  never`, ['up', '-d', 'two words', '$HOME;']);
    assert.deepEqual(await ended, [
      '[--ansi]\n[never]\n[--env-file]\n[lab.env]\n[up]\n[-d]\n[two words]\n[$HOME;]\n',
      7,
    ]);
  });

  test('is told of signals, and decides how to end', async () => {
    // It ends by itself too: a program that is never told would keep its output open, and this test waiting.
    const path = program(
      'traps',
      'trap "echo told; exit 5" TERM; echo ready; for i in $(seq 200); do sleep 0.05; done',
    );
    const { child, ended } = start(path, []);
    assert.ok(child.stdout);
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    assert.deepEqual(await ended, ['ready\ntold\n', 5]);
  });

  test('that died of a signal gives 128 and its number', async () => {
    assert.deepEqual(await start(program('dies', 'kill -KILL $$'), []).ended, ['', 137]);
  });

  test('that is not there is an error with a name', async () => {
    const [text, status] = await start('/no/such/compose up', []).ended;
    assert.equal(status, 99);
    assert.match(text, /^E_TOOL cannot run '\/no\/such\/compose': .*ENOENT/);
  });
});
