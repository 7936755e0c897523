// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are texts to interpolate
/**
 * A lab that is exported and imported again is the same lab, in all that the format has words for: each format's generator makes what
 * it has, and then nothing is noted, on either way.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { importLab } from '../../../src/config/import/import.ts';
import { NO_OPTIONS } from '../../../src/config/import/options.ts';
import { surroundingsOf } from '../../../src/config/import/surroundings.ts';
import { exportLab } from '../../../src/export/export.ts';
import type { ExportFormat } from '../../../src/export/formats.ts';
import { bridgeOf } from '../../../src/kinds/links/link-kinds.ts';
import type { LinkSpec, Topology } from '../../../src/topology/topology.ts';
import { type Checked, check } from '../../unit/config/loading.ts';

const CWD = '/nowhere/lab';
const text = fc.oneof(
  fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 8 }),
  fc.constantFrom('$', '${A}', '$$A', '{{ x }}', "it's", 'a"b', '\\', 'yes', '01', 'é', '__x__'),
);
const pairs = fc.dictionary(fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,6}$/), text, {
  minKeys: 1,
  maxKeys: 3,
  noNullPrototype: true,
});
const words = fc.array(text, { minLength: 1, maxLength: 3 });
const loopback = fc.constantFrom('10.255.0.1/32', ['10.255.0.2/32', 'fd00:ff::2/128']);
const inNamespace = { exec: fc.array(words, { minLength: 1, maxLength: 2 }), labels: pairs, ip: loopback };
const inContainer = {
  ...inNamespace,
  command: words,
  entrypoint: words,
  env: pairs,
  binds: fc.constantFrom([`${CWD}/a:/b`], ['/x:/y:ro', `${CWD}/c/d:/z`]),
  sysctls: fc.constant({ 'net.ipv4.ip_forward': '1' }),
  devices: fc.constant(['/dev/net/tun']),
  user: fc.constantFrom('root', '1:2'),
  hostname: fc.constant('h'),
  memory: fc.constantFrom('128m', '1.5g', '7000001'),
  cpus: fc.constantFrom('0.5', '2'),
  healthcheck: fc.constantFrom(
    { test: 'true', interval: '1m30s' },
    { test: ['CMD', 'a', 'b c'], timeout: '5s', start_period: '2s', retries: 4 },
  ),
  restart: fc.constantFrom('always', 'unless-stopped', 'on-failure'),
  privileged: fc.boolean(),
};
const ports = fc.constantFrom(undefined, ['8080:80'], ['127.0.0.1:53:53/udp']);
const container = fc
  .tuple(fc.record(inContainer, { requiredKeys: [] }), fc.constantFrom('alpine', 'quay.io/a/b:1'), ports)
  .map(
    ([rest, image, published]): Readonly<Record<string, unknown>> => ({
      image,
      // What sets its addresses itself has the right to; else an export adds it, and says so.
      cap_add: ['NET_ADMIN'],
      ...rest,
      ...(published === undefined ? {} : { ports: published }),
    }),
  );

const mtu = fc.option(fc.integer({ min: 1280, max: 9000 }), { nil: undefined });
const address = fc.constantFrom('4', '6', '46', '446', '');
interface Pair {
  readonly a: number;
  readonly b: number;
  readonly mtu: number | undefined;
  readonly of: readonly [string, string];
  readonly labels: Record<string, string> | undefined;
}
const pair: fc.Arbitrary<Pair> = fc.record({
  a: fc.nat(9),
  b: fc.nat(9),
  mtu,
  of: fc.tuple(address, address),
  labels: fc.option(pairs, { nil: undefined }),
});
const lan = fc.record({
  members: fc.array(fc.tuple(fc.nat(9), address), { minLength: 3, maxLength: 5 }),
  mode: fc.constantFrom('linux', undefined),
  mtu,
});
const shape = fc.record({
  namespaces: fc.integer({ min: 1, max: 3 }),
  pairs: fc.array(pair, { maxLength: 5 }),
  lans: fc.array(lan, { maxLength: 2 }),
  ties: fc.array(pair, { maxLength: 2 }),
});
type Shape = typeof shape extends fc.Arbitrary<infer S> ? S : never;

/** Addresses that nobody else has: `at` and `nth` tell which. */
function addressesOf(families: string, at: number, nth: number): readonly string[] {
  return [...families].map((family, more) =>
    family === '4' ? `10.${at}.${more}.${nth + 1}/24` : `fd00:${at}:${more}::${nth + 1}/64`,
  );
}

/** The document of a lab with these nodes. */
function labOf(nodes: readonly (readonly [string, unknown])[], { pairs: wired, lans, ties }: Shape): unknown {
  const node = (nth: number): string => nodes[nth % nodes.length]?.[0] ?? '';
  const wires = wired.map(({ a, b, mtu: bytes, of, labels }, at) => {
    const ip = of.map((families, nth) => addressesOf(families, at, nth));
    const rest = { mtu: bytes, labels, ...(of.every((families) => families === '') ? {} : { ip }) };
    return { ends: [`${node(a)}:a${at}`, `${node(b)}:b${at}`], ...rest };
  });
  const ofLans = lans.flatMap(({ members, mtu: bytes }, at) =>
    members.map(([member, families], nth) => ({
      ...{ node: node(member), dev: `l${at}x${nth}`, bridge: `lan${at}`, mtu: bytes },
      ip: addressesOf(families, 50 + at, nth),
    })),
  );
  const ofTies = ties.flatMap(({ a, b, mtu: bytes, of }, at) =>
    [a, b].map((end, nth) => ({
      ...{ node: node(end), dev: `t${at}x${nth}`, bridge: `tie${at}`, mtu: bytes },
      ...{ mac: `02:00:00:00:${at}0:0${nth}`, ip: addressesOf(of[nth] ?? '', 70 + at, nth) },
    })),
  );
  return {
    lab: 'there',
    nodes: Object.fromEntries(nodes),
    wires,
    links: [...ofLans, ...ofTies],
    bridges: [
      ...lans.map(({ mode }, at) => ({ bridge: `lan${at}`, mode })),
      ...ties.map((_, at) => ({ bridge: `tie${at}`, mode: 'direct' })),
    ],
  };
}

