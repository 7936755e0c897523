/** Measures linkloom's own computing without a kernel: messages, acknowledgements, configuration, plan. `npm run bench:micro` */
import { Bench } from 'tinybench';
import { loadConfig } from '../../src/config/load.ts';
import { machineFacts } from '../../src/engine/machine/files.ts';
import { diff } from '../../src/plan/diff.ts';
import { NOTHING_OBSERVED } from '../../src/plan/observed.ts';
import { place } from '../../src/plan/switch/placement.ts';
import type { Lab } from '../../src/preflight/lab.ts';
import { preflight, questionsOf } from '../../src/preflight/preflight.ts';
import { instantiate } from '../../src/topology/instantiate.ts';
import { type NormaliseOptions, normalise } from '../../src/topology/normalise.ts';
import { generate } from '../../src/topology/shapes/generate.ts';
import { printConfig } from '../../src/topology/shapes/print.ts';
import type { Network } from '../../src/topology/topology.ts';
import type { Op } from '../../src/wire/op.ts';
import type { LinkAdd } from '../../src/wire/ops/links.ts';
import { readAck } from '../../workers/netlink/ack.ts';
import { MessageBatch } from '../../workers/netlink/message.ts';
import { createLink } from '../../workers/rtnl/link.ts';
import { machine, saveResult } from '../report.ts';
import { sizeOf } from '../shapes.ts';

const SIZES = [100, 1000, 10_000] as const;
const DEFAULTS: NormaliseOptions = {
  ...{ lab: 'micro', defaultMtuBytes: 65_535, keepVethOffload: false, haveOpenvswitch: false, haveUplink: null },
  defaultBridgeMode: 'auto',
};

type Format = 'json' | 'yaml';

async function load(text: string, format: Format): Promise<Network> {
  const loaded = await loadConfig({
    ...{ cwd: '/', env: {}, files: ['-'], dotEnv: false, lab: 'micro' },
    readStdin: async () => Buffer.from(text),
  });
  if (loaded.diagnostics.length > 0) throw new Error(`${format}: ${loaded.diagnostics[0]?.message}`);
  const { topology } = normalise(loaded.config, DEFAULTS);
  return instantiate(topology, { containers: [], netns: 'all', host: 'self' }, null).network;
}

function plan(network: Network): readonly Op[] {
  const placement = place('micro', 'netns', network.bridges, network.links, NOTHING_OBSERVED);
  return diff(network, NOTHING_OBSERVED, placement, { prune: true }).ops;
}

/** All checks with this machine's facts, and the files that have them; without the question to a worker. */
function look(network: Network, ops: readonly Op[]): number {
  const lab: Lab = {
    ...{ network, plan: { ops, failures: [] }, observed: NOTHING_OBSERVED },
    ...{ side: 'netns', definitions: [], workers: 1 },
  };
  const asked = { missing: [], firewall: [], underlays: [], pairMs: null, bridgeMs: null, namespacesUsed: 0 };
  return preflight(lab, questionsOf(lab).needs, { ...machineFacts(), ...asked }).length;
}

const isLinkAdd = (op: Op): op is LinkAdd => op.op === 'link.add';

/** An acknowledgement with EEXIST, as the kernel sends it with NETLINK_CAP_ACK. */
function refusal(): Buffer {
  const bytes = Buffer.alloc(36);
  bytes.writeUInt32LE(36, 0);
  bytes.writeUInt16LE(2, 4);
  bytes.writeUInt16LE(0x100, 6);
  bytes.writeInt32LE(-17, 16);
  return bytes;
}

async function addTasks(bench: Bench, links: number): Promise<void> {
  const { nodes, perNode } = sizeOf(links);
  // Two-port bridges, as the files of earlier measurements had them.
  const { links: all } = generate('circulant', { nodes, links: perNode });
  const config = { links: all };
  const texts = { json: printConfig(config, 'json'), yaml: printConfig(config, 'yaml') };
  const network = await load(texts.json, 'json');
  const ops = plan(network);
  const adds = ops.filter(isLinkAdd);
  const batch = new MessageBatch();
  const ack = refusal();
  const outside = { peerFd: 9, parentIndex: null, targetFd: null };
  bench
    .add(`encode ${links} links`, () => {
      batch.reset();
      for (const op of adds) createLink(batch, op, op.ifindex, outside);
    })
    .add(`decode ${links} acks`, () => {
      for (let i = 0; i < links; i++) readAck(ack, 0);
    })
    .add(`load and validate ${links} links, JSON`, async () => void (await load(texts.json, 'json')))
    .add(`load and validate ${links} links, YAML`, async () => void (await load(texts.yaml, 'yaml')))
    .add(`plan ${links} links`, () => void plan(network))
    .add(`preflight of ${links} links`, () => void look(network, ops));
}

const bench = new Bench({ time: 300, warmupTime: 100, iterations: 3, throws: true });
for (const links of SIZES) await addTasks(bench, links);
const rows = (await bench.run()).map(({ name, result }) => {
  if (result.state !== 'completed') throw new Error(`${name} did not complete: ${result.state}`);
  const { p50, min, samplesCount } = result.latency;
  return { name, medianMs: p50, minMs: min, samples: samplesCount };
});
const width = Math.max(...rows.map(({ name }) => name.length));
for (const { name, medianMs, minMs, samples } of rows) {
  const figures = `${medianMs.toFixed(3).padStart(10)} ms  (least ${minMs.toFixed(3)}, ${samples} times)`;
  process.stdout.write(`${name.padEnd(width)} ${figures}\n`);
}
process.stderr.write(`Kept in ${saveResult('micro', { machine: machine(), rows })}\n`);
