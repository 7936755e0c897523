import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnosticOf } from '../../../src/errors.ts';
import type { Event, Summary } from '../../../src/events.ts';
import { wantsColour } from '../../../src/report/output.ts';
import { createReporter, resolveMode } from '../../../src/report/reporter.ts';
import { createJson } from '../../../src/report/reporters/json.ts';
import { linkSubject } from '../../../src/subject.ts';
import { fakeClock, fakeSink } from '../../support/sink.ts';

const SUMMARY: Summary = {
  lab: 'web',
  links: { desired: 9, created: 6, changed: 1, unchanged: 0, removed: 0, failed: 2, pending: 0 },
  nodes: { desired: 3, created: 2, changed: 0, unchanged: 0, removed: 0, failed: 1 },
  timings: { loadMs: 1, observeMs: 2, planMs: 3, applyMs: 4, totalMs: 12.4 },
  failures: [],
  pending: [],
  commands: [],
  orphans: [],
};

const EVENTS: readonly Event[] = [
  { type: 'stage', stage: 'load', state: 'begin', elapsedMs: 0 },
  { type: 'stage', stage: 'load', state: 'end', elapsedMs: 3.2 },
  { type: 'listening', socketPath: '/var/run/docker.sock' },
  { type: 'detail', message: 'one more thing' },
  { type: 'diagnostic', diagnostic: diagnosticOf('orphan', 'careful') },
  {
    type: 'failure',
    failure: { subject: linkSubject('n1:eth0'), code: 'E_KERNEL', message: 'EEXIST: taken', hint: 'free it' },
  },
  { type: 'commandOutput', node: 'n1', text: 'one\ntwo\x1b[2J\n' },
  { type: 'summary', verb: 'up', summary: SUMMARY },
];

function run(mode: 'plain' | 'json' | 'quiet', verbose: boolean): string {
  const sink = fakeSink();
  const reporter = createReporter({ mode, verbose, env: {}, now: fakeClock().now }, sink);
  for (const event of EVENTS) reporter.emit(event);
  reporter.close();
  return sink.text();
}

test('plain: a line per stage, the prefixes that conlink has, details only if asked for', () => {
  const expected = `Configuration loaded (3 ms)
Listening on /var/run/docker.sock
one more thing
WARNING: careful [orphan]
ERROR: n1:eth0: EEXIST: taken
  hint: free it
  n1: one
  n1: two\\x1b[2J
lab web up: 9 links wanted: 6 created, 1 changed, 2 failed; 3 nodes wanted: 2 created, 1 failed (12 ms)
`;
  assert.equal(run('plain', true), expected);
  assert.equal(run('plain', false), expected.replace('one more thing\n', ''));
});

test('plain: long work has a line per tenth or per two seconds, with rate and time left', () => {
  const sink = fakeSink();
  const clock = fakeClock();
  const { emit } = createReporter({ mode: 'plain', verbose: false, env: {}, now: clock.now }, sink);
  emit({ type: 'stage', stage: 'apply', state: 'begin', elapsedMs: 0 });
  const at = (afterMs: number, done: number, failed = 0): void => {
    clock.advance(afterMs);
    emit({ type: 'progress', what: 'links', done, total: 1000, failed });
  };
  at(50, 200);
  at(450, 250);
  at(100, 400);
  at(1900, 401, 2);
  at(100, 1000, 2);
  assert.equal(
    sink.text(),
    `250/1000 links, 25 %, 500/s, 1.5 s left
401/1000 links, 40 %, 160/s, 3.7 s left, 2 failed
`,
  );
});

test('plain: short work has no line, however long nothing was done before; a daemon’s log does not fill', () => {
  const sink = fakeSink();
  const clock = fakeClock();
  const { emit } = createReporter({ mode: 'plain', verbose: false, env: {}, now: clock.now }, sink);
  for (let pass = 0; pass < 3; pass++) {
    clock.advance(60_000);
    for (const done of [1, 2]) {
      emit({ type: 'progress', what: 'operations', done, total: 2, failed: 0 });
      clock.advance(50);
    }
  }
  assert.equal(sink.text(), '');
});

test('quiet: failures and errors alone', () => {
  assert.equal(run('quiet', true), 'ERROR: n1:eth0: EEXIST: taken\n  hint: free it\n');
});

test('json: each event is a line with version and time', () => {
  const sink = fakeSink();
  const { emit } = createJson(sink, () => new Date(0));
  for (const event of EVENTS) emit(event);
  const lines = sink.text().trimEnd().split('\n');
  assert.equal(lines.length, EVENTS.length);
  assert.equal(
    lines[5],
    '{"schemaVersion":1,"time":"1970-01-01T00:00:00.000Z","type":"failure","failure":{"link":"n1:eth0","subject":{"kind":"link","node":"n1","dev":"eth0"},"code":"E_KERNEL","message":"EEXIST: taken","hint":"free it"}}',
  );
  assert.deepEqual(JSON.parse(lines[4] ?? '').diagnostic, {
    code: 'orphan',
    severity: 'warning',
    message: 'careful',
    file: null,
    line: null,
    column: null,
    endLine: null,
    endColumn: null,
    hint: null,
  });
});