const named = (prefix: string, nodes: readonly unknown[]): [string, unknown][] =>
  nodes.map((node, at) => [`${prefix}${at}`, node]);

/** The first node alone publishes ports: no two may publish the same one. */
function withPorts(nodes: readonly Readonly<Record<string, unknown>>[]): readonly unknown[] {
  return nodes.map(({ ports: published, ...node }, nth) =>
    published === undefined || nth > 0 ? node : { ...node, ports: published },
  );
}

const containers = fc.array(container, { minLength: 1, maxLength: 3 }).map((nodes) => named('c', withPorts(nodes)));
const namespaces = fc
  .array(fc.option(fc.record(inNamespace, { requiredKeys: [] }), { nil: null }), { minLength: 1, maxLength: 3 })
  .map((nodes) => named('n', nodes));
const both = fc.tuple(containers, namespaces, shape).map(([some, others, more]) => labOf([...some, ...others], more));
const graphs = fc
  .tuple(
    fc.array(fc.option(fc.record({ labels: pairs, ip: loopback }, { requiredKeys: [] }), { nil: null }), {
      minLength: 1,
      maxLength: 5,
    }),
    shape,
    fc.constantFrom(undefined, { delay: '5ms' }, { delay: '12.5us', rate: '10mbit' }, { rate: '9123456bit' }),
  )
  .map(([nodes, more, impair]) => {
    const lab = labOf(named('n', nodes), more) as { wires: object[] };
    return { ...lab, wires: lab.wires.map((wire) => ({ ...wire, impair })) };
  });

const literally = (data: unknown): string => JSON.stringify(data).replaceAll('$', '$$$$');

/** What a lab is: its nodes, its links by their names, and who is joined to whom. Names of bridges of two ends are no part of it. */
function said({ lab, nodes = [], links, bridges }: Topology): unknown {
  const members = new Map<string, string[]>();
  const nameOf = ({ selector, dev }: LinkSpec): string => `${selector.kind}/${selector.name}:${dev}`;
  for (const link of links) {
    const bridge = bridgeOf(link) ?? '';
    members.set(bridge, [...(members.get(bridge) ?? []), nameOf(link)]);
  }
  const domainOf = (bridge: string | null): unknown => (members.get(bridge ?? '') ?? []).toSorted();
  return JSON.parse(
    JSON.stringify({
      lab,
      nodes: nodes.map((node) => ({ ...node, where: null })),
      links: links
        .map((link) => ({ ...link, bridge: domainOf(bridgeOf(link)), where: null, netemText: null }))
        .toSorted((a, b) => (nameOf(a as never) < nameOf(b as never) ? -1 : 1)),
      modes: bridges
        .map(({ name, mode }) => [domainOf(name), mode])
        .toSorted((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1)),
    }),
  );
}

const STAND_INS = new Set(['export-stood-in', 'import-stood-in']);

async function thereAndBack(
  data: unknown,
  to: ExportFormat,
): Promise<{ before: Checked; after: Checked; notes: unknown }> {
  const before = await check(literally(data), { cwd: CWD });
  assert.deepEqual(
    before.diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  );
  const { text: written, notes } = exportLab(before.config, before.lab, to, { folder: CWD, standIn: () => 'alpine:3' });
  const around = surroundingsOf(CWD, CWD, () => undefined);
  const request = { file: 'there', text: written, format: to, options: NO_OPTIONS, around };
  const back = await importLab(request);
  const after = await check(literally(back.document()), { cwd: CWD });
  assert.deepEqual(
    after.diagnostics.filter(({ severity }) => severity === 'error'),
    [],
    written,
  );
  return {
    before,
    after,
    notes: {
      of: [...notes, ...back.notes.inOrder].filter(({ code }) => !STAND_INS.has(code)),
      back: back.notes.inOrder,
    },
  };
}

const LABS: Readonly<Record<ExportFormat, fc.Arbitrary<unknown>>> = {
  containerlab: both,
  compose: both,
  'node-link': graphs,
};

describe('what is exported and imported again', () => {
  for (const [to, labs] of Object.entries(LABS) as [ExportFormat, fc.Arbitrary<unknown>][]) {
    test(`is the same lab (${to})`, () =>
      fc.assert(
        fc.asyncProperty(labs, async (data) => {
          const { before, after, notes } = await thereAndBack(data, to);
          assert.deepEqual(notes, { of: [], back: [] });
          assert.deepEqual(said(after.topology), said(before.topology));
        }),
        { numRuns: 200 },
      ));
  }
});
