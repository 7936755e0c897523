/** Whom a fault reaches: the links of the containers that show it, or, where the configuration itself has it, the whole run. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkNetwork } from '../../../src/topology/checks.ts';
import { instantiate } from '../../../src/topology/instantiate.ts';
import type { Container, LinkSpec, Topology } from '../../../src/topology/topology.ts';
import type { Wish } from '../../support/model/link-specs.ts';
import { bridge, container, link, netns, runningContainer, service, topology } from './specs.ts';

/** Each error with the links that it refuses, by `NODE:DEV`; `all`: the run. */
function refused(wanted: Topology, containers: readonly Container[]): readonly string[] {
  const { network } = instantiate(wanted, { containers, netns: 'all', host: 'self' }, null);
  return checkNetwork(network).flatMap(({ severity, links }) =>
    severity === 'error' ? [links === undefined ? 'all' : links.map(({ id }) => id).join(' ')] : [],
  );
}

const replicas = (count: number): readonly Container[] =>
  Array.from({ length: count }, (_, n) => runningContainer(`w${n + 1}`, 10 + n, { service: 'web', index: n + 1 }));
const web = (more: Wish): LinkSpec => link(service('web'), more);

describe('a fault that shows in containers', () => {
  it('refuses the later of two outer ends of one name', () => {
    assert.deepEqual(refused(topology([web({ outerDev: 'out0' })]), replicas(3)), ['w2:eth0', 'w3:eth0']);
  });

  it('refuses both where a device is asked for by two selectors, and both containers of one name', () => {
    const twice = topology([web({}), link(container('w1'), {}), link(container('w1'), { dev: 'eth1' })]);
    assert.deepEqual(refused(twice, replicas(2))[0], 'w1:eth0 w1:eth0');
    const two = [runningContainer('c', 1), { ...runningContainer('c', 2), id: 'f'.repeat(64) }];
    assert.deepEqual(refused(topology([link(container('c'), {})]), two)[0], 'c:eth0 c:eth0');
  });

  it('refuses the third end of a wire, a VLAN id that is taken', () => {
    const wire = topology([web({ bridge: 'w' })], { bridges: [bridge('w', 'patch')] });
    assert.deepEqual(refused(wire, replicas(3)), ['w3:eth0']);
    const vlan = { type: 'vlan', vlanId: 5, outerDev: 'up0', base: 'host' } as const;
    assert.deepEqual(refused(topology([web(vlan)]), replicas(2)), ['w2:eth0']);
  });

  it('refuses the run where the configuration itself is at fault', () => {
    const same = topology([link(netns('a'), { outerDev: 'out0' }), link(netns('b'), { outerDev: 'out0' })]);
    assert.deepEqual(refused(same, []), ['all']);
  });
});
