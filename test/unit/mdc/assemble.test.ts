import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { assemble, type Layout } from '../../../src/mdc/assemble.ts';
import { parseDeps, readModes } from '../../../src/mdc/modes.ts';
import { type Resolved, resolve } from '../../../src/mdc/resolve.ts';
import { type Folder, temporaryFolder } from '../../support/folder.ts';

function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}

/** Two modes with everything, one with nothing. */
function project(): Folder {
  const folder = temporaryFolder('mdc');
  write(folder.path, {
    'modes/base/compose.yaml': 'services: {r0: {}}\n',
    'modes/base/docker-compose.yml': 'services: {no: {}}\n',
    'modes/base/env': 'A=1\nB=two words',
    'modes/base/r0/files/etc/motd': 'base\n',
    'modes/base/r0/files/.hidden': 'h',
    'modes/base/r0/files/only-base': 'b',
    'modes/base/notes/readme': 'not files',
    'modes/node-1/deps': 'base',
    'modes/node-1/docker-compose.yml': 'services: {n1: {}}\n',
    'modes/node-1/.env': 'C=3\n',
    'modes/node-1/env': 'D=4\n',
    'modes/node-1/r0/files/etc/motd': 'node\n',
    'modes/plain/x': '',
  });
  return folder;
}

function layout(cwd: string, more: Partial<Layout> = {}): Layout {
  return { cwd, envFile: '.env', filesDir: './.files', commandLine: 'mdc node-1,plain up -d', ...more };
}

function resolved(folder: Folder, request: string): readonly Resolved[] {
  // The paths go into the environment file as written: from the working directory.
  return resolve(readModes([join(folder.path, 'modes')]), parseDeps(request, 'test')).map((mode) => ({
    ...mode,
    path: `./modes/${mode.name}`,
  }));
}

