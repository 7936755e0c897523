/** `verify` over several hosts: each fault of a wire between hosts is named as what it is, with the ends on both. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LinkProof } from '../../../src/proof/proof.ts';
import type { TrunkDump } from '../../../src/wire/seen.ts';
import { update } from '../../../workers/bpf/call.ts';
import { TrunkMaps } from '../../../workers/bpf/trunk-maps.ts';
import { keyOf, outValue } from '../../../workers/bpf/trunk-program.ts';
import { RunningSite } from '../../support/cluster/running.ts';
import { needs } from '../../support/needs.ts';

const MTU = 1400;

/** By bridge its ends, `NODE:DEV` with the host's letter first in the node's name. */
const WIRES: Readonly<Record<string, { readonly ends: readonly string[]; readonly mtu?: number }>> = {
  p: { ends: ['a0:p', 'b0:p'] },
  q: { ends: ['a1:q', 'b1:q'] },
  // With the headers of a tunnel it does not fit into one packet of the underlay.
  large: { ends: ['a0:large', 'b1:large'], mtu: 1500 },
  r: { ends: ['b0:r', 'c0:r'] },
  local: { ends: ['a0:local', 'a1:local'] },
};

const LAN = ['a0:lan', 'a1:lan', 'b0:lan', 'c0:lan'];

const LAB = {
  lab: 'proof',
  hosts: { h1: { nodes: ['a*'] }, h2: { nodes: ['b*'] }, h3: { nodes: ['c*'] } },
  bridges: [{ bridge: 'lan' }, ...Object.keys(WIRES).map((bridge) => ({ bridge, mode: 'direct' }))],
  links: [
    ...Object.entries(WIRES).flatMap(([bridge, { ends, mtu = MTU }]) =>
      ends.map((end) => ({ ...linkOf(end), bridge, mtu })),
    ),
    ...LAN.map((end) => ({ ...linkOf(end), bridge: 'lan', mtu: MTU })),
  ],
};

const LINKS = LAB.links.length;

function linkOf(end: string): { readonly netns: string; readonly dev: string } {
  const [netns = '', dev = ''] = end.split(':');
  return { netns, dev };
}

interface Document {
  readonly proved: boolean;
  readonly links: readonly LinkProof[];
  readonly tunnels: readonly object[];
  readonly silent: readonly { readonly host: string; readonly why: string }[];
  /** In the answers of an agent. */
  readonly part?: { readonly host: string; readonly peers: readonly string[]; readonly bridges: readonly string[] };
  readonly exitCode: number;
  readonly stderr: string;
}

class Proofs {
  readonly running: RunningSite;

  constructor(running: RunningSite) {
    this.running = running;
  }

  async verify(...words: readonly string[]): Promise<Document> {
    const ran = await this.running.site.verb('h3', 'verify', '--lab', 'proof', '--json', ...words);
    assert.notEqual(ran.stdout, '', `${ran.stderr}\n${this.running.logs()}`);
    return { ...(JSON.parse(ran.stdout) as Document), exitCode: ran.exitCode, stderr: ran.stderr };
  }

  /** What the API of one host answers. */
  async ofAgent(host: string, ...links: readonly string[]): Promise<Document> {
    const options = { socketPath: '/run/linkloom/proof/api.sock', path: '/verify', method: 'POST' };
    const headers = { 'content-type': 'application/json' };
    const script = `require('node:http').request(${JSON.stringify({ ...options, headers })}, (answer) => answer.pipe(process.stdout))
      .end(${JSON.stringify(JSON.stringify({ links }))})`;
    return JSON.parse(await this.running.site.hosts.exec(host, process.execPath, ['-e', script])) as Document;
  }

  /** The links that are not ok, once they are these: what a host's kernel was told can take a moment. */
  async faults(...words: readonly string[]): Promise<ReadonlyMap<string, LinkProof>> {
    const { links } = await this.verify(...words);
    return new Map(links.filter(({ state }) => state !== 'ok').map((link) => [link.link, link]));
  }

  /** Runs commands on a host, one after the other; `ip netns exec` is before each that begins with a namespace and `:`. */
  async on(host: string, ...commands: readonly string[]): Promise<void> {
    for (const command of commands) {
      const [words, netns] = command.includes(': ')
        ? [command.slice(command.indexOf(': ') + 2), command.split(': ')[0]]
        : [command, null];
      const [program = '', ...args] = [...(netns ? ['ip', 'netns', 'exec', netns] : []), ...words.split(' ')];
      await this.running.site.hosts.exec(host, program, args);
    }
  }

