import assert from 'node:assert/strict';
import { test } from 'node:test';
import { announcements } from '../../../src/daemon/announce.ts';
import { planOn } from '../../support/model/planning.ts';
import { ModelKernel } from '../../support/model-kernel.ts';
import { networkOf } from '../../support/networks.ts';

test('links of a container that ended are told with all that they were, then what is made, then what else goes', () => {
  const network = networkOf('lab', [
    { node: 'a', dev: 'eth0', bridge: 'lan', addresses: ['10.0.0.1/24'], outerDev: 'a-eth0' },
    { node: 'b', dev: 'd0', type: 'dummy' },
  ]);
  const { plan } = planOn(network, new ModelKernel());
  const [first] = network.links;
  assert.ok(first);
  assert.deepEqual(announcements(network, { ...plan, removed: ['a:eth0', 'c:eth0'] }, [first]), [
    'Deleting veth link a:eth0 (IP 10.0.0.1/24) <-> a-eth0 (bridge lan)',
    'Creating veth link a:eth0 (IP 10.0.0.1/24) <-> a-eth0 (bridge lan)',
    'Creating dummy link b:d0',
    'Deleting link c:eth0',
  ]);
});
