/**
 * Measures what one host's ends of wires to another host cost: through trunks, one for each 256 ports as `up` makes them, and with a vxlan
 * for each wire. All work is done by the workers' code in this process, so that CPU time is that of the operations; rounds of both ways and
 * of both sizes take turns, and the least of each counts. No frame is sent.
 *
 * `npm run bench:trunk -- [--few N] [--many N] [--rounds N]`
 */
import { parseArgs } from 'node:util';
import { groupOf, ROLE } from '../../src/net/mark.ts';
import { type NamedNs, namedNs, OWN_NS } from '../../src/net/ns-id.ts';
import { BY_ITSELF } from '../../src/wire/apply.ts';
import { MADE } from '../../src/wire/device-ref.ts';
import type { Op } from '../../src/wire/op.ts';
import { apply } from '../../workers/apply.ts';
import { runAsRoot } from '../as-root.ts';
import { removeAll, untilQuiet } from '../quiet.ts';
import { machine, saveResult } from '../report.ts';

const LAB = 'bench-trunk';
const PORTS_PER_SHARD = 256;
const LINKS_PER_NODE = 32;
const FIRST_VNI = 16_385;
const ENDS = { remote: '192.0.2.2', local: '192.0.2.1' } as const;
const GROUP = { nodeEnd: groupOf(LAB, ROLE.nodeEnd), port: groupOf(LAB, ROLE.port) };

const WAYS = ['trunk', 'vxlan'] as const;
type Way = (typeof WAYS)[number];

const { values: flags } = parseArgs({
  options: {
    few: { type: 'string', default: '500' },
    many: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '3' },
  },
});

process.exitCode = await runAsRoot('bench:trunk', 'makes network namespaces', { network: true }, main);

async function main(): Promise<number> {
  const sizes = [Number(flags.few), Number(flags.many)];
  const least = new Map<string, number>();
  try {
    for (let round = 0; round < Number(flags.rounds); round++) {
      for (const way of WAYS) {
        for (const wires of sizes) {
          await removeAll();
          await untilQuiet();
          const key = `${way} ${wires}`;
          least.set(key, Math.min(least.get(key) ?? Number.POSITIVE_INFINITY, cpuUsPerWire(way, wires)));
        }
      }
    }
  } finally {
    await removeAll();
  }
  report(sizes, least);
  return 0;
}

/** CPU time, of user and system, in microseconds for each wire. */
function cpuUsPerWire(way: Way, wires: number): number {
  const jobs = jobsFor(way, wires);
  const before = process.cpuUsage();
  for (const ops of jobs) {
    const [first] = ops;
    if (first === undefined) continue;
    const { failures = [] } =
      apply({ task: 'apply', jobs: [{ ns: first.ns, inode: null, ops }], ...BY_ITSELF }).jobs[0] ?? {};
    if (failures.length > 0) throw new Error(`${way}: ${JSON.stringify(failures[0])}`);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / wires;
}

/** The ops of each job, in order: namespaces, links, then what ties the ports. */
function jobsFor(way: Way, wires: number): readonly (readonly Op[])[] {
  const all = Array.from({ length: wires }, (_, at) => at);
  const shards = cut(all, PORTS_PER_SHARD).map((own, at) => ({ ns: namedNs(`${LAB}-s${at}`), own }));
  const shardOf = (at: number): NamedNs => shards[Math.floor(at / PORTS_PER_SHARD)]?.ns ?? namedNs('none');
  const nodes = cut(all, LINKS_PER_NODE).map((own, at) => ({ ns: namedNs(`${LAB}-n${at}`), own }));
  return [
    ...shards.map(({ ns }) => [netns(ns, 'switch')]),
    ...nodes.map(({ ns, own }) => [netns(ns, 'node'), ...own.map((at) => link(ns, at, shardOf(at)))]),
    ...shards.map(({ ns, own }) => (way === 'trunk' ? throughTrunk(ns, own) : byVxlans(ns, own))),
  ];
}

function cut<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));
}