describe('assembly', () => {
  test('writes the environment file', () => {
    using folder = project();
    assemble(resolved(folder, 'node-1 plain'), layout(folder.path));
    assert.equal(
      readFileSync(join(folder.path, '.env'), 'utf8'),
      `### mdc command line: mdc node-1,plain up -d
### mdc begin mode base (./modes/base/env)
MDC_MODE_base=enabled
A=1
B=two words
### mdc end mode base (./modes/base/env)
### mdc begin mode node-1 (./modes/node-1/env)
MDC_MODE_node_1=enabled
MDC_MODE_node__=enabled
D=4

### mdc end mode node-1 (./modes/node-1/env)
### mdc begin mode node-1 (./modes/node-1/.env)
MDC_MODE_node_1=enabled
MDC_MODE_node__=enabled
C=3

### mdc end mode node-1 (./modes/node-1/.env)
### mdc begin mode plain
MDC_MODE_plain=enabled

### mdc end mode plain
COMPOSE_FILE=./.compose-empty.yaml:./modes/base/compose.yaml:./modes/node-1/docker-compose.yml
COMPOSE_DIR=${folder.path}
COMPOSE_PROFILES=MODE_base,MODE_node-1,MODE_plain
MDC_MODE_DIRS="./modes/base,./modes/node-1,./modes/plain"
`,
    );
    assert.match(readFileSync(join(folder.path, '.compose-empty.yaml'), 'utf8'), /^services: \{\}$/m);
    assert.equal(existsSync(join(folder.path, '.env-mdc-tmp')), false);
  });

  test('lays the files of later modes over those of earlier ones, in an empty folder', () => {
    using folder = project();
    const at = (name: string) => join(folder.path, name);
    write(folder.path, { '.files/stale': 'old' });
    symlinkSync('etc/motd', at('modes/base/r0/files/link'));
    symlinkSync('etc/motd', at('modes/base/r0/files/replaced'));
    write(folder.path, { 'modes/node-1/r0/files/replaced': 'a file now' });
    chmodSync(at('modes/base/r0/files/.hidden'), 0o4751);
    utimesSync(at('modes/base/r0/files/only-base'), 1_000_000_000, 1_000_000_000);
    assemble(resolved(folder, 'node-1'), layout(folder.path));
    assert.equal(readFileSync(at('.files/r0/etc/motd'), 'utf8'), 'node\n');
    assert.equal(readFileSync(at('.files/r0/only-base'), 'utf8'), 'b');
    assert.equal(statSync(at('.files/r0/.hidden')).mode & 0o7777, 0o4751);
    assert.equal(statSync(at('.files/r0/only-base')).mtimeMs, 1_000_000_000_000);
    assert.equal(readlinkSync(at('.files/r0/link')), 'etc/motd');
    assert.equal(readFileSync(at('.files/r0/replaced'), 'utf8'), 'a file now');
    assert.equal(existsSync(at('.files/stale')), false);
    assert.equal(existsSync(at('.files/notes')), false);
  });

  test('keeps the old environment file where something fails', () => {
    using folder = project();
    write(folder.path, { '.env': 'OLD=1\n', 'modes/node-1/r0/files/only-base/x': 'a folder over a file' });
    assert.throws(() => assemble(resolved(folder, 'node-1'), layout(folder.path)), {
      code: 'E_CONFIG',
      message: /^cannot assemble the modes: E(EXIST|NOTDIR)/,
    });
    assert.equal(readFileSync(join(folder.path, '.env'), 'utf8'), 'OLD=1\n');
    assert.equal(existsSync(join(folder.path, '.env-mdc-tmp')), false);
  });

  for (const filesDir of ['.', '/', '..', './modes', './modes/base', '']) {
    test(`does not empty '${filesDir}'`, () => {
      using folder = project();
      assert.throws(() => assemble(resolved(folder, 'base'), layout(folder.path, { filesDir })), {
        code: 'E_CONFIG',
        message: /would be emptied/,
      });
      assert.equal(existsSync(join(folder.path, 'modes/base/compose.yaml')), true);
    });
  }

  test('quotes what an environment file would misread', () => {
    using folder = project();
    const [base] = resolved(folder, 'base');
    assert.ok(base);
    write(folder.path, { 'my modes/base/compose.yml': '' });
    assemble([{ ...base, path: 'my modes/base' }], layout(folder.path, { envFile: 'lab.env' }));
    const text = readFileSync(join(folder.path, 'lab.env'), 'utf8');
    assert.match(text, /^COMPOSE_FILE='\.\/\.compose-empty\.yaml:my modes\/base\/compose\.yml'$/m);
  });
});

describe('sources of modes', () => {
  test('are folders with or without a deps file, in order of their names', () => {
    using folder = project();
    write(folder.path, { 'modes/.git/x': '', 'modes/file': '' });
    const modes = readModes([`${folder.path}/modes/`]);
    assert.deepEqual([...modes.keys()], ['base', 'node-1', 'plain']);
    assert.deepEqual(modes.get('node-1'), {
      name: 'node-1',
      path: `${folder.path}/modes/node-1`,
      needs: [['base']],
      after: [],
    });
  });

  test('may be a graph as JSON', () => {
    using folder = temporaryFolder('mdc');
    write(folder.path, { 'graph.json': '{"b": ["a", ["c", "d"], {"after": "e"}]}', 'bad.json': '{"b": "a"}' });
    const modes = readModes([join(folder.path, 'graph.json')]);
    assert.deepEqual(modes.get('b'), { name: 'b', path: '', needs: [['a'], ['c', 'd']], after: ['e'] });
    assert.deepEqual([...modes.keys()], ['b', 'a', 'c', 'd', 'e']);
    assert.throws(() => readModes([join(folder.path, 'bad.json')]), {
      code: 'E_CONFIG',
      message: /is no graph of modes/,
    });
  });

  test('may not have the same mode twice, and must exist', () => {
    using folder = project();
    write(folder.path, { 'more/base/x': '' });
    assert.throws(() => readModes([join(folder.path, 'modes'), join(folder.path, 'more')]), {
      message: `mode 'base' is in several places: ${folder.path}/modes/base, ${folder.path}/more/base`,
    });
    assert.throws(() => readModes([join(folder.path, 'none')]), { code: 'E_CONFIG', message: /ENOENT/ });
  });
});
