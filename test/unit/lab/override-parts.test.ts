/** Work on many links is done in parts, and told of as one. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Event } from '../../../src/events.ts';
import { AlikeLists } from '../../../src/lab/override/report.ts';
import { partsOf } from '../../../src/lab/override/reset-links.ts';
import { ToldInParts } from '../../../src/lab/override/told-in-parts.ts';
import type { Link } from '../../../src/topology/topology.ts';

describe('parts of a reset', () => {
  const node = (name: string, kind: 'netns' | 'container' | 'host' = 'netns') => ({ kind, name, id: `id-${name}` });
  const linkOf = (of: ReturnType<typeof node>, dev: string, isLate = false): Link =>
    ({ id: `${of.name}:${dev}`, node: of, dev, spec: isLate ? { isLate } : {} }) as unknown as Link;
  const [a, b, c] = [node('a'), node('b', 'container'), node('c')];
  const links = [a, b, c].flatMap((one) => [linkOf(one, 'eth0'), linkOf(one, 'eth1')]);
  const all = new Set(links.map(({ id }) => id));

  it('has the links of a node together, and no part of more than the most unless one node has', () => {
    const parts = partsOf({ links }, all, true, 4);
    assert.deepEqual(parts, [
      {
        ids: new Set(['a:eth0', 'a:eth1', 'b:eth0', 'b:eth1']),
        nodes: { containers: new Set(['id-b']), netns: new Set(['a']) },
      },
      { ids: new Set(['c:eth0', 'c:eth1']), nodes: { containers: new Set(), netns: new Set(['c']) } },
    ]);
    assert.deepEqual(
      partsOf({ links }, all, true, 1).map(({ ids }) => ids.size),
      [2, 2, 2],
    );
  });

  it('is one of the whole lab if that is small, or if a part would not tell what is wanted', () => {
    const whole = [{ ids: all, nodes: 'all' }];
    assert.deepEqual(partsOf({ links }, all, true, 6), whole);
    assert.deepEqual(partsOf({ links }, all, false, 2), whole);
    assert.deepEqual(partsOf({ links: [...links, linkOf(a, 'eth2', true)] }, all, true, 2), whole);
    const host = linkOf(node('host', 'host'), 'eth0');
    const ids = new Set([...all, host.id]);
    assert.deepEqual(partsOf({ links: [...links, host] }, ids, true, 2), [{ ids, nodes: 'all' }]);
  });

  it('is none where nothing was set by hand', () => {
    assert.deepEqual(partsOf({ links }, new Set(), true, 2), []);
  });
});

describe('what is told of parts', () => {
  it('is one progress, and each stage once with the time of all', () => {
    const events: Event[] = [];
    const told = new ToldInParts((event) => events.push(event), 7);
    for (const failed of [1, 0]) {
      const emit = told.part();
      emit({ type: 'stage', stage: 'observe', state: 'begin', elapsedMs: 0 });
      emit({ type: 'stage', stage: 'observe', state: 'end', elapsedMs: 20 });
      emit({ type: 'progress', what: 'operations', done: 2, total: 4, failed });
      emit({ type: 'progress', what: 'operations', done: 4, total: 4, failed });
      emit({ type: 'detail', message: 'a remark' });
    }
    told.end();
    const remark = { type: 'detail', message: 'a remark' };
    const progress = (done: number, total: number) => ({
      type: 'progress',
      what: 'operations',
      done,
      total,
      failed: 1,
    });
    assert.deepEqual(events, [
      ...[progress(2, 7), progress(4, 7), remark],
      ...[progress(6, 7), progress(8, 8), remark],
      { type: 'stage', stage: 'observe', state: 'begin', elapsedMs: 0 },
      { type: 'stage', stage: 'observe', state: 'end', elapsedMs: 40 },
    ]);
  });
});

describe('lists that say the same', () => {
  it('are one list', () => {
    const alike = new AlikeLists();
    const report = (link: string, change: string) =>
      alike.of({ link, end: 'node', changes: [change], overrides: [], hasFailed: false });
    const [one, two, other] = [report('a', 'mtu'), report('b', 'mtu'), report('c', 'state')];
    assert.deepEqual(two, { link: 'b', end: 'node', changes: ['mtu'], overrides: [], hasFailed: false });
    assert.equal(one.changes, two.changes);
    assert.deepEqual(other.changes, ['state']);
  });
});
