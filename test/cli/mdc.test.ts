import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { linkloom } from '../support/bin.ts';
import { temporaryFolder } from '../support/folder.ts';
import { needs } from '../support/needs.ts';

const folder = temporaryFolder('mdc-verb');
after(() => folder[Symbol.dispose]());

const FILES = {
  'modes/base/compose.yaml': 'services:\n  r0: {image: none}\n',
  'modes/node1/deps': 'base',
  'modes/node1/compose.yaml':
    'services:\n  node1: {image: none, environment: ["FIRST=$MDC_MODE_node1", "OTHER=$MDC_MODE_node2"]}\n',
  'modes/all/deps': 'node1, +later\n',
  'modes/later/env': 'X=1\n',
};
for (const [name, text] of Object.entries(FILES)) {
  mkdirSync(dirname(join(folder.path, name)), { recursive: true });
  writeFileSync(join(folder.path, name), text);
}

const run = (...args: string[]) =>
  linkloom(['mdc', ...args], { cwd: folder.path, env: { DOCKER_COMPOSE: 'docker-compose', MODES_DIR: undefined } });

describe('linkloom mdc', () => {
  test('assembles a project that compose takes', needs('program:docker-compose'), async () => {
    const got = await run('all', 'config');
    assert.match(got.stderr, /^MODES: {2}base node1 all\n/);
    assert.equal(got.exitCode, 0);
    assert.match(got.stdout, /services:\n {2}node1:\n(.*\n)* +FIRST: enabled\n(.*\n)* {2}r0:/);
    assert.match(got.stdout, /OTHER: ''/);
  });

  test("gives compose's exit status and options", needs('program:docker-compose'), async () => {
    const got = await run('base', '--help');
    assert.match(got.stdout, /docker-compose/);
    assert.equal((await run('base', 'no-such-command')).exitCode, 1);
  });

  test('tells what it does, if asked to', async () => {
    const got = await run('--verbose', 'base');
    assert.equal(
      got.stderr,
      [
        'MODES:  base',
        'ENV_FILE: .env',
        'COMPOSE_FILE: ./.compose-empty.yaml:./modes/base/compose.yaml',
        'COMPOSE_PROFILES: MODE_base',
        'MDC_MODE_DIRS: ./modes/base',
        '',
      ].join('\n'),
    );
  });

  test('prints a resolution in three formats, and writes nothing', async () => {
    const only = temporaryFolder('mdc-resolve');
    using _ = only;
    const resolveIn = (format: string, modes: string) =>
      linkloom(['mdc', '--resolve', format, modes], {
        cwd: only.path,
        env: { MODES_DIR: join(folder.path, 'modes') },
      });
    assert.equal((await resolveIn('nodes', 'later all')).stdout, 'later base node1 all\n');
    const modes = `${folder.path}/modes`;
    assert.equal((await resolveIn('paths', 'node1')).stdout, `base=${modes}/base\nnode1=${modes}/node1\n`);
    assert.deepEqual(JSON.parse((await resolveIn('json', 'node1')).stdout), [
      { node: 'base', path: `${modes}/base`, deps: [] },
      { node: 'node1', path: `${modes}/node1`, deps: ['base'] },
    ]);
    assert.equal(existsSync(join(only.path, '.env')), false);
  });

  test('names a mode that there is not', async () => {
    const got = await run('alll');
    assert.equal(got.exitCode, 1);
    assert.match(got.stderr, /there is no mode 'alll'\n.*the modes are: all, base, later, node1/);
    assert.equal((await run()).exitCode, 2);
  });
});
