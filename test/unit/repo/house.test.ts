/** The house rules of CONTRIBUTING that a linter does not know. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../support/bin.ts';

const ROOMS = ['src', 'workers', 'test', 'bench', 'scripts'];
/** `netns/NAME` as the user's word for a node, in configurations and on the command line: no id. */
const NAMES_OF_NODES = ['src/config/merge.ts'];

const MAX_LINES = 400;
const MAX_FILES = 18;

/** Path (from the root) → text of every source file. */
const sources = new Map(
  ROOMS.flatMap((room) => walk(room))
    .filter((path) => /\.(ts|mjs|c)$/.test(path))
    .map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]),
);

function walk(folder: string): readonly string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? walk(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`],
  );
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

/** Paths whose text (and path) the predicate takes. */
function offenders(predicate: (text: string, path: string) => boolean): readonly string[] {
  return [...sources].filter(([path, text]) => predicate(text, path)).map(([path]) => path);
}

function folders(): ReadonlyMap<string, readonly string[]> {
  const map = new Map<string, string[]>();
  for (const path of sources.keys()) {
    const folder = path.slice(0, path.lastIndexOf('/'));
    map.set(folder, [...(map.get(folder) ?? []), path]);
  }
  return map;
}

test('the walk finds this file', () => {
  assert.ok(sources.has('test/unit/repo/house.test.ts'));
});

test(`no file is longer than ${MAX_LINES} lines`, () => {
  assert.deepEqual(
    offenders((text) => text.split('\n').length > MAX_LINES),
    [],
  );
});

test(`no folder holds more than ${MAX_FILES} files`, () => {
  const full = [...folders()].filter(([, files]) => files.length > MAX_FILES).map(([folder]) => folder);
  assert.deepEqual(full, []);
});

test('each room of the code states its rule', () => {
  const silent = [...folders()]
    .filter(([folder]) => /^(src|workers)/.test(folder))
    .filter(([, files]) => !files.some((file) => sources.get(file)?.startsWith('/**')))
    .map(([folder]) => folder);
  assert.deepEqual(silent, []);
});

test('no folder is a drawer for everything, and only the public entry is a barrel', () => {
  assert.deepEqual(
    offenders((_text, path) => /^(src|workers)\/(.*\/)?(utils?|helpers?|common|misc)(\/|\.)/.test(path)),
    [],
  );
  assert.deepEqual(
    offenders((_text, path) => /\/index\.ts$/.test(path) && path !== 'src/index.ts'),
    [],
  );
});

test('only net/ns-id.ts knows how the id of a namespace is written, and where named ones are kept', () => {
  const home = 'src/net/ns-id.ts';
  const own = /['"`]self['"`]/;
  const written = /['"`](netns|pid)\/(\$\{|['"`])|\/run\/netns(\/\$\{|['"`])|\/proc\/\$\{[^}]*\}\/ns\/net/;
  const found = (pattern: RegExp): readonly string[] =>
    offenders((text, path) => /^(src|workers)\//.test(path) && path !== home && pattern.test(withoutComments(text)));
  assert.deepEqual(found(own), []);
  assert.deepEqual(found(written), NAMES_OF_NODES);
});

test('only report/ and the program itself print', () => {
  assert.deepEqual(
    offenders(
      (text, path) =>
        /^(src|workers)\//.test(path) &&
        !/^src\/(report\/|(bin|main)\.ts)/.test(path) &&
        /process\.(stdout|stderr)\.write|\bconsole\./.test(text),
    ),
    [],
  );
});

test('nothing is left for later', () => {
  const marker = new RegExp(`\\b(${['TO', 'DO|FIX', 'ME|X', 'XX'].join('')})\\b`);
  assert.deepEqual(
    offenders((text) => marker.test(text)),
    [],
  );
});

test('the lock file names no host, so that it serves behind any registry', () => {
  const lock = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
  assert.doesNotMatch(lock, /"resolved"/);
});

test('the documents name only scripts that exist', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
  for (const document of ['README.md', 'CONTRIBUTING.md']) {
    const text = readFileSync(join(ROOT, document), 'utf8');
    const named = [...text.matchAll(/npm run ([a-z:]+)/g)].map((match) => match[1] ?? '');
    assert.ok(named.length > 0);
    for (const name of named) assert.ok(name in scripts, `${document}: npm run ${name}`);
  }
});

test('files and folders that CONTRIBUTING names are there', () => {
  const text = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
  const named = [...text.matchAll(/`((?:src|workers|scripts|test)\/[\w./-]*)`/g)].map(([, path = '']) => path);
  assert.ok(named.length > 10);
  assert.deepEqual(
    named.filter((path) => !existsSync(join(ROOT, path))),
    [],
  );
});
