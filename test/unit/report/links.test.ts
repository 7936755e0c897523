import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LinkEvent, LinkFacts } from '../../../src/events.ts';
import { linkText } from '../../../src/report/links.ts';
import { linkSubject } from '../../../src/subject.ts';

const VETH: LinkFacts = {
  type: 'veth',
  addresses: ['10.0.0.1/24'],
  outerDev: 'a-eth0',
  bridge: 'lan',
  remote: null,
};
const DUMMY: LinkFacts = { type: 'dummy', addresses: [], outerDev: null, bridge: null, remote: null };

function event(type: LinkEvent['type'], more: Partial<LinkEvent> = {}): LinkEvent {
  return { type, subject: linkSubject('a:eth0'), cause: 'missing', revision: 1, atMs: 0, ...more };
}

test('people read of each link of a lab that is followed when it is made, goes, or was put back', () => {
  const tunnel = { type: 'vxlan', addresses: [], outerDev: null, bridge: 's1', remote: '192.0.2.2' };
  const events: readonly LinkEvent[] = [
    event('removed', { facts: VETH }),
    event('begun', { change: 'make', facts: VETH }),
    event('begun', { change: 'remake', facts: DUMMY }),
    event('begun', { change: 'make', subject: { kind: 'tunnel', dev: 'vxlan-5' }, facts: tunnel }),
    event('begun', { change: 'remove' }),
    event('mended', { cause: 'mtu 1 → 2' }),
    event('mended', { subject: { kind: 'bridge', name: 'lan' }, cause: 'missing' }),
  ];
  assert.deepEqual(events.map(linkText), [
    'Deleting veth link a:eth0 (IP 10.0.0.1/24) <-> a-eth0 (bridge lan)\n',
    'Creating veth link a:eth0 (IP 10.0.0.1/24) <-> a-eth0 (bridge lan)\n',
    'Creating dummy link a:eth0\n',
    'Creating vxlan link vxlan-5 (bridge s1, remote 192.0.2.2)\n',
    'Deleting link a:eth0\n',
    'drift: a:eth0 mtu 1 → 2, put back\n',
    'drift: bridge lan missing, put back\n',
  ]);
});

test('they read no line of the other steps, nor of links of a lab that is taken away', () => {
  for (const type of ['wanted', 'made', 'changed', 'failed', 'waits', 'drifted', 'removed'] as const)
    assert.equal(linkText(event(type)), '');
  assert.equal(linkText(event('begun', { change: 'change' })), '');
  assert.equal(linkText(event('begun', { change: 'remove', revision: null })), '');
});
