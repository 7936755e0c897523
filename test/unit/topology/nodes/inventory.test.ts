/** What other programs are told of a lab's nodes. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { instantiate } from '../../../../src/topology/instantiate.ts';
import { ansibleInventory, inventoryOf } from '../../../../src/topology/nodes/inventory.ts';
import { check } from '../../config/loading.ts';
import { replica, runningContainer } from '../specs.ts';

const TEXT = `
services: {web: {image: w}}
x-network:
  lab: x
  addressing: {wires: {pool: 10.0.0.0/24}, loopbacks: {pool: 10.255.0.0/24}, loopbacks6: {pool: "fd00::/64"}}
  nodes: {a: {labels: {role: router}}, b: {image: i}, c: {image: i}}
  wires: [[a:eth1, b:eth1], [a:eth2, c:eth1]]
  links: [{service: web, dev: eth1, bridge: lan, ip: 10.1.0.1/24}, {netns: host-ns, bridge: lan, ip: 10.1.0.9/24}]
`;

async function lab() {
  const { topology } = await check(TEXT);
  const containers = [runningContainer('x.b', 5), replica('web', 1), replica('web', 2)];
  const { network } = instantiate(topology, { containers, netns: 'all', host: 'self' }, null);
  return { topology, network };
}

describe('an inventory', () => {
  test('has what runs and what does not', async () => {
    const { topology, network } = await lab();
    const { lab: name, nodes } = inventoryOf(topology, network);
    assert.equal(name, 'x');
    assert.deepEqual(
      nodes.map((node) => [node.name, node.realName, node.kind, node.isRunning]),
      [
        [replica('web', 1).name, replica('web', 1).name, 'container', true],
        [replica('web', 2).name, replica('web', 2).name, 'container', true],
        ['host-ns', 'host-ns', 'netns', true],
        ['a', 'x.a', 'netns', true],
        ['b', 'x.b', 'container', true],
        ['c', 'x.c', 'container', false],
      ],
    );
    assert.deepEqual(nodes[3]?.labels, { role: 'router' });
    assert.deepEqual(
      nodes.slice(3).map(({ links }) => links.map(({ dev, addresses }) => `${dev} ${addresses}`)),
      [['eth1 10.0.0.0/31', 'eth2 10.0.0.2/31'], ['eth1 10.0.0.1/31'], ['eth1 10.0.0.3/31']],
    );
  });

  test('tells Ansible how to reach each', async () => {
    const { topology, network } = await lab();
    const { all } = ansibleInventory(inventoryOf(topology, network), () => ({ kind: 'podman', socketPath: null })) as {
      all: { hosts: Record<string, object>; children: Record<string, { hosts: Record<string, object> }> };
    };
    assert.deepEqual(all.hosts['a'], {
      ansible_connection: 'local',
      ansible_become: true,
      ansible_become_method: 'ansible.builtin.sudo',
      ansible_become_exe: 'linkloom exec netns/x.a --',
      ansible_become_flags: '',
      ansible_become_user: '',
      ansible_python_interpreter: '{{ ansible_playbook_python }}',
      linkloom_lab: 'x',
      linkloom_node: 'a',
      linkloom_addresses: ['10.255.0.1/32', 'fd00::1/128', '10.0.0.0/31', '10.0.0.2/31'],
    });
    assert.deepEqual(all.hosts['c'], {
      ansible_connection: 'containers.podman.podman',
      ansible_host: 'x.c',
      linkloom_lab: 'x',
      linkloom_node: 'c',
      linkloom_addresses: ['10.255.0.3/32', 'fd00::3/128', '10.0.0.3/31'],
    });
    assert.deepEqual(Object.keys(all.children), ['containers', 'namespaces', 'service_web']);
    assert.deepEqual(Object.keys(all.children['namespaces']?.hosts ?? {}), ['host-ns', 'a']);
  });
});
