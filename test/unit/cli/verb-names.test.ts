/** Hints name verbs that exist: by type, and so that nobody goes round the type. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findVerb, VERBS } from '../../../src/cli/verbs.ts';
import { commandLine, verb } from '../../../src/verb-names.ts';
import { ROOT } from '../../support/bin.ts';

/** The program's sources without their comments. */
const SOURCES = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({
    file,
    text: readFileSync(join(ROOT, 'src', file), 'utf8').replace(/^\s*(\/\*\*|\*|\/\/).*$/gm, ''),
  }));

test('a verb in a hint is one that exists', () => {
  assert.equal(verb('up'), '`up`');
  assert.equal(verb('down', '--lab x'), '`down --lab x`');
  assert.equal(commandLine('status', '--all'), '`linkloom status --all`');
  // @ts-expect-error: there is no such verb
  assert.equal(verb('mend'), '`mend`');
  // @ts-expect-error: there is no such verb
  assert.equal(commandLine('mend'), '`linkloom mend`');
});

test('no hint writes a verb by hand; the help texts of the verbs, which name each other, may', () => {
  const names = VERBS.map(({ name }) => name).join('|');
  // A hint that begins with "run as root" names no verb.
  const byHand = new RegExp(`\\\\?\`(?!run as root)(?:linkloom )?(?:${names})(?: [^\`']*)?\\\\?\``);
  const found = SOURCES.filter(({ file }) => !/^cli\/(lab|node|files|about|job)\/|^verb-names/.test(file)).flatMap(
    ({ file, text }) =>
      text.split('\n').flatMap((line) => (/['\\]/.test(line) && byHand.test(line) ? [`${file}: ${line}`] : [])),
  );
  assert.deepEqual(found, []);
});

test('command lines in quotes, in all texts, begin with a verb', () => {
  const lines = SOURCES.flatMap(({ text }) => [...text.matchAll(/`linkloom ([a-z]+)/g)].map((match) => match[1]));
  for (const word of lines) assert.ok(findVerb(word), word);
});