  /** The program that gets what these ports of a host receive, and their indexes. */
  async trunkOf(
    host: string,
    ...ports: readonly string[]
  ): Promise<{ readonly id: number; readonly at: readonly number[] }> {
    const inside = (...words: readonly string[]): Promise<string> =>
      this.running.site.hosts.exec(host, 'ip', ['netns', 'exec', 'linkloom-proof', ...words]);
    const filter = await inside('tc', 'filter', 'show', 'dev', ports[0] ?? '', 'ingress');
    const id = Number(/ id (\d+)/.exec(filter)?.[1]);
    assert.ok(id > 0, filter);
    const all = JSON.parse(await inside('ip', '-json', 'link')) as readonly { ifname: string; ifindex: number }[];
    return { id, at: ports.map((port) => all.find(({ ifname }) => ifname === port)?.ifindex ?? assert.fail(port)) };
  }
}

/** Has a trunk treat two of its ports as each other. The result puts back what was there. */
function swap(id: number, [one = 0, other = 0]: readonly number[]): () => void {
  using maps = TrunkMaps.open(id);
  assert.ok(maps);
  const before = maps.entries();
  const partner = (port: number): number => (port === one ? other : port === other ? one : port);
  write(id, {
    out: before.out.map((entry) => ({ ...entry, port: partner(entry.port) })),
    in: before.in.map(({ vni, port }) => ({ vni, port: partner(port) })),
  });
  return () => write(id, before);
}

function write(id: number, entries: Pick<TrunkDump, 'out' | 'in'>): void {
  using maps = TrunkMaps.open(id);
  assert.ok(maps);
  for (const entry of entries.out) update(maps.out, 'test', keyOf(entry.port), outValue(entry));
  for (const { vni, port } of entries.in) update(maps.in, 'test', keyOf(vni), keyOf(port));
}

