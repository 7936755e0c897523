/** What CI systems are told: GitHub's workflow commands and step summary, GitLab's sections. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnosticOf, LinkloomError } from '../../../src/errors.ts';
import type { Event } from '../../../src/events.ts';
import { CiReporter } from '../../../src/report/ci/ci.ts';
import { annotationLine } from '../../../src/report/ci/github.ts';
import { StepSummary } from '../../../src/report/ci/step-summary.ts';
import { ciSystemOf } from '../../../src/report/ci/system.ts';
import { createReporter } from '../../../src/report/reporter.ts';
import { fakeSink } from '../../support/sink.ts';

const where = { file: 'a,b.yaml', line: 3, column: 5, endLine: 3, endColumn: 9 };
const begin = { type: 'stage', stage: 'load', state: 'begin', elapsedMs: 0 } as const;
const end = { type: 'stage', stage: 'load', state: 'end', elapsedMs: 12 } as const;

test('an annotation escapes what would end its line, its properties or a value', () => {
  const one = { severity: 'error', title: 'x:y, 100%', message: '50%\r\nnext: a, b', where } as const;
  assert.equal(
    annotationLine(one, (file) => file),
    '::error file=a%2Cb.yaml,line=3,endLine=3,col=5,endColumn=8,title=x%3Ay%2C 100%25::50%25%0D%0Anext: a, b\n',
  );
  const elsewhere = annotationLine({ ...one, severity: 'note', message: 'm' }, () => null);
  assert.equal(elsewhere, '::notice title=x%3Ay%2C 100%25::a,b.yaml:3:5: m\n');
});

test('systems are known by the variables that they set', () => {
  assert.equal(ciSystemOf({ GITHUB_ACTIONS: 'true' }), 'github');
  assert.equal(ciSystemOf({ GITLAB_CI: 'true' }), 'gitlab');
  assert.equal(ciSystemOf({ GITHUB_ACTIONS: 'false', CI: 'true' }), null);
});

test('GitHub gets groups around stages, which end also where an error comes, and annotations', () => {
  const sink = fakeSink();
  const ci = new CiReporter({ system: 'github', fileOf: (file) => file, now: () => 0 }, sink);
  ci.before(begin);
  ci.after(end);
  ci.before(begin);
  ci.threw(new LinkloomError('E_CONFIG', 'faults', { diagnostics: [diagnosticOf('unknown-key', 'wrong', { where })] }));
  assert.equal(
    sink.text(),
    '::group::linkloom: loading\n::endgroup::\n::group::linkloom: loading\n::endgroup::\n' +
      '::error file=a%2Cb.yaml,line=3,endLine=3,col=5,endColumn=8,title=linkloom%3A unknown-key::wrong\n',
  );
});

test('GitLab gets sections, each with a name of its own', () => {
  const sink = fakeSink();
  const ci = new CiReporter({ system: 'gitlab', fileOf: () => null, now: () => 5_900 }, sink);
  for (const event of [begin, end, begin]) {
    ci.before(event);
    ci.after(event);
  }
  ci.close();
  const text = sink.text().replaceAll('\x1b', 'ESC').replaceAll('\r', 'CR');
  const names = [...text.matchAll(/ESC\[0Ksection_(start|end):5:(\w+)(?:\[collapsed=true\])?CRESC\[0K/g)];
  assert.deepEqual(
    names.map(([, what, name]) => `${what} ${name}`),
    ['start linkloom_load_1', 'end linkloom_load_1', 'start linkloom_load_2', 'end linkloom_load_2'],
  );
});

test('in CI what depends on how long things take is left out, unless --no-ci says otherwise', () => {
  const events: readonly Event[] = [
    ...([begin, end] as const),
    { type: 'progress', what: 'links', done: 1, total: 2, failed: 0 },
    { type: 'dismantling', bridges: 3, elapsedMs: 4_000 },
    { type: 'stage', stage: 'remove', state: 'begin', elapsedMs: 0 },
    { type: 'stage', stage: 'remove', state: 'end', elapsedMs: 9_000 },
  ];
  const textWith = (isForCi: boolean): string => {
    const sink = fakeSink();
    let nowMs = 0;
    const now = (): number => (nowMs += 5_000);
    const reporter = createReporter({ mode: 'auto', verbose: false, isForCi, env: { CI: 'true' }, now }, sink);
    for (const event of events) reporter.emit(event);
    reporter.close();
    return sink.text();
  };
  assert.equal(textWith(true), 'Configuration loaded (12 ms)\n');
  assert.match(textWith(false), /1\/2 links[\s\S]*taking apart[\s\S]*Lab removed/);
});

test('the step summary is a table, in which names are nothing but text', () => {
  const summary = new StepSummary();
  assert.equal(summary.text, null);
  summary.note(begin);
  summary.note(end);
  const fault = { link: 'a|b:eth0', state: 'miswired', message: '<b>\n`x`', hint: null };
  summary.note({ type: 'proved', lab: 'x', ok: 1, notProved: 0, faults: [fault] });
  summary.note({ type: 'ran', lab: 'x', argv: ['pytest'], status: 3 });
  const lines = (summary.text ?? '').split('\n');
  assert.ok(lines.includes('| Lab | x |'));
  assert.ok(lines.includes('| Wires | 1 proved, 1 at fault, 0 not proved |'));
  assert.ok(lines.includes('| Program | pytest: status 3 |'));
  assert.ok(lines.includes('| Slowest stage | loading, 12 ms |'));
  assert.ok(lines.includes('| a&#124;b:eth0 | miswired: &lt;b><br>&#96;x&#96; |'));
});
