/** Every block of the book is run, loaded, or says why it is not. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ERROR_CODES } from '../../../src/errors.ts';
import { ROOT } from '../../support/bin.ts';
import { bookPages, stepsOf } from '../../support/docs/pages.ts';
import { check } from '../config/loading.ts';

const pages = bookPages();

describe('a comment before a block', () => {
  test('says why it is left out, and holds for one block', () => {
    const steps = stepsOf('<!-- test: not run: it asks -->\n```sh\na\n```\n```sh\nb\n```\n');
    assert.deepEqual(
      steps.map(({ text, leftOut }) => [text, leftOut]),
      [
        ['a\n', 'it asks'],
        ['b\n', null],
      ],
    );
    assert.equal(steps[0]?.runs, 'namespaces');
  });

  test('may have lines that are run there, or say where the page runs', () => {
    const steps = stepsOf('<!-- test: containers -->\n<!-- test: run\nx\ny\n-->\n```yaml\na: 1\n```\n');
    assert.deepEqual(
      steps.map(({ kind, text, isHidden }) => [kind, text, isHidden]),
      [
        ['shell', 'x\ny\n', true],
        ['yaml', 'a: 1\n', false],
      ],
    );
    assert.equal(steps[0]?.runs, 'containers');
  });

  test('that nobody understands is a fault, and so is one without a reason', () => {
    for (const text of ['<!-- test: nothing -->', '<!-- test: not run: -->'])
      assert.throws(() => stepsOf(text), /mean/);
  });
});

test('all commands are in blocks of the language sh, which the tests run', () => {
  const others = pages.flatMap(({ path, steps }) =>
    steps
      .filter(({ kind, language, text }) =>
        kind === 'shell' ? language !== 'sh' : !language && /^linkloom |^\$ /m.test(text),
      )
      .map(({ line }) => `${path}:${line}`),
  );
  assert.deepEqual(others, []);
});

test('each code of a failure has a cause and a cure in docs/troubleshooting.md, and no other', () => {
  const text = readFileSync(join(ROOT, 'docs/troubleshooting.md'), 'utf8');
  const described = [...text.matchAll(/^### (E_\w+)\n\n.+\n\n.+$/gm)].map(([, code = '']) => code);
  assert.deepEqual(described, Object.keys(ERROR_CODES));
});

describe('each block of YAML loads', () => {
  for (const { path, steps } of pages) {
    for (const { kind, text, line, leftOut } of steps) {
      if (kind !== 'yaml' || leftOut !== null) continue;
      test(`${path}:${line}`, async () => {
        const { diagnostics } = await check(text);
        assert.deepEqual(
          diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message),
          [],
        );
      });
    }
  }
});

test('the index of examples has each of them once', () => {
  const folders = readdirSync(join(ROOT, 'examples'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const listed = [...readFileSync(join(ROOT, 'examples/README.md'), 'utf8').matchAll(/^\| \[([^\]]+)\]\(\1\/\)/gm)];
  assert.deepEqual(listed.map(([, name = '']) => name).sort(), folders.map(({ name }) => name).sort());
});

test('each network file of the examples tells editors its schema', () => {
  const files = readdirSync(join(ROOT, 'examples'), { recursive: true, encoding: 'utf8' });
  const silent = files
    .filter((file) => /^[^/]+\/(lab|network)\.yaml$/.test(file))
    .filter((file) => {
      const text = readFileSync(join(ROOT, 'examples', file), 'utf8');
      const [, schema = ''] = /^# yaml-language-server: \$schema=(\S+)$/m.exec(text) ?? [];
      return schema === '' || !existsSync(join(ROOT, 'examples', file, '..', schema));
    });
  assert.deepEqual(silent, []);
});
