/** What differs from a configuration, told once, and which events somebody wants. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Differences } from '../../../../src/lab/live/differences.ts';
import { eventFilter } from '../../../../src/lab/live/filter.ts';
import type { Happening } from '../../../../src/lab-events.ts';
import { OWN_NS } from '../../../../src/net/ns-id.ts';
import type { LinkStatus, StatusReport } from '../../../../src/plan/status/status.ts';
import { linkSubject, subjectText } from '../../../../src/subject.ts';

const THERE = {} as NonNullable<LinkStatus['observed']>;

function link(name: string, drift: string | null, more: Partial<LinkStatus> = {}): LinkStatus {
  return {
    ...{ link: name, ns: OWN_NS, dev: 'eth0', bridge: null, desired: 'up', observed: THERE, addresses: [], port: null },
    ...{ waits: false, overrides: [], drift: drift === null ? [] : [drift] },
    ...more,
  };
}

function report(links: readonly LinkStatus[], pending: StatusReport['pending'] = []): StatusReport {
  const rest = { nodes: [], bridges: [], tunnels: [], commands: [], programs: [] };
  return { lab: 'l', configured: true, links, pending, ...rest };
}

function steps(differences: Differences, next: StatusReport): readonly string[] {
  return differences
    .look(next)
    .map(({ type, subject, cause }) => `${subjectText(subject)} ${type}${cause === null ? '' : `: ${cause}`}`);
}

const MISSING = { observed: null } as const;

describe('differences', () => {
  test('the first look tells what is wanted, and what is not so', () => {
    const pending = [{ subject: { kind: 'node', name: 'c' }, links: ['c:eth0'], why: 'c does not run' }] as const;
    const seen = [link('a:eth0', null), link('b:eth0', 'mtu 1 → 2'), link('d:eth0', 'missing', MISSING)];
    assert.deepEqual(steps(new Differences(), report(seen, pending)), [
      ...['a:eth0 wanted', 'b:eth0 wanted', 'b:eth0 drifted: mtu 1 → 2'],
      ...['d:eth0 wanted', 'd:eth0 drifted: missing', 'c:eth0 wanted', 'c:eth0 waits: c does not run'],
    ]);
  });

  test('a link that was in order differs at once, and is told again when it does no more', () => {
    const differences = new Differences();
    steps(differences, report([link('a:eth0', null)]));
    assert.deepEqual(steps(differences, report([link('a:eth0', 'mtu 1 → 2')])), ['a:eth0 drifted: mtu 1 → 2']);
    assert.deepEqual(steps(differences, report([link('a:eth0', 'mtu 1 → 2')])), []);
    assert.deepEqual(steps(differences, report([link('a:eth0', 'mtu 3 → 2')])), ['a:eth0 drifted: mtu 3 → 2']);
    assert.deepEqual(steps(differences, report([link('a:eth0', null)])), ['a:eth0 mended: mtu 3 → 2']);
  });

  test('a link that is being made is not said to differ, unless it still does at the next look', () => {
    const differences = new Differences();
    steps(differences, report([link('a:eth0', 'missing', MISSING)]));
    assert.deepEqual(steps(differences, report([link('a:eth0', 'address missing')])), []);
    assert.equal(differences.isUnsure, true);
    assert.deepEqual(steps(differences, report([link('a:eth0', null)])), []);
    assert.equal(differences.isUnsure, false);
    const other = new Differences();
    steps(other, report([link('a:eth0', 'missing', MISSING)]));
    steps(other, report([link('a:eth0', 'address missing')]));
    assert.deepEqual(steps(other, report([link('a:eth0', 'address missing')])), ['a:eth0 drifted: address missing']);
  });
});

describe('filters of events', () => {
  const event = (type: 'made' | 'wanted', name: string): Happening => ({
    ...{ type, subject: linkSubject(name), cause: null, revision: null, atMs: 0 },
  });
  const lost: Happening = { type: 'lost', why: 'x' };
  const shown = (filter: Partial<Parameters<typeof eventFilter>[0]>, events: readonly Happening[]): number =>
    events.filter(eventFilter({ nodes: [], links: [], kinds: [], ...filter })).length;

  test('by node, link, type and group of types; that events are lost is always told', () => {
    const container = { type: 'container', change: 'ended', name: 'web', containerId: 'x' } as const;
    const bridge = { ...event('made', 'x:y'), subject: { kind: 'bridge', name: 'lan' } } as Happening;
    const all = [event('made', 'r1:eth0'), event('wanted', 'r10:eth1'), container, bridge, lost];
    assert.equal(shown({}, all), 5);
    assert.equal(shown({ nodes: ['r1'] }, all), 2);
    assert.equal(shown({ nodes: ['r1*', 'web'] }, all), 4);
    assert.equal(shown({ links: ['*:eth1'] }, all), 2);
    assert.equal(shown({ links: ['bridge *'] }, all), 2);
    assert.equal(shown({ kinds: ['made'] }, all), 3);
    assert.equal(shown({ kinds: ['link'], nodes: ['r*'] }, all), 3);
    assert.equal(shown({ kinds: ['device', 'container'] }, all), 2);
  });
});