test('a summary of nothing to do says so', () => {
  const sink = fakeSink();
  const { emit } = createReporter({ mode: 'plain', verbose: false, env: {}, now: fakeClock().now }, sink);
  const links = { desired: 1, created: 0, changed: 0, unchanged: 1, removed: 0, failed: 0, pending: 0 };
  const none = { desired: 0, created: 0, changed: 0, unchanged: 0, removed: 0, failed: 0 };
  const noLinks = { ...none, pending: 0 };
  emit({ type: 'summary', verb: 'up', summary: { ...SUMMARY, links, nodes: { ...none, desired: 2, unchanged: 2 } } });
  emit({ type: 'summary', verb: 'up', summary: { ...SUMMARY, links: noLinks, nodes: none } });
  emit({ type: 'summary', verb: 'down', summary: { ...SUMMARY, links: noLinks, nodes: none } });
  assert.deepEqual(sink.text().split('\n'), [
    'lab web up: 1 link wanted: 1 unchanged (12 ms)',
    'lab web up: 0 links wanted: nothing to do (12 ms)',
    'lab web down: nothing to do (12 ms)',
    '',
  ]);
});

test('a summary tells nodes where something became of them, or where the lab has nothing else', () => {
  const sink = fakeSink();
  const { emit } = createReporter({ mode: 'plain', verbose: false, env: {}, now: fakeClock().now }, sink);
  const none = { desired: 0, created: 0, changed: 0, unchanged: 0, removed: 0, failed: 0 };
  const noLinks = { ...none, pending: 0 };
  const up = (nodes: Summary['nodes']): void =>
    emit({ type: 'summary', verb: 'up', summary: { ...SUMMARY, links: noLinks, nodes } });
  up({ ...none, desired: 2, created: 1, changed: 1 });
  up({ ...none, desired: 2, unchanged: 2 });
  up({ ...none, removed: 1 });
  const down = { ...SUMMARY, links: { ...noLinks, removed: 8 }, nodes: { ...none, removed: 2 } };
  emit({ type: 'summary', verb: 'down', summary: down });
  emit({ type: 'nodes', lab: 'web', counts: { ...none, desired: 2, created: 2 } });
  assert.deepEqual(sink.text().split('\n'), [
    'lab web up: 2 nodes wanted: 1 created, 1 changed (12 ms)',
    'lab web up: 2 nodes wanted: 2 unchanged (12 ms)',
    'lab web up: 0 nodes wanted: 1 removed (12 ms)',
    'lab web down: links: 8 removed; nodes: 2 removed (12 ms)',
    'lab web: 2 nodes wanted: 2 created',
    '',
  ]);
});

test('auto is live only on a terminal that is no CI', () => {
  const mode = (tty: boolean, env: Record<string, string>) =>
    resolveMode({ mode: 'auto', verbose: false, env, now: () => 0 }, fakeSink({ tty }));
  assert.equal(mode(true, {}), 'tty');
  assert.equal(mode(false, {}), 'plain');
  assert.equal(mode(true, { CI: 'true' }), 'plain');
  assert.equal(mode(true, { CI: 'false' }), 'tty');
  assert.equal(mode(true, { TERM: 'dumb' }), 'plain');
});

test('colours: FORCE_COLOR before NO_COLOR before the terminal', () => {
  assert.equal(wantsColour(true, {}), true);
  assert.equal(wantsColour(false, {}), false);
  assert.equal(wantsColour(true, { NO_COLOR: '1' }), false);
  assert.equal(wantsColour(true, { NO_COLOR: '' }), true);
  assert.equal(wantsColour(false, { FORCE_COLOR: '1', NO_COLOR: '1' }), true);
  assert.equal(wantsColour(true, { FORCE_COLOR: '0' }), false);
  assert.equal(wantsColour(true, { TERM: 'dumb' }), false);
});

test('with colours the text is the same, between escape sequences', () => {
  const sink = fakeSink({ colour: true });
  const { emit } = createReporter({ mode: 'plain', verbose: false, env: {}, now: fakeClock().now }, sink);
  emit({ type: 'diagnostic', diagnostic: diagnosticOf('orphan', 'careful') });
  assert.equal(sink.text(), '\x1b[33mWARNING: \x1b[39mcareful \x1b[2m[orphan]\x1b[22m\n');
});

test('a long run tells at its end which stage took longest, its own time without that of a stage within it', () => {
  const sink = fakeSink();
  const { emit } = createReporter({ mode: 'plain', verbose: false, env: {}, now: fakeClock().now }, sink);
  const stage = (stage: 'apply' | 'carriers' | 'remove', state: 'begin' | 'end', elapsedMs: number): void =>
    emit({ type: 'stage', stage, state, elapsedMs });
  stage('apply', 'begin', 0);
  stage('carriers', 'begin', 0);
  stage('carriers', 'end', 2500);
  stage('apply', 'end', 3000);
  // What is short has no line of its own.
  stage('remove', 'begin', 0);
  stage('remove', 'end', 900);
  emit({ type: 'summary', verb: 'up', summary: { ...SUMMARY, timings: { ...SUMMARY.timings, totalMs: 3100 } } });
  const [carriers, apply, summary] = sink.text().split('\n');
  assert.deepEqual([carriers, apply], ['Links carry (2.5 s)', 'Plan carried out (3.0 s)']);
  assert.match(summary ?? '', /\(3\.1 s, slowest: waiting until the links carry, 2\.5 s\)$/);
});