function netns(ns: NamedNs, role: 'switch' | 'node'): Op {
  return { op: 'netns.add', ns, link: null, cause: 'bench', role, alias: `linkloom/1 ${LAB} ${role} lo`, lab: LAB };
}

function link(ns: NamedNs, at: number, shard: NamedNs): Op {
  const peer = { ns: shard, dev: `p${at}`, group: GROUP.port, mtuBytes: 1400, mac: null, link: null };
  const settings = {
    mac: null,
    mtuBytes: 1400,
    up: true,
    alias: null,
    group: GROUP.nodeEnd,
    numbers: {},
    txChecksumOff: true,
  };
  return {
    ...{ op: 'link.add', ns, link: `n:e${at}`, cause: 'bench', make: { type: 'veth', peer }, dev: `e${at}` },
    ...{ ifindex: null, queues: 1, addresses: [], routes: [], settings },
  };
}

function port(ns: NamedNs, dev: string): Op {
  const alias = `linkloom/1 ${LAB} node ${dev}`;
  return {
    op: 'port.attach',
    ns,
    link: dev,
    cause: 'bench',
    dev,
    ifindex: MADE,
    mtuBytes: null,
    master: null,
    alias,
    raise: true,
  };
}

function throughTrunk(ns: NamedNs, own: readonly number[]): readonly Op[] {
  const trunk = 'trunk';
  const alias = `linkloom/1 ${LAB} #tunnel ${trunk}`;
  const add: Op = {
    ...{ op: 'trunk.add', ns, link: null, cause: 'bench', dev: trunk, ifindex: null, group: GROUP.port, alias },
    ...{ dstPort: 8473, wiresMax: 4096, underlay: OWN_NS },
  };
  return [
    add,
    ...own.map((at) => port(ns, `p${at}`)),
    ...own.map((at): Op => {
      const wire = { dev: `p${at}`, trunk, vni: FIRST_VNI + at, ...ENDS };
      return { op: 'trunk.tie', ns, link: `n:e${at}`, cause: 'bench', ...wire, isNew: true };
    }),
  ];
}

function byVxlans(ns: NamedNs, own: readonly number[]): readonly Op[] {
  return [
    ...own.map((at): Op => {
      const wire = { dev: `v${at}`, ifindex: null, group: GROUP.port, vni: FIRST_VNI + at, ...ENDS, isFlooding: false };
      const device = { type: 'vxlan', kind: 'vxlan', dstPort: 8472, underlay: OWN_NS } as const;
      return { op: 'tunnel.add', ns, link: `v${at}`, cause: 'bench', ...device, ...wire };
    }),
    ...own.flatMap((at) => [port(ns, `p${at}`), port(ns, `v${at}`)]),
    ...own.map((at): Op => {
      const ends = { devA: `p${at}`, devB: `v${at}`, undo: [`p${at}`, `v${at}`] };
      return { op: 'wire.patch', ns, link: `n:e${at}`, otherLink: `v${at}`, cause: 'bench', ...ends };
    }),
  ];
}

function report(sizes: readonly number[], least: ReadonlyMap<string, number>): void {
  const header = machine();
  const [few = 0, many = 0] = sizes;
  const rows = WAYS.map((way) => {
    const [a = 0, b = 0] = [few, many].map((wires) => least.get(`${way} ${wires}`));
    return { way, few, many, fewUs: Math.round(a), manyUs: Math.round(b), ratio: Number((b / a).toFixed(2)) };
  });
  const title = `CPU time of one host's end of a wire to another host, least of ${flags.rounds} rounds`;
  const lines = rows.map(({ way, fewUs, manyUs, ratio }) => `| ${way} | ${fewUs} | ${manyUs} | ${ratio} |`);
  process.stdout.write(`${title}
${header.cpu} × ${header.cpus}, ${header.memoryGiB} GiB, Linux ${header.kernel}, Node ${header.node}

| way | µs at ${few} | µs at ${many} | ratio |
| --- | ---: | ---: | ---: |
${lines.join('\n')}
`);
  process.stderr.write(`\nKept in ${saveResult('trunk', { title, machine: header, rows })}\n`);
}
