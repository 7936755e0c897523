import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describe as describeFailure } from '../../../src/engine/failure.ts';
import { linkSubject } from '../../../src/subject.ts';
import { inWords, spokenPlaces } from '../../../src/topology/places.ts';
import type { Node } from '../../../src/topology/topology.ts';
import type { OpFailure } from '../../../src/wire/failure.ts';

const WEB: Node = { kind: 'container', name: 'web_1', ns: 'pid/4046', id: 'c1', service: 'web', index: 1 };
const PLAIN: OpFailure = {
  ...{ op: 0, call: 'RTM_NEWADDR', subject: '10.0.0.1/24', errno: 22, errnoName: 'EINVAL' },
  ...{ extAck: null, code: null, leftBehind: null },
};
const place = spokenPlaces([WEB]);

describe('the names of namespaces in sentences', () => {
  it('names containers, namespaces, the host’s and our own', () => {
    assert.deepEqual(
      (['pid/4046', 'pid/7', 'pid/1', 'netns/n1', 'self'] as const).map((ns) => place(ns)),
      ['container web_1', 'process 7', "the host's namespace", 'namespace n1', 'linkloom’s own namespace'],
    );
  });

  it('names them in what a worker says, and touches nothing else', () => {
    const said = [
      'eth0 in pid/4046',
      'netns/n1',
      '/proc/4046/ns/net',
      'e0 in self',
      'self',
      '/run/netns/n1',
      'pid/4046 x',
    ];
    assert.deepEqual(
      said.map((text) => inWords(text, place)),
      [
        ...['eth0 in container web_1', 'namespace n1', 'container web_1', 'e0 in linkloom’s own namespace'],
        ...['self', '/run/netns/n1', 'pid/4046 x'],
      ],
    );
  });

  it('are in failures', () => {
    const message = (failure: Partial<OpFailure>): string =>
      describeFailure({ ...PLAIN, ...failure }, linkSubject('web_1:eth0'), 'pid/4046', place).message;
    assert.equal(message({}), '10.0.0.1/24: RTM_NEWADDR in container web_1: EINVAL');
    assert.equal(
      message({ call: 'open', subject: '/proc/4046/ns/net', errnoName: 'ENOENT' }),
      'open in container web_1: ENOENT',
    );
    assert.equal(message({ leftBehind: 'e0 in netns/n1' }).split('; ')[1], 'left behind: e0 in namespace n1');
    assert.equal(
      message({ code: 'E_NODE_CHANGED', call: 'stat', subject: 'pid/4046', errnoName: null }),
      'container web_1 is another one now than when linkloom looked at it',
    );
  });
});
