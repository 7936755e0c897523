/** Services whose profiles are off: nothing waits for them, and a container of theirs that runs is a node. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instantiate } from '../../../src/topology/instantiate.ts';
import { withoutInactive } from '../../../src/topology/nodes.ts';
import { link, runningContainer, service, topology } from './specs.ts';

const lab = topology([link(service('a')), link(service('b'))], { inactive: new Set(['b']) });

test('nothing waits for a service whose profiles are off, and one that runs has its links', () => {
  const b = runningContainer('p-b-1', 7, { service: 'b', project: 'p' });
  const networkWith = (containers: readonly (typeof b)[]) =>
    instantiate(lab, { containers, netns: 'all', host: 'self' }, null).network;
  const off = networkWith([]);
  assert.deepEqual([off.links.length, off.pending.map(({ selector }) => selector.name)], [0, ['a']]);
  const on = networkWith([b]);
  assert.deepEqual(
    [on.links.map(({ id }) => id), on.pending.map(({ selector }) => selector.name)],
    [['p-b-1:eth0'], ['a']],
  );
});

test('where nothing is known of what runs, it is left out', () => {
  assert.deepEqual(
    withoutInactive(lab).links.map(({ selector }) => selector.name),
    ['a'],
  );
});
