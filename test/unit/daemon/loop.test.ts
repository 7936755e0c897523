/** The daemon's loop against an engine and a kernel in memory: order, races, retries, what it says. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import type { Pending } from '../../../src/events.ts';
import { linkSubject } from '../../../src/subject.ts';
import { CONNECTED, gate, Lab, until } from '../../support/daemon/fake-lab.ts';

describe('the daemon', { timeout: 120_000 }, () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
  });
  afterEach(async () => {
    await lab[Symbol.asyncDispose]();
    assert.deepEqual(lab.kernel.wrongs, []);
  });

  it('makes the links of what runs already in one pass, for all', async () => {
    for (const name of ['a', 'b', 'c']) lab.engine.start(name);
    lab.begin();
    await until('connected', () => lab.said(CONNECTED) === 1);
    assert.ok(lab.exact);
    assert.equal(lab.kernel.requests.length, 1);
    assert.equal(lab.kernel.requests[0]?.scope, 'all');
  });

  it('says once what it waits for, and is not connected while a link waits', async () => {
    const pending: readonly Pending[] = [
      { subject: { kind: 'node', name: 'web' }, links: ['web:eth0'], why: 'no container of service web runs' },
      { subject: linkSubject('a:eth0'), links: ['a:eth0'], why: 'waits for its other end web:eth0' },
    ];
    lab.kernel.pending = pending;
    lab.engine.start('a');
    lab.begin();
    await until('said', () => lab.said('waiting for web, a:eth0 (it waits for its other end web:eth0)') === 1);
    lab.engine.start('b');
    await until('looked again', () => lab.kernel.requests.length > 1 && lab.exact);
    assert.equal(lab.said(CONNECTED), 0);
    // A node that does not run is no fault of those that do.
    lab.kernel.pending = pending.slice(0, 1);
    lab.engine.start('c');
    await until('connected', () => lab.said(CONNECTED) === 1);
    assert.equal(lab.said('waiting for web, a:eth0 (it waits for its other end web:eth0)'), 1);
    assert.equal(lab.said('waiting for web'), 0);
    lab.kernel.pending = pending;
    lab.engine.start('d');
    await until('said anew', () => lab.said('waiting for a:eth0 (it waits for its other end web:eth0)') === 1);
  });

  it('adopts and looks over what is asked for while it adopts or looks over, without waiting for other work', async () => {
    const adopted: string[] = [];
    const renewal = (name: string) => ({
      ...{
        adopt: () => void adopted.push(name),
        engines: [lab.engine],
        dropped: () => void adopted.push(`${name} dropped`),
      },
    });
    /** Has the engine hold its answers, asks, asks again when the engine was asked, and lets it answer. */
    const during = async (first: () => void, then: () => void): Promise<void> => {
      const { held, open } = gate();
      lab.engine.held = held;
      const { asked } = lab.engine;
      first();
      await until('the engine is asked', () => lab.engine.asked > asked);
      lab.engine.held = Promise.resolve();
      then();
      open();
    };
    const passes = async (count: number): Promise<void> => {
      await until(`${count} passes`, () => lab.kernel.requests.length === count);
    };
    const look = { rerunCommands: false, prune: false, reset: false };
    let looked = 0;
    const lookOver = (): void => void lab.controls.lookOver(look).then(() => looked++);
    const renew = (name: string) => (): void => lab.controls.renew(renewal(name));
    lab.engine.start('a');
    lab.begin();
    await passes(1);
    await during(renew('one'), renew('two'));
    await passes(3);
    assert.deepEqual(adopted, ['one', 'two']);
    await during(lookOver, renew('three'));
    await passes(5);
    assert.deepEqual([adopted.length, looked], [3, 1]);
    await during(lookOver, lookOver);
    await passes(7);
    await until('both are answered', () => looked === 3);
    await during(renew('four'), () => void lab.end().catch(() => {}));
    await lab.ended;
    renew('five')();
    assert.deepEqual(adopted.slice(3), ['four', 'five dropped']);
  });

  it('ends at once while an engine does not answer: at the first look, and later', async () => {
    lab.engine.hangs = true;
    lab.begin();
    await until('asked', () => lab.engine.asked > 0);
    await lab.end();
    lab = new Lab();
    lab.engine.start('a');
    lab.begin();
    await until('connected', () => lab.said(CONNECTED) === 1);
    lab.engine.hangs = true;
    const { asked } = lab.engine;
    lab.engine.goDown();
    lab.engine.comeUp();
    await until('asked again', () => lab.engine.asked > asked);
    await lab.end();
    assert.equal(lab.kernel.removed, true);
  });

  it('runs the commands that a paused container refused once it is unpaused, and only those', async () => {
    const asked: string[] = [];
    let isPaused = true;
    lab.kernel.commands = ['one', 'two'].map((command) => ({
      selector: { kind: 'container', name: 'a' },
      command: [command],
      where: () => undefined,
    })) as never;
    lab.engine.onExec = async (_id, [word = '']) => {
      asked.push(word);
      if (isPaused && word === 'two') throw new Error('container a is paused');
      return 0;
    };
    lab.engine.start('a');
    lab.begin();
    await until('asked', () => asked.length === 2);
    lab.engine.pause('a', true);
    await until('refused', () => lab.events.some((event) => event.type === 'diagnostic'));
    lab.engine.pause('a', true);
    lab.engine.start('b');
    await until('connected', () => lab.exact);
    assert.deepEqual(asked.slice(0, 2), ['one', 'two']);
    isPaused = false;
    const refused = asked.filter((word) => word === 'two').length;
    lab.engine.pause('a', false);
    await until('run', () => asked.filter((word) => word === 'two').length > refused);
    assert.equal(asked.filter((word) => word === 'one').length, 2, 'once in a and once in b');
  });

  it('handles containers that start together in one pass, for them alone', async () => {
    lab.engine.start('a');
    lab.begin({ debounceMs: 30 });
    await until('connected', () => lab.said(CONNECTED) === 1);
    const b = lab.engine.start('b');
    const c = lab.engine.start('c');
    await until('both linked', () => lab.exact && lab.said(CONNECTED) === 2);
    assert.deepEqual(
      lab.kernel.requests.slice(1).map((request) => request.scope),
      [new Set([b.id, c.id])],
    );
  });

  it('hands an ended container over before it is started again, however quick that was', async () => {
    const old = lab.engine.start('a');
    lab.begin();
    await until('connected', () => lab.exact);
    lab.engine.stop('a');
    lab.engine.start('a');
    await until('linked again', () => lab.exact && lab.said(CONNECTED) === 2);
    assert.deepEqual(
      lab.kernel.requests.flatMap((request) => request.gone),
      [old],
    );
  });

  it('ends linked where start overtakes die', async () => {
    lab.engine.start('a');
    lab.begin();
    await until('connected', () => lab.exact);
    lab.engine.stop('a', false);
    const { id } = lab.engine.start('a');
    await until('linked again', () => lab.exact);
    const passes = lab.kernel.requests.length;
    lab.engine.tell({ action: 'die', id, name: 'a' });
    // What is told after it has a pass of its own, and there is none before that one.
    const b = lab.engine.start('b');
    await until('the next one linked', () => lab.exact);
    assert.deepEqual(
      lab.kernel.requests.slice(passes).map(({ scope, gone }) => ({ scope, gone })),
      [{ scope: new Set([b.id]), gone: [] }],
      'a die that was dealt with causes no pass',
    );
  });

  it('looks again where a container ends while the engine is asked about it', async () => {
    lab.engine.start('a');
    lab.begin();
    await until('connected', () => lab.exact);
    const { held, open } = gate();
    lab.engine.held = held;
    const { asked } = lab.engine;
    const { id } = lab.engine.start('b');
    await until('asked', () => lab.engine.asked > asked);
    lab.engine.stop('b');
    const c = lab.engine.start('c');
    open();
    await until('the next one linked', () => lab.kernel.ports.has(c.id) && lab.exact);
    assert.equal(lab.kernel.ports.has(id), false);
  });

  it('is connected only when nothing is left to do', async () => {
    const { held, open } = gate();
    lab.kernel.held = held;
    lab.engine.start('a');
    lab.begin();
    await until('under way', () => lab.kernel.requests.length === 1);
    const { answered } = lab.engine;
    lab.engine.start('b');
    await until('heard of', () => lab.engine.answered > answered);
    open();
    await until('connected', () => lab.said(CONNECTED) > 0);
    assert.ok(lab.exact, 'b too');
    assert.equal(lab.said(CONNECTED), 1);
  });

  it('leaves containers alone that the lab does not want', async () => {
    lab.kernel.wanted = ({ name }) => name !== 'stranger';
    lab.engine.start('a');
    lab.begin();
    await until('connected', () => lab.exact);
    lab.engine.start('stranger');
    await until('ignored', () =>
      lab.events.some((event) => event.type === 'detail' && event.message.endsWith('for stranger, ignoring')),
    );
    const b = lab.engine.start('b');
    await until('the next one linked', () => lab.kernel.ports.has(b.id));
    assert.deepEqual(
      lab.kernel.requests.map(({ scope }) => scope),
      ['all', new Set([b.id])],
    );
  });

  it('makes up for what happened while the engine was away', async () => {
    lab.engine.start('a');
    lab.engine.start('b');
    lab.begin();
    await until('connected', () => lab.exact);
    lab.engine.goDown();
    lab.engine.stop('a', false);
    lab.engine.stop('b', false);
    lab.engine.start('b', false);
    lab.engine.start('c', false);
    const { refused } = lab.engine;
    await until('asked in vain', () => lab.engine.refused >= refused + 3);
    const warnings = lab.events.filter((event) => event.type === 'diagnostic');
    assert.equal(warnings.length, 1, 'one warning per outage');
    lab.engine.comeUp();
    await until('exact again', () => lab.exact);
    assert.equal(lab.said('Listening on /fake/docker.sock'), 1);
  });

  it('finds lost events and drift by looking everything over now and then', async () => {
    const a = lab.engine.start('a');
    lab.begin({ resyncEveryMs: 30 });
    await until('connected', () => lab.exact);
    lab.engine.start('b', false);
    await until('found', () => lab.exact);
    lab.kernel.ports.delete(a.id);
    await until('repaired', () => lab.exact);
    await until('said', () => lab.said(CONNECTED) === 3);
  });

  it('finds what lost events told soon, also where looking over the whole lab takes long', async () => {
    lab.engine.start('a');
    lab.kernel.reconcileMs = 100;
    lab.begin({ resyncEveryMs: 30 });
    await until('connected', () => lab.exact);
    // A look that found all in order, after which the next one would come after 500 times its 100 ms.
    await until('looked over', () => lab.kernel.ended >= 2);
    lab.kernel.reconcileMs = 0;
    lab.engine.start('b', false);
    await until('found', () => lab.exact);
  });

  it('runs the commands once per start, when the links are up, and prints their lines', async () => {
    const ran: string[] = [];
    lab.kernel.commands = [
      { selector: { kind: 'container', name: 'a' }, command: 'echo hi', extra: {}, where: () => undefined },
      { selector: { kind: 'container', name: 'a' }, command: ['false'], extra: {}, where: () => undefined },
    ];
    lab.engine.onExec = async (_id, argv, { onOutput }) => {
      assert.ok(lab.exact, 'the links are up');
      ran.push(argv.join(' '));
      onOutput('stdout', Buffer.from('one\ntw'));
      onOutput('stderr', Buffer.from('bad\n'));
      onOutput('stdout', Buffer.from('o'));
      return argv[0] === 'false' ? 1 : 0;
    };
    lab.engine.start('a');
    lab.begin({ resyncEveryMs: 20 });
    await until('ran', () => ran.length === 2);
    const { ended } = lab.kernel;
    await until('looked over again and again', () => lab.kernel.ended >= ended + 3);
    assert.deepEqual(ran, ['sh -c echo hi', 'false']);
    const lines = lab.events.flatMap((event) =>
      event.type === 'commandOutput' ? [`${event.node}: ${event.text}`] : [],
    );
    assert.deepEqual(lines.sort(), ['a: bad', 'a: bad', 'a: one', 'a: one', 'a: two', 'a: two']);
    const warnings = lab.events.flatMap((event) => (event.type === 'diagnostic' ? [event.diagnostic.message] : []));
    assert.deepEqual(warnings, ['command in a ended with status 1: ["false"]']);
    lab.engine.stop('a');
    lab.engine.start('a');
    await until('ran again', () => ran.length === 4);
  });

  it('removes the lab at the end, or leaves it, and does not wait for commands', async () => {
    for (const atEnd of ['remove', 'leave'] as const) {
      await using one = new Lab();
      one.kernel.commands = [
        { selector: { kind: 'container', name: 'a' }, command: 'sleep 600', extra: {}, where: () => undefined },
      ];
      one.engine.onExec = (_id, _argv, { signal }) =>
        new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))));
      one.engine.start('a');
      one.begin({}, atEnd);
      await until('connected', () => one.said(CONNECTED) === 1);
      await one.end();
      assert.equal(one.kernel.removed, atEnd === 'remove');
      assert.equal(one.exact, atEnd === 'leave');
      assert.ok(!one.events.some((event) => event.type === 'diagnostic'));
    }
  });

  it('ends exact after any sequence of starts, stops, lost, doubled and late events', {
    timeout: 120_000,
  }, async () => {
    const step = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      what: fc.constantFrom('start', 'stop', 'restart', 'outage'),
      told: fc.constantFrom('once', 'twice', 'never', 'late'),
      pauseMs: fc.constantFrom(0, 0, 1, 4),
    });
    const speeds = fc.record({ inspectMs: fc.nat(4), reconcileMs: fc.nat(6) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), speeds, async (steps, { inspectMs, reconcileMs }) => {
        await using one = new Lab();
        one.engine.inspectMs = inspectMs;
        one.kernel.reconcileMs = reconcileMs;
        one.begin({ resyncEveryMs: 25 });
        for (const { name, what, told, pauseMs } of steps) {
          if (what === 'outage') one.engine.goDown();
          if (what === 'stop' || what === 'restart') one.engine.stop(name, told === 'once' || told === 'twice');
          if (what === 'start' || what === 'restart') one.engine.start(name, told === 'once' || told === 'twice');
          await delay(pauseMs);
          const event = { action: what === 'stop' ? 'die' : 'start', id: name.padEnd(64, '0'), name } as const;
          if (told === 'twice' || told === 'late') one.engine.tell(event);
          if (what === 'outage') one.engine.comeUp();
        }
        await until('exact', () => one.exact);
        assert.deepEqual(one.kernel.wrongs, []);
      }),
      { numRuns: 60 },
    );
  });
});
