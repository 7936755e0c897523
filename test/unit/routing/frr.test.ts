/** What is written for FRR, and what is refused. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { inProcess } from '../../support/cli/in-process.ts';
import { temporaryFolder } from '../../support/folder.ts';

interface Printed {
  readonly nodes: Readonly<
    Record<
      string,
      {
        readonly run?: readonly { readonly name: string; readonly command: string }[];
        readonly entrypoint?: readonly string[];
        readonly command?: unknown;
        readonly cap_add?: readonly string[];
        readonly sysctls?: Readonly<Record<string, string>>;
      }
    >
  >;
}

async function frr(text: string, ...options: string[]) {
  using folder = temporaryFolder('frr');
  writeFileSync(join(folder.path, 'lab.yaml'), text);
  const ran = await inProcess(['config', '-f', 'lab.yaml', '--lab', 'x', '--frr', ...options], { cwd: folder.path });
  return { ...ran, document: ran.exitCode === 0 ? (parse(ran.stdout) as Printed) : { nodes: {} } };
}

/** The configuration of a daemon, out of what starts it. */
function configOf({ nodes }: Printed, node: string, daemon: string): readonly string[] {
  const script = nodes[node]?.run?.find(({ name }) => name === daemon)?.command ?? nodes[node]?.entrypoint?.[2] ?? '';
  const found = new RegExp(`^cat >${daemon}\\.conf <<'END'\\n(.*?)^END$`, 'ms').exec(script)?.[1];
  return (found ?? '').split('\n').map((line) => line.trim());
}

const LAB = `
addressing: {wires: {pool: 10.0.0.0/24}, loopbacks: {pool: 10.255.0.0/24}}
nodes: {a: , b: , c: , bare: }
wires: [[a:eth0, b:eth0], [b:eth1, c:eth0]]
`;

test('OSPF: each interface in one area, wires point to point, loopbacks passive, ids from loopbacks', async () => {
  const { document } = await frr(LAB, 'ospf');
  assert.deepEqual(
    document.nodes['b']?.run?.map(({ name }) => name),
    ['zebra', 'ospfd'],
  );
  assert.equal(document.nodes['bare']?.run, undefined, 'a node without links is no router');
  const lines = configOf(document, 'b', 'ospfd');
  for (const line of ['interface eth0', 'interface eth1', 'ip ospf passive', 'ospf router-id 10.255.0.2'])
    assert.ok(lines.includes(line), `${line} in\n${lines.join('\n')}`);
  assert.equal(lines.filter((line) => line === 'ip ospf network point-to-point').length, 2);
  assert.equal(lines.filter((line) => line === 'ip ospf area 0').length, 3);
  assert.ok(!lines.some((line) => line.includes('hello-interval')));
  const fast = configOf((await frr(LAB, 'ospf', '--fast-timers')).document, 'b', 'ospfd');
  assert.equal(fast.filter((line) => line === 'ip ospf hello-interval 1').length, 2);
});

test('BGP: an AS for each node, or that of its label; nodes of one AS take routes back in', async () => {
  const { document } = await frr(LAB, 'bgp');
  const lines = configOf(document, 'b', 'bgpd');
  assert.ok(lines.includes('router bgp 4200000001'));
  assert.ok(lines.includes('neighbor 10.0.0.0 remote-as 4200000000'));
  assert.ok(lines.includes('neighbor 10.0.0.3 remote-as 4200000002'));
  assert.ok(!lines.some((line) => line.includes('allowas-in')));
  const labelled = LAB.replace('a: , b: , c: ', 'a: {labels: {asn: "65001"}}, b: , c: {labels: {asn: "65001"}}');
  const shared = (await frr(labelled, 'bgp')).document;
  assert.ok(configOf(shared, 'a', 'bgpd').includes('router bgp 65001'));
  assert.ok(configOf(shared, 'a', 'bgpd').includes('neighbor 10.0.0.1 allowas-in 1'));
  assert.ok(!configOf(shared, 'b', 'bgpd').some((line) => line.includes('allowas-in')));
});

test('a container is started with FRR in place of its own program', async () => {
  const { document } = await frr(LAB.replace('c: ', 'c: {image: frr, command: x, cap_add: [SYS_TIME]}'), 'ospf');
  const { entrypoint = [], command, cap_add, sysctls } = document.nodes['c'] ?? {};
  assert.deepEqual(entrypoint.slice(0, 2), ['sh', '-c']);
  assert.equal(command, undefined);
  assert.deepEqual(cap_add, ['SYS_TIME', 'NET_ADMIN', 'NET_RAW', 'SYS_ADMIN']);
  assert.deepEqual(sysctls, { 'net.ipv4.ip_forward': '1' });
  assert.ok(configOf(document, 'c', 'ospfd').includes('interface eth0'));
});

test('--frr-nodes chooses; the others are no neighbours', async () => {
  const { document } = await frr(LAB, 'ospf', '--frr-nodes', 'a', '--frr-nodes', 'b*');
  assert.equal(document.nodes['c']?.run, undefined);
  const bgp = configOf(
    (await frr(LAB, 'bgp', '--frr-nodes', '[ab]', '--frr-nodes', 'a', '--frr-nodes', 'b')).document,
    'b',
    'bgpd',
  );
  assert.equal(bgp.filter((line) => line.includes('remote-as')).length, 1);
});

test('what can not route is refused, with what to do', async () => {
  const rows: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['links: [{netns: a, bridge: x}, {netns: b, bridge: x}]', ['ospf'], /no node can run FRR/],
    ['nodes: {a: , b: }\nlinks: [{node: a, bridge: x}, {node: b, bridge: x}]', ['ospf'], /a:eth0 has no address/],
    [LAB.replace('a: ', 'a: {run: [{name: zebra, command: zebra}]}'), ['ospf'], /a has a program zebra already/],
    [
      LAB.replace('a: ', 'a: {labels: {asn: many}}'),
      ['bgp'],
      /ERROR: the label asn of a is no number of an AS: "many"/,
    ],
    [
      LAB.replace('a: , b: ', 'a: {labels: {asn: "7"}}, b: {labels: {asn: "7"}}'),
      ['bgp'],
      /a and b are wired and both in AS 7/,
    ],
    [LAB, ['ospf', '--frr-nodes', 'z*'], /no node can run FRR/],
  ];
  for (const [text, options, message] of rows) {
    const { exitCode, stderr, stdout } = await frr(text, ...options);
    assert.equal(exitCode, 1, text);
    assert.equal(stdout, '');
    assert.match(stderr, message);
    assert.match(stderr, /hint:/);
  }
});
