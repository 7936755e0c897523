/** Address translation by either means, on packets. Rules are read back with nft and iptables-save, never with linkloom's own code alone. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { execa } from 'execa';
import { ownerOf, ruleComment } from '../../../src/net/rule-mark.ts';
import type { NatSet, Translation } from '../../../src/wire/ops/extras.ts';
import { Namespace } from '../../../workers/namespaces.ts';
import type { Change, Translator } from '../../../workers/nat/change.ts';
import { iptables, probeIptablesHere } from '../../../workers/nat/iptables.ts';
import { nftables } from '../../../workers/nat/nftables.ts';
import { translator } from '../../../workers/nat/translator.ts';
import { enterNew } from '../../../workers/netns.ts';
import { type Netns, newNetns } from '../../support/netns.ts';
import { answer } from '../../support/traffic/tcp.ts';
import { LAB } from '../ops/ops.ts';

const hasIptables = enterNew('test', probeIptablesHere);

function changeOf(at: number, add: readonly Translation[], del: readonly string[] = []): Change {
  const op: NatSet = {
    op: 'nat.set',
    ns: 'self',
    link: null,
    cause: 'test',
    lab: LAB,
    add: add.map((translation) => ({ comment: commentOf(translation), translation })),
    del,
  };
  return { at, op };
}

function commentOf(translation: Translation): string {
  const text = translation.kind === 'nat' ? `nat ${translation.to}` : `forward ${translation.outerPort}`;
  return ruleComment({ lab: LAB, owner: ownerOf('node:eth0'), text });
}

function within<T>(ns: Netns, work: (space: Namespace) => T): T {
  using space = Namespace.open(ns.id);
  return work(space);
}

/** outside — middle — inside, each pair with a veth; the middle passes packets on. */
async function chain(): Promise<{ readonly outside: Netns; readonly middle: Netns; readonly inside: Netns }> {
  const [outside, middle, inside] = [await newNetns('o'), await newNetns('m'), await newNetns('i')];
  const ip = (...words: readonly string[]) => execa('ip', words);
  // Neighbours are asked for from the link-local address, which else is not there before seconds have passed.
  await middle.exec('sysctl', '-qw', 'net.ipv6.conf.default.accept_dad=0');
  for (const [ns, dev] of [[outside, 'out'] as const, [inside, 'in'] as const]) {
    await ip('link', 'add', 'eth0', 'netns', ns.name, 'type', 'veth', 'peer', 'name', dev, 'netns', middle.name);
    await ip('-n', ns.name, 'link', 'set', 'eth0', 'up');
    await ip('-n', middle.name, 'link', 'set', dev, 'up');
  }
  for (const [ns, dev, ...addresses] of [
    [outside, 'eth0', '192.0.2.2/24', '2001:db8:1::2/64'],
    [middle, 'out', '192.0.2.1/24', '2001:db8:1::1/64'],
    [middle, 'in', '10.0.0.1/24', '2001:db8:2::1/64'],
    [inside, 'eth0', '10.0.0.2/24', '2001:db8:2::2/64'],
  ] as const) {
    for (const address of addresses) await ip('-n', ns.name, 'address', 'add', address, 'dev', dev, 'nodad');
  }
  await ip('-n', inside.name, 'route', 'add', 'default', 'via', '10.0.0.1');
  await ip('-n', inside.name, '-6', 'route', 'add', 'default', 'via', '2001:db8:2::1');
  await middle.exec('sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1');
  return { outside, middle, inside };
}

const NAT: Translation = { kind: 'nat', dev: 'out', to: '10.0.0.2', from: '192.0.2.1' };
const NAT6: Translation = { kind: 'nat', dev: 'out', to: '2001:db8:2::2', from: '2001:db8:1::1' };
const FORWARD: Translation = {
  kind: 'forward',
  uplink: 'out',
  bridge: 'in',
  protocol: 'tcp',
  outerPort: 8080,
  to: '10.0.0.2',
  innerPort: 80,
};

