import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTty } from '../../../src/report/reporters/tty.ts';
import { widthOf } from '../../../src/report/table.ts';
import { linkSubject } from '../../../src/subject.ts';
import { fakeClock, fakeSink } from '../../support/sink.ts';

/** `ESC [ n A`, `ESC [ J`, or one character. */
const TOKEN = new RegExp(`${'\x1b'}\\[\\d*[AJ]|[^]`, 'gu');

/** What a terminal shows after these bytes: enough of one for line breaks, `\r`, cursor up and erase below. */
function screenOf(bytes: string): string[] {
  const lines: string[] = [''];
  let row = 0;
  let column = 0;
  for (const [token] of bytes.matchAll(TOKEN)) {
    if (token === '\n') {
      row += 1;
      column = 0;
      lines[row] ??= '';
    } else if (token === '\r') column = 0;
    else if (token.endsWith('A') && token.length > 1) row -= Number(token.slice(2, -1));
    else if (token.endsWith('J') && token.length > 1) {
      lines.length = row + 1;
      lines[row] = (lines[row] ?? '').slice(0, column);
    } else {
      const line = (lines[row] ?? '').padEnd(column);
      lines[row] = line.slice(0, column) + token + line.slice(column + 1);
      column += 1;
    }
  }
  return lines;
}

test('the live line shows the stage, a bar, counters, rate and time left', () => {
  const sink = fakeSink({ tty: true });
  const clock = fakeClock();
  const reporter = createTty(sink, clock.now);
  reporter.emit({ type: 'stage', stage: 'apply', state: 'begin', elapsedMs: 0 });
  assert.deepEqual(screenOf(sink.text()), ['applying…']);
  clock.advance(500);
  reporter.emit({ type: 'progress', what: 'links', done: 250, total: 1000, failed: 1 });
  assert.deepEqual(screenOf(sink.text()), [
    'applying █████░░░░░░░░░░░░░░░ 250/1000 links, 25 %, 500/s, 1.5 s left, 1 failed',
  ]);
  reporter.close();
  assert.deepEqual(screenOf(sink.text()), ['']);
});

test('it is drawn at most ten times a second', () => {
  const sink = fakeSink({ tty: true });
  const clock = fakeClock();
  const reporter = createTty(sink, clock.now);
  reporter.emit({ type: 'stage', stage: 'apply', state: 'begin', elapsedMs: 0 });
  for (let done = 0; done < 1000; done += 1) {
    clock.advance(1);
    reporter.emit({ type: 'progress', what: 'links', done, total: 1000, failed: 0 });
  }
  reporter.close();
  assert.equal(sink.text().split('applying').length - 1, 11);
});

test('lines scroll above the live part, which the last failures are below', () => {
  const sink = fakeSink({ tty: true });
  const clock = fakeClock();
  const reporter = createTty(sink, clock.now);
  reporter.emit({ type: 'stage', stage: 'apply', state: 'begin', elapsedMs: 0 });
  clock.advance(400);
  reporter.emit({ type: 'progress', what: 'links', done: 5, total: 10, failed: 0 });
  for (const link of ['n1:eth0', 'n2:eth0', 'n3:eth0', 'n4:eth0']) {
    reporter.emit({ type: 'failure', failure: { subject: linkSubject(link), code: 'E_KERNEL', message: 'EEXIST' } });
  }
  reporter.emit({ type: 'notice', message: 'Listening on x' });
  assert.deepEqual(screenOf(sink.text()), [
    'ERROR: n1:eth0: EEXIST',
    'ERROR: n2:eth0: EEXIST',
    'ERROR: n3:eth0: EEXIST',
    'ERROR: n4:eth0: EEXIST',
    'Listening on x',
    'applying ██████████░░░░░░░░░░ 5/10 links, 50 %, 13/s, 0.4 s left',
    '  n2:eth0: EEXIST',
    '  n3:eth0: EEXIST',
    '  n4:eth0: EEXIST',
  ]);
  reporter.close();
  assert.equal(screenOf(sink.text()).at(-1), '');
  assert.equal(screenOf(sink.text()).length, 6);
});

test('the live part is never wider than the terminal, nor as high', () => {
  const sink = fakeSink({ tty: true, columns: 20, rows: 3 });
  const clock = fakeClock();
  const reporter = createTty(sink, clock.now);
  reporter.emit({ type: 'stage', stage: 'apply', state: 'begin', elapsedMs: 0 });
  clock.advance(200);
  reporter.emit({ type: 'progress', what: 'links', done: 5, total: 10, failed: 0 });
  reporter.emit({
    type: 'failure',
    failure: { subject: linkSubject('n1:eth0'), code: 'E_KERNEL', message: 'a'.repeat(40) },
  });
  reporter.emit({
    type: 'failure',
    failure: { subject: linkSubject('n2:eth0'), code: 'E_KERNEL', message: 'b'.repeat(40) },
  });
  const live = screenOf(sink.text()).slice(2);
  assert.equal(live.length, 2);
  for (const line of live) assert.ok(widthOf(line) < 20, line);
  reporter.close();
});

test('a name cannot move the cursor', () => {
  const sink = fakeSink({ tty: true });
  const reporter = createTty(sink, fakeClock().now);
  reporter.emit({ type: 'stage', stage: 'apply', state: 'begin', elapsedMs: 0 });
  reporter.emit({ type: 'progress', what: 'links', done: 0, total: 1, failed: 0 });
  reporter.emit({
    type: 'failure',
    failure: { subject: linkSubject('n\x1b[9A:eth0'), code: 'E_KERNEL', message: 'x\ny' },
  });
  reporter.close();
  assert.ok(!sink.text().includes('\x1b[9A'));
  assert.deepEqual(screenOf(sink.text()), ['ERROR: n\\x1b[9A:eth0: x', 'y', '']);
});

test('a stage without figures shows what it is about, and after a second how long it has taken', () => {
  const sink = fakeSink({ tty: true });
  const clock = fakeClock();
  const reporter = createTty(sink, clock.now);
  const begin = {
    type: 'stage',
    stage: 'dismantle',
    state: 'begin',
    elapsedMs: 0,
    about: '8 links, 4 bridges',
  } as const;
  reporter.emit(begin);
  assert.deepEqual(screenOf(sink.text()), ['waiting until the kernel has taken it apart (8 links, 4 bridges)…']);
  clock.advance(2300);
  reporter.emit({ type: 'notice', message: 'meanwhile' });
  assert.deepEqual(screenOf(sink.text()), [
    'meanwhile',
    'waiting until the kernel has taken it apart (8 links, 4 bridges)… 2.3 s',
  ]);
  reporter.emit({ type: 'stage', stage: 'dismantle', state: 'end', elapsedMs: 2300 });
  assert.deepEqual(screenOf(sink.text()), ['meanwhile', '']);
  reporter.close();
});

test('no rate and no time left are guessed in the first moments', () => {
  const sink = fakeSink({ tty: true });
  const clock = fakeClock();
  const reporter = createTty(sink, clock.now);
  reporter.emit({ type: 'stage', stage: 'apply', state: 'begin', elapsedMs: 0 });
  clock.advance(110);
  reporter.emit({ type: 'progress', what: 'links', done: 1, total: 1000, failed: 0 });
  assert.deepEqual(screenOf(sink.text()), ['applying ░░░░░░░░░░░░░░░░░░░░ 1/1000 links, 0 %']);
  reporter.close();
});
