/** Examples of faults of a whole lab in one file. */
import type { NODES } from '../../src/diagnostics/nodes.ts';
import type { Examples, FileExample } from './example.ts';

function lab(text: string): FileExample {
  return { files: { 'lab.yaml': text } };
}

export const NODE_EXAMPLES: Examples<keyof typeof NODES> = {
  'node-name': lab('nodes: {a/b: {image: alpine}}\n'),
  'node-unknown': lab('nodes: {r1: {}, r2: {}}\nwires:\n  - [r1:eth1, r3:eth1]\n'),
  'node-is-service': {
    files: { 'compose.yaml': 'services: {web: {image: nginx}}\nx-network: {nodes: {web: {image: alpine}}}\n' },
  },
  'node-two-names': lab('lab: ring\nnodes: {r1: {}}\nlinks:\n  - {netns: ring.r1, bridge: lan}\n'),
  'node-key-under-service': {
    files: { 'compose.yaml': 'services:\n  web:\n    image: nginx\n    x-network: {nodes: {r1: {}}}\n' },
  },
  'container-key': lab('nodes: {r1: {memory: 128m}}\n'),
  'container-value': lab('nodes: {r1: {image: alpine, memory: 12q}}\n'),
  'container-clash': lab('nodes:\n  r1: {image: alpine, binds: ["./a:/etc/x", "./b:/etc/x"]}\n'),
  'program-twice': lab('nodes:\n  r1: {run: [{name: a, command: top}, {name: a, command: sleep 9}]}\n'),
  'wait-impossible': lab('nodes: {r1: {wait_for: [r1]}}\n'),
  'wait-circle': lab('nodes: {r1: {wait_for: [r2]}, r2: {wait_for: [r1]}}\n'),
  'group-unknown-node': lab('nodes: {leaf1: {}}\ngroups: {leafs: {nodes: [laef1], node: {image: alpine}}}\n'),
  'wire-end': lab('wires:\n  - [r1, r2:eth1]\n'),
  'wire-end-twice': lab('wires:\n  - [r1:eth1, r2:eth1]\n  - [r1:eth1, r3:eth1]\n'),
  'wire-bridge': lab('bridges: [{bridge: wire-0}]\nwires:\n  - [r1:eth1, r2:eth1]\n'),
  'engine-device': lab('nodes: {r1: {image: alpine, ports: ["8080:80"]}, r2: {}}\nwires:\n  - [r1:eth0, r2:eth1]\n'),
  'pool-invalid': lab('addressing: {wires: {pool: 10.0.0.1/16}}\nwires:\n  - [r1:eth1, r2:eth1]\n'),
  'pool-exhausted': lab('addressing: {loopbacks: {pool: 10.255.0.0/32}}\nnodes: {r1: {}, r2: {}}\n'),
  'pools-overlap': lab('addressing: {wires: {pool: 10.0.0.0/8}, loopbacks: {pool: 10.255.0.0/24}}\nnodes: {r1: {}}\n'),
  'host-name': lab('hosts: {h1.example: {}}\nnodes: {r1: {}}\n'),
  'host-unknown': lab('hosts: {h1: {}, h2: {}}\nnodes: {r1: {on: h3}}\n'),
  'host-unknown-node': lab('hosts: {h1: {nodes: [r2]}}\nnodes: {r1: {}}\n'),
  'host-twice': lab('hosts: {h1: {address: 192.0.2.1}, h2: {address: 192.0.2.1}}\nnodes: {r1: {}}\n'),
  'pool-address-taken': lab(
    'addressing: {loopbacks: {pool: 10.255.0.0/24}}\nnodes: {r1: {}, r2: {ip: 10.255.0.1/32}}\n',
  ),
};
