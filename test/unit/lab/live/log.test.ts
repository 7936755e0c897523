/** The ring of the last events of a lab, and its readers. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Event, LinkEvent, LinkStep } from '../../../../src/events.ts';
import { EventLog } from '../../../../src/lab/live/log.ts';
import type { LabEvent } from '../../../../src/lab-events.ts';
import { linkSubject } from '../../../../src/subject.ts';

const notice = (message: string) => ({ type: 'notice', message }) as const;

function step(type: LinkStep, cause: string | null = null, revision = 1): LinkEvent {
  return { type, subject: linkSubject('n1:eth0'), cause, revision, atMs: 0 };
}

/** The next `count` events of a reader that begins after `after`. */
async function read(log: EventLog, count: number, after?: number): Promise<readonly LabEvent[]> {
  const stop = new AbortController();
  const events: LabEvent[] = [];
  for await (const event of log.follow({ ...(after !== undefined && { after }), signal: stop.signal })) {
    events.push(event);
    if (events.length === count) break;
  }
  return events;
}

function texts(events: readonly LabEvent[]): readonly string[] {
  return events.map(({ event }) => (event.type === 'notice' ? event.message : event.type));
}

describe('the log of events', () => {
  test('gives each event an id that is one more, and a reader what comes', async () => {
    const log = new EventLog({ nowMs: 5 });
    log.add('kernel', notice('before'));
    const reading = read(log, 2);
    log.add('kernel', notice('a'));
    log.add('engine', notice('b'));
    const events = await reading;
    assert.deepEqual(texts(events), ['a', 'b']);
    assert.deepEqual(
      events.map(({ id, source }) => [id, source]),
      [
        [5001, 'kernel'],
        [5002, 'engine'],
      ],
    );
    assert.equal(log.lastId, 5002);
  });

  test('a reader that comes back gets what it has missed, and what comes then', async () => {
    const log = new EventLog();
    for (const word of ['a', 'b', 'c']) log.add('kernel', notice(word));
    const reading = read(log, 3, log.lastId - 2);
    log.add('kernel', notice('d'));
    assert.deepEqual(texts(await reading), ['b', 'c', 'd']);
    assert.deepEqual(texts(await read(log, 4, 0)), ['a', 'b', 'c', 'd']);
  });

  test('a reader that is too late is told that events are lost, and goes on with the oldest kept', async () => {
    const log = new EventLog({ size: 3, nowMs: 1 });
    for (let at = 0; at < 5; at++) log.add('kernel', notice(String(at)));
    const events = await read(log, 4, 1000);
    assert.deepEqual(texts(events), ['lost', '2', '3', '4']);
    assert.deepEqual(
      events.map(({ id }) => id),
      [1001, 1002, 1003, 1004],
    );
    assert.deepEqual(texts(await read(log, 2, 0)), ['lost', '2']);
  });

  test('an id of an earlier daemon, and one that never was, are lost, too', async () => {
    const log = new EventLog({ nowMs: 1000 });
    log.add('kernel', notice('a'));
    for (const after of [7, log.lastId + 5]) assert.deepEqual(texts(await read(log, 2, after)), ['lost', 'a']);
  });

  test('a reader that is overtaken while it reads is told so', async () => {
    const log = new EventLog({ size: 2 });
    const stop = new AbortController();
    const reader = log.follow({ signal: stop.signal });
    const first = reader.next();
    log.add('kernel', notice('a'));
    await first;
    for (const word of ['b', 'c', 'd']) log.add('kernel', notice(word));
    const next = [await reader.next(), await reader.next(), await reader.next()];
    assert.deepEqual(texts(next.flatMap(({ value }) => value ?? [])), ['lost', 'c', 'd']);
  });

  test('ends a reader that waits when its signal aborts', async () => {
    const stop = new AbortController();
    const reading = new EventLog().follow({ signal: stop.signal }).next();
    stop.abort();
    assert.equal((await reading).done, true);
  });

  test('adds the events of a run, and passes them on as before', async () => {
    const log = new EventLog();
    const emitted: string[] = [];
    const told: string[] = [];
    const links = { hears: new Set<LinkStep>(['made']), tell: ({ type }: LinkEvent) => void told.push(type) };
    const io = log.hearing({ emit: ({ type }: Event) => void emitted.push(type), links });
    io.emit({ type: 'stage', stage: 'load', state: 'begin', elapsedMs: 0 });
    io.emit({ type: 'connected' });
    io.emit({ type: 'container', change: 'started', name: 'c', containerId: 'id' });
    io.links.tell(step('begun'));
    io.links.tell(step('made'));
    const events = await read(log, 4, 0);
    assert.deepEqual(
      events.map(({ source, event }) => `${source} ${event.type}`),
      ['linkloom connected', 'engine container', 'linkloom begun', 'linkloom made'],
    );
    assert.deepEqual(emitted, ['stage', 'connected', 'container']);
    assert.deepEqual(told, ['made']);
  });

  test('tells what passes say again and again when it changes', async () => {
    const log = new EventLog();
    const { links } = log.hearing({ emit: () => {} });
    const said: readonly LinkEvent[] = [
      ...[step('wanted'), step('waits', 'x'), step('wanted'), step('waits', 'x'), step('waits', 'y')],
      ...[step('made'), step('waits', 'y'), step('wanted', null, 2)],
    ];
    for (const event of said) links.tell(event);
    assert.deepEqual(texts(await read(log, 6, 0)), ['wanted', 'waits', 'waits', 'made', 'waits', 'wanted']);
  });
});