test('proofs over three hosts', needs('root', 'program:openssl', 'program:tc', 'program:nft'), async (t) => {
  await using running = await RunningSite.start();
  const proofs = new Proofs(running);

  await t.test('up --verify proves all wires, those between hosts too, and a LAN', async () => {
    const file = running.write('lab.json', LAB);
    const { stdout } = await running.must('h1', 'up', '-f', file, '--verify', '--json');
    const { verify } = JSON.parse(stdout) as { readonly verify: Document };
    assert.equal(verify.links.length, LINKS);
    assert.deepEqual(
      verify.links.filter(({ state }) => state !== 'ok'),
      [],
    );
    assert.equal(verify.proved, true);
    assert.deepEqual(verify.tunnels, []);
    const byLink = new Map(verify.links.map((link) => [link.link, link]));
    assert.equal(byLink.get('a0:p')?.mtuBytes, MTU);
    // No clock of two hosts is the same.
    assert.deepEqual(byLink.get('a0:p')?.latencyNs, { out: null, in: null });
  });

  await t.test('the API of an agent says that what leads to other hosts is not proved there', async () => {
    const own = await proofs.ofAgent('h1');
    assert.equal(own.proved, false);
    assert.equal(own.part?.host, 'h1');
    assert.deepEqual(own.part?.peers, ['h2', 'h3']);
    assert.deepEqual(own.part?.bridges, ['lan', 'large', 'p', 'q']);
    assert.deepEqual(own.tunnels, []);
    const states = new Map(own.links.map(({ link, state }) => [link, state]));
    assert.equal(states.get('a0:p'), 'not-proved');
    assert.equal(states.get('a0:local'), 'ok');
    assert.match(own.links.find(({ link }) => link === 'a0:p')?.hint ?? '', /verify --store/);
    const local = await proofs.ofAgent('h1', 'bridge/local');
    assert.equal(local.proved, true);
    assert.equal(local.part, undefined);
  });

  await t.test(
    'what is larger than the underlay takes passes in fragments, which is said; where they are lost, too',
    async () => {
      const { stderr, exitCode } = await proofs.verify('bridge/large');
      assert.equal(exitCode, 0);
      assert.match(stderr, /2 links between hosts carry packets of more than 1450 bytes in fragments/);
      await proofs.on(
        'h2',
        'nft add table netdev lost',
        'nft add chain netdev lost way { type filter hook ingress device "eth0" priority 0 ; }',
      );
      await proofs.on('h2', 'nft add rule netdev lost way ip frag-off & 0x3fff != 0 drop');
      const faults = await proofs.faults('bridge/large', 'bridge/p');
      await proofs.on('h2', 'nft delete table netdev lost');
      // From h2 to h1 they pass.
      assert.deepEqual([...faults].map(([link, { state }]) => `${link} ${state}`).sort(), [
        'a0:large mtu',
        'b1:large mtu',
      ]);
      assert.match(
        faults.get('a0:large')?.message ?? '',
        /packets of 1500 bytes to b1:large do not arrive, though small ones do: between h1 and h2 what is larger than 1450 bytes goes in fragments, and they are lost/,
      );
      assert.match(faults.get('a0:large')?.hint ?? '', /mtu: 1450/);
    },
  );

  await t.test('one direction is dropped', async () => {
    await proofs.on('h1', 'a0: nft add table netdev lost');
    await proofs.on(
      'h1',
      'a0: nft add chain netdev lost way { type filter hook egress device "p" priority 0 ; policy drop ; }',
    );
    const faults = await proofs.faults();
    await proofs.on('h1', 'a0: nft delete table netdev lost');
    assert.deepEqual([...faults].map(([link, { state }]) => `${link} ${state}`).sort(), [
      'a0:p one-way',
      'b0:p one-way',
    ]);
    assert.match(
      faults.get('a0:p')?.message ?? '',
      /^what it sends does not arrive at b0:p, while what is sent there arrives/,
    );
    assert.match(faults.get('b0:p')?.message ?? '', /^nothing arrives from a0:p, while what it sends arrives there/);
    assert.match(faults.get('b0:p')?.hint ?? '', /^on h2: look for what drops or redirects/);
  });

  await t.test('nothing passes to an end on another host, of a wire and of a LAN', async () => {
    for (const dev of ['r', 'lan']) {
      const hook = (way: string): string =>
        `c0: nft add chain netdev lost ${way} { type filter hook ${way} device "${dev}" priority 0 ; policy drop ; }`;
      await proofs.on('h3', 'c0: nft add table netdev lost', hook('ingress'), hook('egress'));
      const faults = await proofs.faults();
      await proofs.on('h3', 'c0: nft delete table netdev lost');
      const wanted = dev === 'r' ? ['b0:r nothing', 'c0:r nothing'] : ['c0:lan nothing'];
      assert.deepEqual([...faults].map(([link, { state }]) => `${link} ${state}`).sort(), wanted);
    }
  });

  await t.test('an end that is set down on another host', async () => {
    await running.must('h1', 'set', '--lab', 'proof', 'b0:p', '--down');
    const faults = await proofs.faults('a0:p', 'b0:p');
    await running.must('h1', 'reset', '--lab', 'proof');
    assert.deepEqual([...faults].map(([link, { state }]) => `${link} ${state}`).sort(), [
      'a0:p not-proved',
      'b0:p not-proved',
    ]);
    assert.match(
      faults.get('a0:p')?.message ?? '',
      /^b0:p, which it is tied to, is not probed: it was changed by hand/,
    );
  });

  await t.test('two wires are swapped: both are named, with where they lead', async () => {
    const { id, at } = await proofs.trunkOf('h1', 'a0-p', 'a1-q');
    const putBack = swap(id, at);
    const faults = await proofs.faults();
    assert.deepEqual([...faults].map(([link, { state }]) => `${link} ${state}`).sort(), [
      'a0:p miswired',
      'a1:q miswired',
      'b0:p miswired',
      'b1:q miswired',
    ]);
    assert.deepEqual(faults.get('a0:p')?.hears, ['b1:q']);
    assert.deepEqual(faults.get('a0:p')?.heardBy, ['b1:q']);
    assert.deepEqual(faults.get('b0:p')?.hears, ['a1:q']);
    assert.match(
      faults.get('b0:p')?.message ?? '',
      /probes of a1:q arrive here, where they do not belong; its own arrive at a1:q/,
    );
    putBack();
    assert.deepEqual([...(await proofs.faults()).keys()], []);
  });

  await t.test(
    'a host that does not answer: its links are not proved, and nobody takes that for a success',
    async () => {
      const { site } = running;
      await site.end('agent', 'h2');
      const { links, silent, proved, exitCode } = await proofs.verify();
      assert.equal(exitCode, 1);
      assert.equal(proved, false);
      assert.deepEqual(
        silent.map(({ host }) => host),
        ['h2'],
      );
      assert.equal(links.length, LINKS);
      const told = new Map(links.map((link) => [link.link, link]));
      for (const end of ['b0:p', 'b1:q', 'b0:r', 'b0:lan', 'b1:large']) {
        assert.equal(told.get(end)?.state, 'not-proved', end);
        assert.match(told.get(end)?.message ?? '', /host h2 does not answer/);
      }
      assert.match(
        told.get('a0:p')?.message ?? '',
        /^b0:p, which it is tied to, is not probed: host h2 does not answer/,
      );
      for (const end of ['a0:local', 'a0:lan', 'c0:lan']) assert.equal(told.get(end)?.state, 'ok', end);
      site.startAgent('h2');
      await running.agentsLive();
    },
  );

  await t.test('a reader may not have probes sent', async () => {
    const { site } = running;
    const { exitCode } = await site.linkloom('h1', 'verify', '--lab', 'proof', ...site.storeWords('readers'));
    assert.equal(exitCode, 1);
    await running.down('proof');
  });
});
