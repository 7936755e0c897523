/** `--frr`: networks of namespaces with real routers, which find all ways by themselves, and what is left of them: nothing. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { linkloom } from '../../support/bin.ts';
import { needs } from '../../support/needs.ts';
import { uniqueName } from '../../support/netns.ts';

const needed = needs('root', 'program:ip', 'program:ping', 'program:/usr/lib/frr/zebra');
const FOLDER = '/var/run/frr';
const PATIENCE_MS = 60_000;

/** A ring of four, a tail, and two nodes on a LAN: wires, a bridge, and a name that FRR does not take for a folder. */
const GRAPH = `
addressing:
  wires: {pool: 10.0.0.0/24}
  loopbacks: {pool: 10.255.0.0/24}
  wires6: {pool: "fd00:1::/64"}
  loopbacks6: {pool: "fd00:2::/64"}
nodes: {a: , b: , c: , d: , St.-Louis: }
wires: [[a:eth0, b:eth0], [b:eth1, c:eth0], [c:eth1, d:eth0], [d:eth1, a:eth1]]
links:
  - {node: a, dev: lan0, bridge: lan, ip: [10.1.0.1/24, "fd00:3::1/64"]}
  - {node: b, dev: lan0, bridge: lan, ip: [10.1.0.2/24, "fd00:3::2/64"]}
  - {node: St.-Louis, dev: lan0, bridge: lan, ip: [10.1.0.3/24, "fd00:3::3/64"]}
`;
const NODES = ['a', 'b', 'c', 'd', 'St.-Louis'];

/** Which loopbacks a node does not reach. */
async function unreached(lab: string, from: string): Promise<readonly string[]> {
  const addresses = NODES.flatMap((_, at) => [`10.255.0.${at + 1}`, `fd00:2::${at + 1}`]);
  const asked = addresses.map(async (address) => {
    const ping = await execa('ip', ['netns', 'exec', `${lab}.${from}`, 'ping', '-c1', '-W1', address], {
      reject: false,
    });
    return ping.exitCode === 0 ? [] : [`${from} ${address}`];
  });
  return (await Promise.all(asked)).flat();
}

async function converged(lab: string): Promise<void> {
  const deadlineMs = Date.now() + PATIENCE_MS;
  for (;;) {
    const left: string[] = [];
    for (const node of NODES) left.push(...(await unreached(lab, node)));
    if (left.length === 0) return;
    assert.ok(Date.now() < deadlineMs, `never reached: ${left.join(', ')}`);
    await delay(250);
  }
}

const foldersOf = (lab: string): readonly string[] =>
  existsSync(FOLDER) ? readdirSync(FOLDER).filter((name) => name.startsWith(`${lab}@`)) : [];

const PROTOCOLS = ['ospf', 'bgp'] as const;

describe('a network with FRR in its namespaces', { concurrency: PROTOCOLS.length, timeout: 240_000, ...needed }, () => {
  for (const protocol of PROTOCOLS) {
    it(`reaches every loopback by ${protocol}, over both families, and again without two links`, () =>
      routes(protocol));
  }
});

async function routes(protocol: (typeof PROTOCOLS)[number]): Promise<void> {
  const lab = uniqueName('f');
  const written = await linkloom(['config', '-f', '-', '--lab', lab, '--frr', protocol, '--fast-timers'], {
    input: GRAPH,
  });
  assert.equal(written.exitCode, 0, written.stderr);
  try {
    const made = await linkloom(['up', '-f', '-'], { input: written.stdout });
    assert.equal(made.exitCode, 0, made.stderr);
    await converged(lab);
    assert.equal(foldersOf(lab).length, NODES.length);
    const space = ['netns', 'exec', `${lab}.a`, 'vtysh', '-N', `${lab}@a`, '-c'];
    const asked = protocol === 'ospf' ? 'show ip ospf neighbor json' : 'show bgp ipv4 summary json';
    const { stdout } = await execa('ip', [...space, asked]);
    const { neighbors, ipv4Unicast, peers = ipv4Unicast?.peers } = JSON.parse(stdout);
    // OSPF lists b once, by its id; BGP has a session with b on the wire and one on the LAN.
    assert.equal(Object.keys(neighbors ?? peers).length, protocol === 'ospf' ? 3 : 4);
    await execa('ip', ['-netns', `${lab}.a`, 'link', 'set', 'eth0', 'down']);
    await execa('ip', ['-netns', `${lab}.a`, 'link', 'set', 'lan0', 'down']);
    await converged(lab);
  } finally {
    await linkloom(['down', '--lab', lab]);
  }
  assert.deepEqual(foldersOf(lab), []);
}
