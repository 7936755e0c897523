import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan } from '../../../src/plan/plan.ts';
import { painter } from '../../../src/report/output.ts';
import { planJson, planPieces } from '../../../src/report/plan.ts';
import { linkSubject } from '../../../src/subject.ts';
import type { Op } from '../../../src/wire/op.ts';
import type { DeviceSettings } from '../../../src/wire/ops/links.ts';

function planText(...what: Parameters<typeof planPieces>): string {
  return [...planPieces(...what)].join('');
}

const NOTHING_SET: DeviceSettings = {
  mac: null,
  mtuBytes: null,
  up: null,
  alias: null,
  group: null,
  numbers: {},
  txChecksumOff: false,
};

const PEER = { ns: 'netns/linkloom-web', dev: 'n0-eth0', group: 1, mtuBytes: 65_535, mac: null, link: null } as const;

const LINK_ADD: Op = {
  op: 'link.add',
  ns: 'netns/n0',
  link: 'n0:eth0',
  cause: 'missing',
  make: { type: 'veth', peer: PEER },
  dev: 'eth0',
  ifindex: 7,
  settings: { ...NOTHING_SET, mac: 'c2:00:00:00:00:01', mtuBytes: 65_535, up: true },
  queues: 1,
  addresses: ['10.0.0.1/30'],
  routes: [],
};

const PLAN: Plan = {
  lab: 'web',
  ops: [
    { op: 'netns.add', ns: 'netns/n0', link: null, cause: 'missing', role: 'node', alias: '', lab: 'l' },
    LINK_ADD,
    {
      ...{ op: 'ip.del', ns: 'netns/n1', link: 'n1:eth0', cause: 'not in the configuration', dev: 'eth0', ifindex: 2 },
      ...{ routes: [], addresses: ['10.0.0.3/30'], otherAddresses: [] },
    },
    {
      op: 'link.set',
      ns: 'netns/n1',
      link: 'n1:eth0',
      cause: 'mtu 1500 → 9000',
      dev: 'eth0',
      ifindex: 3,
      settings: { ...NOTHING_SET, mtuBytes: 9000 },
      addAddresses: ['10.0.0.2/30'],
      addRoutes: [],
      data: null,
    },
    {
      op: 'link.del',
      ns: 'netns/n0',
      link: null,
      cause: 'not in the configuration',
      dev: 'old',
      ifindex: 4,
      isBridge: false,
      seen: { group: 1, alias: '' },
    },
    { op: 'group.set', ns: 'netns/linkloom-web', link: null, cause: 'ports', group: 0x4c000001, up: true },
  ],
  links: [
    { link: 'n0:eth0', verdict: 'create', cause: 'missing' },
    { link: 'n1:eth0', verdict: 'change', cause: 'mtu 1500 → 9000' },
    { link: 'n2:eth0', verdict: 'blocked', cause: 'foreign device' },
    { link: 'n3:eth0', verdict: 'unchanged', cause: null },
  ],
  removed: ['n0:old'],
  orphans: [],
  failures: [{ subject: linkSubject('n2:eth0'), code: 'E_FOREIGN_DEVICE', message: 'eth0 is not ours' }],
  notes: ['n3:eth0 has a foreign address'],
  overrides: [],
  doubts: null,
};

test('a plan is told by namespace, each operation with its symbol and its cause', () => {
  assert.equal(
    planText(PLAN, painter(false)),
    `lab web: links: 1 to create, 1 to change, 1 to remove, 1 unchanged, 1 blocked; 6 operations

netns/n0
  + netns.add   node  # missing
  + link.add    veth eth0 ↔ netns/linkloom-web:n0-eth0 10.0.0.1/30 c2:00:00:00:00:01 mtu 65535 [n0:eth0]  # missing
  - link.del    old  # not in the configuration

netns/n1
  - ip.del      eth0 -10.0.0.3/30 [n1:eth0]  # not in the configuration
  ~ link.set    eth0 mtu 9000 +10.0.0.2/30 [n1:eth0]  # mtu 1500 → 9000

netns/linkloom-web
  ~ group.set   all ports up  # ports

note: n3:eth0 has a foreign address

ERROR: n2:eth0: eth0 is not ours
`,
  );
});

test('containers, the host and other ends are told by name, not by process, index or group', () => {
  const node = { kind: 'container' as const, id: 'f'.repeat(64), service: 'web', index: 1 };
  const nodes = [
    { ...node, name: 'web_1', ns: 'pid/4046' as const },
    { ...node, name: 'web_2', ns: 'pid/4047' as const },
  ];
  const peer = { ...PEER, ns: 'pid/4047', dev: 'eth1', link: 'web_2:eth1' };
  const ops = [
    { ...LINK_ADD, ns: 'pid/4046', link: 'web_1:eth0', make: { type: 'veth', peer } },
    {
      ...LINK_ADD,
      ns: 'pid/4046',
      link: 'web_1:m0',
      make: { type: 'macvlan', mode: 'vepa', parent: { ns: 'pid/1', dev: 'ens3' } },
      dev: 'm0',
    },
    { op: 'group.set', ns: 'self', link: null, cause: 'first', group: 0x4c000002, up: true },
  ] as readonly Op[];
  const text = planText({ ...PLAN, ops, notes: [], failures: [] }, painter(false), [], nodes);
  assert.match(text, /^container web_1$/m);
  assert.match(text, /veth eth0 ↔ web_2:eth1 /);
  assert.match(text, /macvlan m0 on the host's namespace:ens3 /);
  assert.match(text, /^self\n {2}~ group\.set {3}all bridges up /m);
  assert.doesNotMatch(text, /pid\/|0x|4046|4047/);
});

test('a plan of nothing is one line', () => {
  const plan: Plan = {
    lab: 'web',
    ops: [],
    links: [],
    removed: [],
    orphans: [],
    failures: [],
    notes: [],
    overrides: [],
    doubts: null,
  };
  assert.equal(
    planText(plan, painter(false)),
    'lab web: links: 0 to create, 0 to change, 0 to remove, 0 unchanged; nothing to do\n',
  );
});

test('the document has the counts, every operation and every verdict', () => {
  const document = JSON.parse(JSON.stringify(planJson(PLAN)));
  assert.deepEqual(document.summary, {
    create: 1,
    change: 1,
    remove: 1,
    unchanged: 1,
    blocked: 1,
    pending: 0,
    operations: 6,
  });
  assert.equal(document.schemaVersion, 1);
  assert.deepEqual(document.operations[1], JSON.parse(JSON.stringify(LINK_ADD)));
  assert.deepEqual(document.links, PLAN.links);
  assert.deepEqual(document.removed, ['n0:old']);
});