function battery(by: Translator, list: (ns: Netns) => Promise<string>): void {
  test('what arrives by a device goes to another address, what leaves comes from its own', async () => {
    const { outside, middle, inside } = await chain();
    await using _o = outside;
    await using _m = middle;
    await using _i = inside;
    assert.deepEqual(
      within(middle, (space) => by.change(space, LAB, [changeOf(0, [NAT])])),
      [],
    );
    await using server = await answer(inside, 80);
    assert.equal(await server.from(outside, '192.0.2.1'), '192.0.2.2');
    await using other = await answer(outside, 80);
    assert.equal(await other.from(inside, '192.0.2.2'), '192.0.2.1');
    await outside.exec('ping', '-c', '1', '-W', '3', '192.0.2.1');
  });

  test('does the same to IPv6', async () => {
    const { outside, middle, inside } = await chain();
    await using _o = outside;
    await using _m = middle;
    await using _i = inside;
    assert.deepEqual(
      within(middle, (space) => by.change(space, LAB, [changeOf(0, [NAT6, NAT])])),
      [],
    );
    await using server = await answer(inside, 80);
    assert.equal(await server.from(outside, '2001:db8:1::1'), '2001:db8:1::2');
    assert.equal(await server.from(outside, '192.0.2.1'), '192.0.2.2');
  });

  test('a forwarded port leads in, and who comes by it is seen as from the middle', async () => {
    const { outside, middle, inside } = await chain();
    await using _o = outside;
    await using _m = middle;
    await using _i = inside;
    await using server = await answer(inside, 80);
    await using other = await answer(inside, 81);
    await execa('ip', ['-n', outside.name, 'route', 'add', '10.0.0.0/24', 'via', '192.0.2.1']);
    within(middle, (space) => by.change(space, LAB, [changeOf(0, [FORWARD])]));
    assert.equal(await server.from(outside, '192.0.2.1', 8080), '10.0.0.1');
    assert.equal(await other.from(outside, '10.0.0.2'), '192.0.2.2', 'what is not forwarded keeps its address');
    assert.equal(await server.from(outside, '10.0.0.2'), '192.0.2.2', 'nor what goes to the same port directly');
  });

  test('the same again makes no second rule; what is removed leaves nothing of the lab, and all of others', async () => {
    await using ns = await newNetns();
    const foreign =
      'add table ip mine; add chain ip mine post { type nat hook postrouting priority 100; }; add rule ip mine post oifname "x" masquerade comment "linkloom/1 other-lab a:eth0 nat 1"';
    await ns.exec('nft', foreign);
    const change = (...changes: readonly Change[]) => within(ns, (space) => by.change(space, LAB, changes));
    const read = () => within(ns, (space) => by.read(space, LAB));
    assert.deepEqual(read(), []);
    for (let time = 0; time < 3; time++) {
      assert.deepEqual(change(changeOf(0, [NAT]), changeOf(1, [FORWARD])), []);
      const seen = [...read()].sort((a, b) => (a.comment < b.comment ? 1 : -1));
      assert.deepEqual(seen, [
        { comment: commentOf(NAT), rules: 2 },
        { comment: commentOf(FORWARD), rules: 2 },
      ]);
    }
    assert.equal((await list(ns)).split(LAB).length - 1, by.name === 'nftables' ? 5 : 4);
    change(changeOf(0, [], [commentOf(NAT), 'linkloom/1 never a:b there']));
    assert.deepEqual(read(), [{ comment: commentOf(FORWARD), rules: 2 }]);
    change(changeOf(0, [], [commentOf(FORWARD)]));
    assert.deepEqual(read(), []);
    assert.doesNotMatch(await list(ns), new RegExp(LAB));
    assert.match(await ns.exec('nft', 'list', 'ruleset'), /other-lab/);
    assert.deepEqual(change(changeOf(0, [], [commentOf(FORWARD)])), []);
  });

  test('takes a thousand at once', async () => {
    await using ns = await newNetns();
    const ports = Array.from({ length: 1000 }, (_, index) => ({ ...FORWARD, outerPort: 10_000 + index }));
    assert.deepEqual(
      within(ns, (space) => by.change(space, LAB, [changeOf(0, ports)])),
      [],
    );
    const seen = within(ns, (space) => by.read(space, LAB));
    assert.equal(seen.length, 1000);
    assert.ok(seen.every(({ rules }) => rules === 2));
    within(ns, (space) => by.change(space, LAB, [changeOf(0, [], ports.map(commentOf))]));
    assert.doesNotMatch(await list(ns), new RegExp(LAB));
  });

  test('exchanges one translation for another in one step', async () => {
    await using ns = await newNetns();
    const change = (...changes: readonly Change[]) => within(ns, (space) => by.change(space, LAB, changes));
    change(changeOf(0, [NAT]));
    const next = { ...NAT, to: '10.0.0.3' };
    change(changeOf(0, [next], [commentOf(NAT)]));
    assert.match(await list(ns), /10\.0\.0\.3/);
    assert.doesNotMatch(await list(ns), /10\.0\.0\.2/);
  });
}

describe('nftables', () => {
  battery(nftables, (ns) => ns.exec('nft', 'list', 'ruleset'));

  test('is what this kernel is served with', () => assert.equal(translator(), nftables));
});

describe('iptables', hasIptables ? {} : { skip: 'this kernel has no iptables of its own' }, () => {
  const saved = async (ns: Netns): Promise<string> =>
    (await ns.exec('iptables-legacy-save', '-t', 'nat')) + (await ns.exec('ip6tables-legacy-save', '-t', 'nat'));
  battery(iptables, saved);

  test('refuses one change by name and makes the others', async () => {
    await using ns = await newNetns();
    const wrong = { ...FORWARD, outerPort: 99_999 };
    const refusals = within(ns, (space) => iptables.change(space, LAB, [changeOf(0, [NAT]), changeOf(1, [wrong])]));
    assert.deepEqual(
      refusals.map(({ change, message }) => [change.at, /99999/.test(message)]),
      [[1, true]],
    );
    assert.match(await saved(ns), /10\.0\.0\.2/);
    const wild = { ...NAT, dev: 'eth+' };
    assert.throws(() => within(ns, (space) => iptables.change(space, LAB, [changeOf(0, [wild])])), /any ending/);
  });

  test('no program is started where nobody uses it', async () => {
    await using ns = await newNetns();
    const path = process.env['PATH'];
    process.env['PATH'] = '/nonexistent';
    try {
      assert.deepEqual(
        within(ns, (space) => iptables.read(space, LAB)),
        [],
      );
    } finally {
      process.env['PATH'] = path;
    }
  });
});
