import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MADE } from '../../../src/wire/device-ref.ts';
import type { OvsBridge, OvsPort } from '../../../src/wire/ops/switch.ts';
import { type BridgeState, operationsOf } from '../../../workers/ovs/transaction.ts';

const NS = 'netns/linkloom-lab';
const BASE = { ns: NS, link: null, cause: '', directory: '/run/linkloom/lab/ovs' } as const;

function bridge(dev: string, datapath: 'system' | 'netdev' = 'system'): OvsBridge {
  const alias = `linkloom/1 lab %23bridge ${dev}`;
  return { ...BASE, op: 'ovs.bridge', dev, datapath, group: 1, alias, mcastSnooping: false };
}

function port(dev: string, into: string): OvsPort {
  const alias = 'linkloom/1 lab a eth0';
  return {
    ...BASE,
    op: 'ovs.port',
    dev,
    ifindex: MADE,
    bridge: into,
    alias,
    mtuBytes: null,
    release: false,
    raise: true,
  };
}

function state(name: string, ...ports: readonly string[]): BridgeState {
  return {
    name,
    uuid: `uuid-${name}`,
    datapath: 'system',
    mcastSnooping: false,
    owner: 'lab',
    error: null,
    ports: ports.map((dev) => ({ dev, uuid: `uuid-${dev}`, owner: 'lab', error: null })),
  };
}

/** Operations in a line each: what, which table, and the rows that are named. */
function lines(operations: ReturnType<typeof operationsOf>): string[] {
  return operations.map((operation) => {
    const { op, table, row, mutations, where } = operation as {
      op: string;
      table: string;
      row?: { name?: string };
      mutations?: readonly (readonly [string, string, readonly [string, readonly (readonly [string, string])[]]])[];
      where?: readonly (readonly [string, string, readonly [string, string]])[];
    };
    const changes = (mutations ?? []).map(
      ([column, how, [, rows]]) => `${how} ${column} ${rows.map(([, id]) => id).join(',')}`,
    );
    const of = where?.[0] ? [`of ${where[0][2][1]}`] : [];
    return [op, table, row?.name ?? '', ...of, ...changes].filter((word) => word !== '').join(' ');
  });
}

const nothing = { bridges: [], ports: [], deletions: [] };

describe('one transaction', () => {
  test('makes a bridge with its own port and its first ports at once', () => {
    const changes = { ...nothing, bridges: [bridge('s1', 'netdev')], ports: [port('p1', 's1')] };
    const operations = operationsOf([], changes, ['uuid', 'noop']);
    assert.deepEqual(lines(operations), [
      'insert Interface s1',
      'insert Port s1',
      'insert Interface p1',
      'insert Port p1',
      'insert Bridge s1',
      'mutate Open_vSwitch insert bridges row4',
    ]);
    assert.deepEqual(operations[3], {
      op: 'insert',
      table: 'Port',
      row: {
        name: 'p1',
        interfaces: ['named-uuid', 'row2'],
        external_ids: [
          'map',
          [
            ['linkloom-lab', 'lab'],
            ['linkloom-node', 'a'],
            ['linkloom-dev', 'eth0'],
          ],
        ],
        qos: ['uuid', 'noop'],
      },
      'uuid-name': 'row3',
    });
    assert.deepEqual((operations[4] as { row: object }).row, {
      name: 's1',
      datapath_type: 'netdev',
      mcast_snooping_enable: false,
      external_ids: [
        'map',
        [
          ['linkloom-lab', 'lab'],
          ['linkloom-node', '#bridge'],
          ['linkloom-dev', 's1'],
        ],
      ],
      ports: [
        'set',
        [
          ['named-uuid', 'row1'],
          ['named-uuid', 'row3'],
        ],
      ],
    });
  });

  test('adds to bridges that exist, each set of ports once', () => {
    const changes = { ...nothing, ports: [port('p1', 's1'), port('p2', 's1'), port('p3', 's2')] };
    assert.deepEqual(lines(operationsOf([state('s1'), state('s2')], changes, null)), [
      'insert Interface p1',
      'insert Port p1',
      'insert Interface p2',
      'insert Port p2',
      'insert Interface p3',
      'insert Port p3',
      'mutate Bridge of uuid-s1 insert ports row1,row3',
      'mutate Bridge of uuid-s2 insert ports row5',
    ]);
  });

  test('asks for nothing that is there', () => {
    const changes = { ...nothing, ports: [port('p1', 's1')], deletions: [{ what: 'port', dev: 'gone' } as const] };
    assert.deepEqual(operationsOf([state('s1', 'p1')], changes, null), []);
  });

  test('moves a port from bridge to bridge', () => {
    const changes = { ...nothing, ports: [port('p1', 's2')] };
    assert.deepEqual(lines(operationsOf([state('s1', 'p1'), state('s2')], changes, null)), [
      'insert Interface p1',
      'insert Port p1',
      'mutate Bridge of uuid-s1 delete ports uuid-p1',
      'mutate Bridge of uuid-s2 insert ports row1',
    ]);
  });

  test('changes a bridge in place, and deletes bridges and ports', () => {
    const deletions = [
      { what: 'bridge', dev: 's2' },
      { what: 'port', dev: 'p1' },
    ] as const;
    const changes = { ...nothing, bridges: [bridge('s1', 'netdev')], deletions };
    assert.deepEqual(lines(operationsOf([state('s1', 'p1'), state('s2')], changes, null)), [
      'update Bridge of uuid-s1',
      'mutate Bridge of uuid-s1 delete ports uuid-p1',
      'mutate Open_vSwitch delete bridges uuid-s2',
    ]);
  });
});
