/** What a command writes: lines as they come, a bounded part of a flood, and the end of all. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandOutput } from '../../../src/runtime/command-output.ts';

function output() {
  const lines: string[] = [];
  const clock = { ms: 0 };
  return {
    lines,
    clock,
    written: new CommandOutput(
      (line) => lines.push(line),
      () => clock.ms,
    ),
  };
}

test('bytes cut anywhere become lines, of each stream its own; the tail has them as they came', () => {
  const { lines, written } = output();
  written.push('stdout', Buffer.from('one\ntw'));
  written.push('stderr', Buffer.from('oops\r\n'));
  written.push('stdout', Buffer.from('o\nla'));
  written.push('stdout', Buffer.from([0xc3]));
  written.push('stdout', Buffer.from([0xa4]));
  assert.deepEqual(lines, ['one', 'oops', 'two']);
  written.end();
  assert.deepEqual(lines, ['one', 'oops', 'two', 'laä']);
  assert.deepEqual(written.tail().at(-1), 'laä');
});

test('a line without end is given out in pieces', () => {
  const { lines, written } = output();
  for (let piece = 0; piece < 10; piece++) written.push('stdout', Buffer.alloc(20_000, 'x'));
  written.end();
  assert.deepEqual(
    lines.map(({ length }) => length),
    [65_536, 65_536, 65_536, 3392],
  );
});

test('a flood is cut, aloud and once; after a rest what comes is shown again, and how much was left out', () => {
  const { lines, clock, written } = output();
  const chunk = Buffer.from(`${'x'.repeat(65_535)}\n`);
  for (let megabytes = 0; megabytes < 4 * 16; megabytes++) written.push('stdout', chunk);
  assert.equal(lines.length, 17);
  assert.equal(lines.at(-1), '… writes faster than can be shown: what follows is left out');
  clock.ms += 2000;
  written.push('stdout', Buffer.from('back\n'));
  assert.deepEqual(lines.slice(17), [`… ${3 * (1 << 20)} bytes left out`, 'back']);
  assert.deepEqual(written.tail().at(-1), 'back');
  assert.ok(written.tail().join('').length <= 4096);
});
