import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PROTOCOL } from '../../../src/net/mark.ts';
import { namedNs } from '../../../src/net/ns-id.ts';
import { routeRemovals } from '../../../src/plan/ip/left.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { painter } from '../../../src/report/output.ts';
import { planPieces } from '../../../src/report/plan.ts';
import type { RouteDump } from '../../../src/wire/seen.ts';

function planText(...what: Parameters<typeof planPieces>): string {
  return [...planPieces(...what)].join('');
}

const NS = namedNs('a');

function seen(dst: string, more: Partial<RouteDump> = {}): RouteDump {
  const common = {
    family: 4,
    type: 'unicast',
    via: null,
    src: null,
    metric: 0,
    table: 254,
    protocol: PROTOCOL,
  } as const;
  return { ...common, ifindex: null, dst, scope: 0, mtuBytes: null, advmssBytes: null, onlink: false, ...more };
}

describe('routes that go', () => {
  it('name a device only where they have one', () => {
    const routes = [
      { route: seen('10.1.0.0/16', { ifindex: 7 }), dev: 'eth0' },
      { route: seen('10.2.0.0/16', { ifindex: 7, via: '10.1.0.1' }), dev: 'eth0' },
      { route: seen('10.3.0.0/16', { via: '10.1.0.1' }), dev: null },
      { route: seen('10.4.0.0/16'), dev: null },
      { route: seen('10.5.0.0/16', { type: 'blackhole' }), dev: null },
    ];
    const ops = routeRemovals(NS, routes, 'not in the configuration');
    assert.deepEqual(
      ops.map(({ dev, ifindex, routes }) => [dev, ifindex, ...routes.map(({ text }) => text)]),
      [
        ['eth0', 7, '10.1.0.0/16 dev eth0', '10.2.0.0/16 via 10.1.0.1 dev eth0'],
        [null, null, '10.3.0.0/16 via 10.1.0.1', '10.4.0.0/16', 'blackhole 10.5.0.0/16'],
      ],
    );
  });

  it('are printed without a gap where the device would be', () => {
    const ops = routeRemovals(NS, [{ route: seen('10.4.0.0/16'), dev: null }], 'not in the configuration');
    const lab: Plan = {
      ...{ lab: 'l', ops, links: [], removed: [], orphans: [], failures: [], notes: [], overrides: [], doubts: null },
    };
    assert.match(planText(lab, painter(false)), /^ +- ip\.del {6}-route\(10\.4\.0\.0\/16\) {2}# not/m);
  });
});
