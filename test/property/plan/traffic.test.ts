import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import type { BridgeMode } from '../../../src/kinds/bridge-modes.ts';
import { bridgeOf } from '../../../src/kinds/links/link-kinds.ts';
import { outerDevOf } from '../../../src/topology/links.ts';
import type { Network } from '../../../src/topology/topology.ts';
import type { LinkDump } from '../../../src/wire/seen.ts';
import { bringUp, planOn } from '../../support/model/planning.ts';
import { impairment } from '../../support/model/traffic.ts';
import { ModelKernel } from '../../support/model-kernel.ts';
import { networkOf, type Wanted } from '../../support/networks.ts';

const LAB = 'lab';

/** Texts that the kernel gives back in other words, among others. */
const TEXTS = [
  '',
  'delay 40ms',
  'delay 40ms loss 0%',
  'delay 3s 3s 33.333333333%',
  'delay 100ms 20ms distribution normal',
  'delay 100ms 20ms distribution pareto',
  'delay 100ms 20ms distribution uniform',
  'delay 10ms reorder 25% 50% gap 1',
  'delay 10ms reorder 25% 50% gap 5',
  'loss state 1% 20% 30% 40% 5%',
  'loss gemodel 1% 10% 70% 0.1% ecn',
  'rate 100bit',
  'rate 99kbit 20 0 5',
  'rate 100gbit limit 1000',
  'limit 42 seed 7',
  'slot 0 0 packets 3',
  'slot 800us 1ms bytes 0',
  'slot distribution normal 800us 10us packets 20',
  'slot distribution normal 800us 0us',
] as const;

const link = fc.record(
  {
    node: fc.constantFrom('a', 'b', 'c'),
    dev: fc.constantFrom('eth0', 'eth1'),
    bridge: fc.constantFrom('w0', 'w1', 'w2'),
    netem: fc.constantFrom(...TEXTS),
  },
  { requiredKeys: ['node', 'dev', 'bridge'] },
);
const mode = fc.constantFrom<BridgeMode>('patch', 'patch', 'linux', 'direct', 'ovs');

/** Wires, two ends each at the most, and bridges that were wires or will be; any link impaired or not. */
const network = fc
  .record({
    links: fc.uniqueArray(link, { selector: ({ node, dev }) => `${node}:${dev}`, maxLength: 6 }),
    modes: fc.record({ w0: mode, w1: mode, w2: mode }),
  })
  .map(({ links, modes }) => {
    const ends = new Map<string, number>();
    const kept = links.filter(({ bridge }) => {
      ends.set(bridge, (ends.get(bridge) ?? 0) + 1);
      return !['patch', 'direct'].includes(modes[bridge as 'w0']) || (ends.get(bridge) ?? 0) <= 2;
    });
    return networkOf(LAB, kept as readonly Wanted[], modes);
  });

function devices(kernel: ModelKernel) {
  return kernel.dumps().flatMap(({ ns, links }) => links.map((device) => ({ ns, device })));
}

/** Each wire with two ends is tied, both ways, and nothing else is. */
function assertWired(wanted: Network, kernel: ModelKernel): void {
  const ports = new Map(devices(kernel).map(({ device }) => [device.ifname, device]));
  const portOf = (outerDev: string | null): LinkDump | undefined => ports.get(outerDev ?? '');
  for (const { name, mode: kind } of wanted.bridges) {
    const ends = wanted.links.filter(({ spec }) => bridgeOf(spec) === name).map((link) => portOf(outerDevOf(link)));
    const [a, b] = ends;
    const isWire = kind === 'patch' && ends.length === 2;
    if (isWire) assert.deepEqual([a?.redirect, b?.redirect], [b?.ifindex, a?.ifindex]);
    else for (const end of ends) if (kind !== 'direct') assert.ok(!end?.redirect, `${end?.ifname}`);
    if (kind === 'patch') for (const end of ends) assert.deepEqual([end?.master, end?.up], [0, true]);
  }
}

function assertImpaired(wanted: Network, kernel: ModelKernel): void {
  const found = new Map(devices(kernel).map(({ ns, device }) => [`${ns} ${device.ifname}`, device]));
  for (const { node, dev, spec } of wanted.links) {
    const device = found.get(`${node.ns} ${dev}`);
    if (device) assert.deepEqual(device.netem?.netem, impairment(spec.netem, 'configuration').netem?.netem);
  }
}

it('wires and impairments are as wanted after one plan, from nothing and from any other network, and a second is empty', () => {
  fc.assert(
    fc.property(network, network, (before, after) => {
      const kernel = new ModelKernel();
      for (const wanted of [before, after]) {
        bringUp(wanted, kernel);
        assertWired(wanted, kernel);
        assertImpaired(wanted, kernel);
        assert.deepEqual(planOn(wanted, kernel).plan.ops, []);
      }
    }),
    { numRuns: 1000 },
  );
});

it('what somebody untied, tied elsewhere, deleted or impaired otherwise is mended', () => {
  const meddling: fc.Arbitrary<Partial<LinkDump> | 'delete'> = fc.oneof(
    fc.constant('delete' as const),
    fc.constantFrom<Partial<LinkDump>[]>({ redirect: null }, { redirect: 0 }, { redirect: 1 }, { master: 1 }),
    fc.constantFrom<Partial<LinkDump>[]>({ qdisc: 'noqueue', netem: null }, { qdisc: 'tbf', netem: null }),
  );
  fc.assert(
    fc.property(network, fc.nat(), meddling, (wanted, pick, change) => {
      const kernel = new ModelKernel();
      bringUp(wanted, kernel);
      const ours = devices(kernel).filter(({ device }) => device.ifname !== 'lo');
      const victim = ours[pick % Math.max(1, ours.length)];
      const isBridge = victim && ['bridge', 'openvswitch'].includes(victim.device.kind);
      if (!victim || isBridge) return;
      if (change === 'delete') kernel.deleteDevice(victim.ns, victim.device.ifname);
      else kernel.meddle(victim.ns, victim.device.ifname, change);
      bringUp(wanted, kernel);
      const again = planOn(wanted, kernel).plan.ops;
      assert.deepEqual(again, []);
    }),
    { numRuns: 1000 },
  );
});
