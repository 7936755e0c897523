/** Options of `capture` that do not fit together are refused before anything is looked at. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../../../src/cli/run.ts';
import { NEUTRAL } from '../../support/bin.ts';
import { fakeSink } from '../../support/sink.ts';

async function capture(
  words: readonly string[],
  tty = false,
): Promise<{ readonly status: number; readonly said: string }> {
  const [out, err] = [fakeSink({ tty }), fakeSink()];
  const exitNow = () => assert.fail('must not end the process');
  const context = { out, err, env: { ...process.env, ...NEUTRAL }, stop: { received: null }, bare: false, exitNow };
  const status = await run(['capture', '--lab', 'l', 'n1:eth0', ...words], context);
  return { status, said: out.text() + err.text() };
}

test('a terminal gets no binary', async () => {
  const { status, said } = await capture([], true);
  assert.equal(status, 2);
  assert.match(
    said,
    /standard output is a terminal\n {2}hint: linkloom capture LINK \| wireshark -k -i -, or `linkloom capture LINK -w FILE`/,
  );
});

test('options that do not fit together are refused, with what to add', async () => {
  const rows: readonly (readonly [words: readonly string[], hint: RegExp])[] = [
    [['-w', 'x', '--ring-files', '3'], /add --ring-size MEGABYTES, --ring-seconds SECONDS, or both/],
    [['--ring-size', '3'], /add -w FILE/],
    [['--ring-seconds', '3'], /add -w FILE/],
    [['--json'], /add -w FILE/],
  ];
  for (const [words, hint] of rows) {
    const { status, said } = await capture(words);
    assert.equal(status, 2, words.join(' '));
    assert.match(said, hint);
  }
});

test('a file that is standard output is no other than standard output', async () => {
  for (const path of ['/dev/stdout', '/proc/self/fd/1', '-']) {
    const { status, said } = await capture(['-w', path, '--json']);
    assert.equal(status, 2, path);
    assert.match(said, /standard output is the capture, so it can not be JSON/);
  }
});

test('a report can not go where the text goes', async () => {
  for (const path of ['/dev/stdout', '-']) {
    const [out, err] = [fakeSink(), fakeSink()];
    const exitNow = () => assert.fail('must not end the process');
    const context = { out, err, env: { ...process.env, ...NEUTRAL }, stop: { received: null }, bare: false, exitNow };
    assert.equal(await run(['verify', '--lab', 'l', '--junit', path], context), 2, path);
    assert.match(
      err.text(),
      /--junit is standard output, which has something else to say\n {2}hint: give --junit a file/,
    );
  }
});
