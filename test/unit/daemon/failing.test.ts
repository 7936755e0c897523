/** The daemon's loop where something fails: when it is tried again, and what is told. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { diagnosticOf, LinkloomError } from '../../../src/errors.ts';
import { subjectText } from '../../../src/subject.ts';
import { CONNECTED, gate, Lab, until } from '../../support/daemon/fake-lab.ts';

describe('the daemon, where something fails', { timeout: 120_000 }, () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
  });
  afterEach(async () => {
    await lab[Symbol.asyncDispose]();
    assert.deepEqual(lab.kernel.wrongs, []);
  });

  it('tries failed links again with growing pauses, says each failure once, and is connected at last', async () => {
    lab.kernel.failing.add('a');
    lab.engine.start('a');
    lab.engine.start('b');
    lab.begin();
    await until('three attempts', () => lab.kernel.requests.length >= 4);
    const failures = lab.events.filter((event) => event.type === 'failure');
    assert.deepEqual(
      failures.map((event) => subjectText(event.failure.subject)),
      ['a:eth0'],
    );
    assert.equal(lab.said(CONNECTED), 0);
    lab.kernel.failing.delete('a');
    await until('repaired', () => lab.said(CONNECTED) === 1);
    assert.ok(lab.exact);
    const [passes, attempts] = [lab.kernel.requests.length, lab.kernel.attempts];
    // The pauses of another link that fails add up to more than the longest one that the mended link could still have had.
    lab.kernel.failing.add('c');
    const { id } = lab.engine.start('c');
    await until('the other one is tried for long', () => lab.kernel.attempts >= attempts + 4);
    const scopes = lab.kernel.requests.slice(passes).flatMap(({ scope }) => (scope === 'all' ? [] : [...scope]));
    assert.deepEqual(new Set(scopes), new Set([id]), 'nothing is tried again once all is well');
  });

  it('keeps the pauses of a failed link, whatever it hears of its own tries and of others', async () => {
    lab.engine.start('a');
    lab.kernel.failing.add('a');
    lab.begin({ retryMinMs: 60, retryMaxMs: 10_000, resyncEveryMs: 10 });
    await until('tried', () => lab.kernel.attempts === 1);
    const firstMs = performance.now();
    for (let n = 0; n < 10; n++) {
      lab.engine.start(`b${n % 2}`);
      await delay(20);
      lab.engine.stop(`b${n % 2}`);
    }
    // 0, 60, 180, 420… ms after the first, which was begun before it was seen.
    const lastedMs = performance.now() - firstMs;
    const most = 2 + Math.floor(Math.log2(lastedMs / 60 + 1));
    assert.ok(lab.kernel.attempts <= most, `${lab.kernel.attempts} tries in ${lastedMs} ms`);
    assert.ok(lab.kernel.requests.length > 8, 'others were looked after meanwhile');
    assert.equal(lab.events.filter((event) => event.type === 'failure').length, 1);
    lab.kernel.failing.clear();
    lab.engine.stop('a');
    lab.engine.start('a');
    await until('a new start begins anew', () => lab.exact);
  });

  it('does not ask an engine without end that answers and hangs up', async () => {
    lab.begin({ reconnectMinMs: 5, reconnectMaxMs: 10_000 });
    await delay(20);
    const beganMs = performance.now();
    for (let n = 0; n < 60; n++) {
      lab.engine.goDown();
      lab.engine.comeUp();
      await delay(5);
    }
    const told = lab.said('Listening on /fake/docker.sock');
    // 0, 5, 15, 35… ms after the first.
    const lastedMs = performance.now() - beganMs;
    const most = 2 + Math.floor(Math.log2(lastedMs / 5 + 1));
    assert.ok(told >= 1 && told <= most, `${told} connections in ${lastedMs} ms`);
  });

  it('tells each fault of a configuration for which no pass can be made', async () => {
    lab.engine.start('a');
    lab.begin();
    await until('connected', () => lab.exact);
    const where = { file: 'lab.yaml', line: 3, column: 5, endLine: 3, endColumn: 9 };
    const diagnostics = [diagnosticOf('device-clash', 'two things of one name', { where })];
    lab.kernel.throws.push(new LinkloomError('E_CLASH', '1 fault', { diagnostics }));
    lab.engine.start('b');
    await until('repaired', () => lab.exact);
    const told = lab.events.flatMap((event) => (event.type === 'failure' ? [event.failure.message] : []));
    assert.deepEqual(told, ['lab.yaml:3:5: two things of one name', '1 fault']);
  });

  it('does not report what failed because its container has ended', async () => {
    lab.engine.start('b');
    lab.begin();
    await until('connected', () => lab.exact);
    lab.kernel.failing.add('a');
    const { held, open } = gate();
    lab.kernel.held = held;
    lab.engine.start('a');
    await until('under way', () => lab.kernel.requests.length === 2);
    lab.engine.stop('a', false);
    open();
    // A pass for another container is made after the results of the one under way are told.
    lab.engine.start('c');
    await until('the next pass is over', () => lab.exact && lab.kernel.requests.length > 2);
    assert.deepEqual(
      lab.events.filter((event) => event.type === 'failure'),
      [],
    );
  });

  it('keeps ended containers for the next pass where one could not be made', async () => {
    const a = lab.engine.start('a');
    lab.engine.start('b');
    lab.begin();
    await until('connected', () => lab.exact);
    lab.kernel.throws.push(new LinkloomError('E_KERNEL', 'no memory'));
    lab.engine.stop('a');
    await until('port removed', () => lab.exact);
    const handed = lab.kernel.requests.filter((request) => request.gone.some((gone) => gone.pid === a.pid));
    assert.equal(handed.length, 2);
    assert.ok(lab.events.some((event) => event.type === 'failure' && event.failure.message === 'no memory'));
    await until('connected again', () => lab.said(CONNECTED) === 2);
  });

  it('ends with the error where not even the first pass can be made, and removes nothing', async () => {
    lab.engine.start('a');
    lab.kernel.throws.push(new LinkloomError('E_FOREIGN_DEVICE', "bridge 's1' is there and not ours"));
    lab.begin();
    await assert.rejects(lab.ended, { code: 'E_FOREIGN_DEVICE' });
    assert.equal(lab.kernel.removed, false);
  });
});
