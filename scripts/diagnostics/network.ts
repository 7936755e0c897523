/** Examples of faults of links, bridges and tunnels, each a network file. */
import type { NETWORK } from '../../src/diagnostics/network.ts';
import type { VALUES } from '../../src/diagnostics/values.ts';
import type { Examples, FileExample } from './example.ts';

/** A network file with these links, each the inside of a map, and what else is at its top. */
function links(...items: readonly string[]): FileExample {
  return lab(`links:\n${items.map((item) => `  - {${item}}\n`).join('')}`);
}

function lab(text: string): FileExample {
  return { files: { 'lab.yaml': text } };
}

export const VALUE_EXAMPLES: Examples<keyof typeof VALUES> = {
  'unknown-key': links('netns: a, brigde: b'),
  'unknown-key-ignored': lab('bridges:\n  - {bridge: b, mod: linux}\n'),
  'missing-key': links('netns: a, type: vlan, outer-dev: ens3'),
  'wrong-type': links('netns: a, bridge: b, ip: 10.1'),
  'empty-value': links('netns: a, bridge: ""'),
  'unknown-word': links('netns: a, bridge: b, state: "off"'),
  'number-out-of-range': links('netns: a, bridge: b, mtu: 12'),
  'lab-name': lab('lab: My Lab\nlinks: []\n'),
  'device-name': links('netns: a, bridge: b, dev: eth/0'),
  'netns-name': links('netns: ../a, bridge: b'),
  'address-without-prefix': links('netns: a, bridge: b, ip: 10.0.0.1'),
  'address-invalid': links('netns: a, bridge: b, ip: 10.0.0.1/33'),
  'address-unassignable': links('netns: a, bridge: b, ip: "ff02::1/64"'),
  'mac-invalid': links('netns: a, bridge: b, mac: "c2:00:00:01"'),
  'mac-unassignable': links('netns: a, bridge: b, mac: "01:00:5e:00:00:01"'),
  'port-mapping': links('netns: a, bridge: b, ip: 10.0.0.1/24, forward: "80:80"'),
  'route-invalid': links('netns: a, bridge: b, route: default via 10.0.0.256'),
  'netem-invalid': links('netns: a, bridge: b, netem: delay 10 parsecs'),
  'impair-invalid': links('netns: a, bridge: b, impair: {delay: 10}'),
  'ethtool-invalid': links('netns: a, bridge: b, ethtool: eth0 --offload rx off'),
};

export const NETWORK_EXAMPLES: Examples<keyof typeof NETWORK> = {
  'nothing-to-link': lab('links: []\n'),
  'lab-twice': { files: { 'a.yaml': 'lab: one\nlinks: []\n', 'b.yaml': 'lab: two\nlinks: []\n' } },
  'too-many-links': {
    files: { 'lab.json': `{"links": [${'0,'.repeat(250_000)}0]}` },
    shown: 'More than 250,000 links.',
  },
  'node-missing': links('bridge: b'),
  'node-ambiguous': links('service: a, netns: a, bridge: b'),
  'link-twice': links('netns: a, bridge: b', 'netns: a, bridge: c'),
  'keys-exclude': links('netns: a, bridge: b, netem: delay 10ms, impair: {loss: 1%}'),
  'key-without-meaning': links('netns: a, type: dummy, bridge: b'),
  'key-ignored': links('netns: a, type: dummy, vlanid: 5'),
  'link-mode': links('netns: a, type: macvlan, outer-dev: ens3, mode: l2'),
  'address-twice': links('netns: a, bridge: b, ip: [10.0.0.1/24, 10.0.0.1/16]'),
  'address-shared': links('netns: a, bridge: lan, ip: 10.0.0.1/24', 'netns: b, bridge: lan, ip: 10.0.0.1/24'),
  'mac-shared': links(
    'netns: a, bridge: lan, mac: "c2:00:00:00:00:01"',
    'netns: b, bridge: lan, mac: "c2:00:00:00:00:01"',
  ),
  'subnets-overlap': links(
    'netns: a, dev: eth0, bridge: b, ip: 10.0.0.1/16',
    'netns: a, dev: eth1, bridge: c, ip: 10.0.1.1/24',
  ),
  'ipv6-mtu': links('netns: a, bridge: b, ip: "fd00::1/64", mtu: 1000'),
  'route-twice': links('netns: a, bridge: b, ip: 10.0.0.1/24, route: [default via 10.0.0.2, default via 10.0.0.3]'),
  'nat-address': links('netns: a, bridge: b, nat: 192.0.2.1'),
  'forward-address': links('netns: a, bridge: b, forward: "80:80/tcp"'),
  'forward-bridge': lab(
    'bridges:\n  - {bridge: b, mode: patch}\nlinks:\n  - {netns: a, bridge: b, ip: 10.0.0.1/24, forward: "80:80/tcp"}\n',
  ),
  'forward-uplink': { ...links('netns: a, bridge: b, ip: 10.0.0.1/24, forward: "80:80/tcp"'), uplinkAddress: null },
  'forward-shared': links(
    'netns: a, bridge: lan, ip: 10.0.0.1/24, forward: "80:80/tcp"',
    'netns: b, bridge: lan, ip: 10.0.0.2/24, forward: "80:80/tcp"',
  ),
  'replica-outside-subnet': { ...links('service: web, bridge: b, ip: 10.0.0.254/24'), replicas: { web: 3 } },
  'bridge-name': links('netns: a, bridge: a-bridge-with-a-long-name'),
  'bridge-mode-fallback': lab('bridges:\n  - {bridge: b, mode: auto}\n'),
  'bridge-full': {
    ...lab(`links:\n${Array.from({ length: 1024 }, (_, i) => `  - {netns: n${i}, bridge: lan}\n`).join('')}`),
    shown: 'More than 1,023 links on one Linux bridge.',
  },
  'wire-third-end': lab(
    'bridges:\n  - {bridge: w, mode: direct}\nlinks:\n  - {netns: a, bridge: w}\n  - {netns: b, bridge: w}\n  - {netns: c, bridge: w}\n',
  ),
  'tunnel-remote': lab('tunnels:\n  - {type: vxlan, bridge: b, remote: 239.1.1.1, vni: 7}\n'),
  'tunnel-bridge': lab(
    'bridges:\n  - {bridge: w, mode: direct}\ntunnels:\n  - {type: vxlan, bridge: w, remote: 192.0.2.1, vni: 7}\n',
  ),
  'node-clash': { ...links('container: web, bridge: b'), twice: 'web' },
  'device-clash': links('netns: a, bridge: lan, outer-dev: p0', 'netns: b, bridge: lan, outer-dev: p0'),
  'parent-vlan-id': links(
    'netns: a, type: vlan, outer-dev: ens3, vlanid: 5',
    'netns: b, type: vlan, outer-dev: ens3, vlanid: 5',
  ),
  'parent-mixed-types': links('netns: a, type: macvlan, outer-dev: ens3', 'netns: b, type: ipvlan, outer-dev: ens3'),
  'parent-mixed-modes': links(
    'netns: a, type: ipvlan, outer-dev: ens3, mode: l2',
    'netns: b, type: ipvlan, outer-dev: ens3, mode: l3',
  ),
  'parent-taken-whole': links(
    'netns: a, type: macvlan, outer-dev: ens3, mode: passthru',
    'netns: b, type: macvlan, outer-dev: ens3',
  ),
  'parent-circle': links(
    'netns: a, dev: v1, type: macvlan, base: local, outer-dev: v2',
    'netns: a, dev: v2, type: macvlan, base: local, outer-dev: v1',
  ),
};
