import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linkSubject, type Subject, servedSubject, subjectText } from '../../../src/subject.ts';

test('each kind of subject has a text of its own', () => {
  const subjects: readonly Subject[] = [
    { kind: 'link', node: 'web', dev: 'eth0' },
    { kind: 'bridge', name: 'lan' },
    { kind: 'tunnel', dev: 'vxlan-5' },
    { kind: 'node', name: 'db' },
    { kind: 'netns', name: 'r1' },
    { kind: 'namespace', name: 'container web' },
    { kind: 'device', place: null, dev: 'eth9' },
    { kind: 'device', place: 'netns/r1', dev: 'eth9' },
    { kind: 'openvswitch' },
    { kind: 'lab' },
  ];
  assert.deepEqual(subjects.map(subjectText), [
    'web:eth0',
    'bridge lan',
    'tunnel vxlan-5',
    'db',
    'netns r1',
    'container web',
    'eth9',
    'netns/r1:eth9',
    'Open vSwitch',
    'lab',
  ]);
});

test('what an operation serves is a link or a tunnel, whatever the node is called', () => {
  for (const text of ['web:eth0', 'netns/web:eth0', 'tunnel:eth0', 'bridge:x', 'tunnel vxlan-5', 'tunnel link'])
    assert.equal(subjectText(servedSubject(text)), text);
  assert.deepEqual(servedSubject('tunnel:eth0'), { kind: 'link', node: 'tunnel', dev: 'eth0' });
  assert.deepEqual(servedSubject('tunnel vxlan-5'), { kind: 'tunnel', dev: 'vxlan-5' });
  assert.deepEqual(linkSubject('container/web:eth0'), { kind: 'link', node: 'container/web', dev: 'eth0' });
});
