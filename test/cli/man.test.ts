/** The man pages: one for each verb, which groff formats without a warning, and which say what `--help` says. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { execa } from 'execa';
import { manPages } from '../../scripts/man/pages.ts';
import { KEYS } from '../../scripts/reference/keys.ts';
import { ALL_VERBS } from '../../scripts/reference/verbs.ts';
import { ROOT } from '../support/bin.ts';
import { needs } from '../support/needs.ts';

const pages = manPages('1.2.3');

test('package.json lists all of them, so that npm installs them (else: npm run docs:reference)', () => {
  const { man } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly man: readonly string[] };
  assert.deepEqual(
    man,
    [...pages.keys()].map((name) => `./man/${name}`),
  );
});

describe('groff formats each page without a warning', needs('program:groff'), () => {
  const formatted = async (name: string): Promise<string> => {
    const { stdout, stderr } = await execa('groff', ['-man', '-ww', '-Tascii', '-P-cbou'], {
      input: pages.get(name) ?? '',
    });
    assert.equal(stderr, '', name);
    return stdout.replaceAll(/\s+/g, ' ');
  };

  for (const verb of ALL_VERBS) {
    test(verb.name, async () => {
      const text = await formatted(`linkloom-${verb.name}.1`);
      assert.ok(text.includes(`linkloom-${verb.name} - ${verb.summary.replaceAll('`', '')}`), text.slice(0, 300));
      for (const [line] of verb.examples) assert.ok(text.includes(`linkloom ${line}`.replaceAll(/\s+/g, ' ')), line);
    });
  }

  test('the program names all verbs', async () => {
    const text = await formatted('linkloom.1');
    for (const { name } of ALL_VERBS) assert.ok(text.includes(`linkloom-${name}(1)`), name);
  });

  test('the configuration has all keys', async () => {
    const text = await formatted('linkloom.yaml.5');
    for (const { name } of KEYS) assert.ok(text.includes(name), name);
  });
});
