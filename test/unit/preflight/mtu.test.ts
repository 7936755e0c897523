/** MTUs that contradict each other: in a domain, on a parent, through a tunnel. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Finding } from '../../../src/preflight/finding.ts';
import type { Network, TunnelSpec } from '../../../src/topology/topology.ts';
import { networkOf, type Wanted } from '../../support/networks.ts';
import { findingsOf } from '../../support/preflight/machine.ts';

const pair = (a: number, b: number): readonly Wanted[] => [
  { node: 'a', dev: 'eth0', bridge: 's', mtuBytes: a },
  { node: 'b', dev: 'eth0', bridge: 's', mtuBytes: b },
];

function mtusOf(network: Network, facts = {}): readonly Finding[] {
  return findingsOf(network, facts).filter(({ code }) => code.startsWith('mtu-'));
}

function tunnelled(type: TunnelSpec['type'], remote: string, mtuBytes: number): Network {
  const tunnel = { type, bridge: 's', remote, vni: 7, netem: null, netemText: [], extra: {}, where: () => undefined };
  return { ...networkOf('lab', pair(mtuBytes, mtuBytes)), tunnels: [tunnel] };
}

describe('MTUs', () => {
  for (const mode of ['linux', 'patch', 'direct'] as const) {
    test(`differ on a bridge of mode ${mode}: the smaller ones are named`, () => {
      const [found, ...more] = mtusOf(networkOf('lab', pair(9000, 1500), { s: mode }));
      assert.deepEqual(more, []);
      assert.equal(found?.code, 'mtu-mixed');
      assert.deepEqual(found?.links, ['b:eth0']);
      assert.equal(
        found?.message,
        'bridge s: a:eth0 has an MTU of 9000, and b:eth0 a smaller one (1500): larger packets are lost',
      );
      assert.deepEqual(mtusOf(networkOf('lab', pair(9000, 9000), { s: mode })), []);
    });
  }

  test('is above that of a parent of the same lab', () => {
    const wanted = (mtuBytes: number): readonly Wanted[] => [
      { node: 'a', dev: 'eth0', bridge: 's', mtuBytes: 1500 },
      { node: 'a', dev: 'm0', type: 'macvlan', parent: { dev: 'eth0', base: 'local' }, mtuBytes },
    ];
    const [found] = mtusOf(networkOf('lab', wanted(1501)));
    assert.equal(found?.message, 'a:m0 is to have an MTU of 1501, and its parent eth0 has 1500');
    assert.equal(found?.hint, '`mtu: 1500` for a:m0, or a larger MTU for eth0');
    assert.deepEqual(mtusOf(networkOf('lab', wanted(1500))), []);
  });

  /** Type, remote, and the largest MTU that fits a device of 1,500. */
  const FITS = [
    ['vxlan', '192.0.2.9', 1450],
    ['vxlan', '2001:db8::9', 1430],
    ['geneve', '192.0.2.9', 1450],
    ['geneve', '2001:db8::9', 1430],
    ['gre', '192.0.2.9', 1458],
    ['gre', '2001:db8::9', 1438],
  ] as const;
  for (const [type, remote, fits] of FITS) {
    test(`leaves no room for the headers of ${type} to ${remote}`, () => {
      const underlays = [{ remote, dev: 'uplink0', mtuBytes: 1500 }];
      const [found] = mtusOf(tunnelled(type, remote, fits + 1), { underlays });
      assert.equal(found?.code, 'mtu-above-underlay');
      assert.equal(
        found?.message,
        `packets of a:eth0, b:eth0 (MTU ${fits + 1}) do not fit the ${type} tunnel to ${remote}: uplink0 takes 1500, of which ${1500 - fits} are headers`,
      );
      assert.equal(found?.hint, `\`mtu: ${fits}\` for the links of bridge s`);
      assert.deepEqual(mtusOf(tunnelled(type, remote, fits), { underlays }), []);
    });
  }

  test('of a tunnel to where no route leads is not judged', () => {
    assert.deepEqual(mtusOf(tunnelled('vxlan', '192.0.2.9', 9000)), []);
  });
});
