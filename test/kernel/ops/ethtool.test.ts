import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { NsId } from '../../../src/net/ns-id.ts';
import { parseEthtool } from '../../../src/topology/text/ethtool.ts';
import { isFault } from '../../../src/topology/text/fault.ts';
import type { EthtoolSetting } from '../../../src/topology/values.ts';
import type { Op } from '../../../src/wire/op.ts';
import { type Netns, newNetns } from '../../support/netns.ts';
import { applyJob, dumpOf, veth } from './ops.ts';

function set(ns: NsId, dev: string, ...texts: readonly string[]): Op {
  const settings = texts.flatMap((text): readonly EthtoolSetting[] => {
    const parsed = parseEthtool(text);
    if (isFault(parsed)) throw new Error(parsed.message);
    return parsed;
  });
  return { op: 'ethtool.set', ns, link: `node:${dev}`, cause: 'test', dev, settings };
}

async function features(ns: Netns, dev: string): Promise<ReadonlyMap<string, string>> {
  const text = await ns.exec('ethtool', '--show-features', dev);
  return new Map(
    text.split('\n').flatMap((line) => {
      const [name, state] = line.trim().split(': ');
      return name && state ? [[name, state.split(' ')[0] ?? ''] as const] : [];
    }),
  );
}

const offloadsOf = (ns: Netns, dev: string, ...offloads: readonly string[]) =>
  dumpOf(ns.id, { offloads }).links.find((link) => link.ifname === dev)?.offloads;

describe('features of a device', () => {
  test('are switched as ethtool switches them, and read back', async () => {
    await using ns = await newNetns();
    assert.deepEqual(applyJob(ns.id, [veth(ns.id, 'a', ns.id, 'b')]), []);
    assert.deepEqual(offloadsOf(ns, 'a', 'rx', 'gro', 'sg'), { rx: true, gro: false, sg: true });
    const texts = ['--offload rx off gro on', '-K scatter-gather off rxvlan off'];
    assert.deepEqual(applyJob(ns.id, [set(ns.id, 'a', ...texts)]), []);
    const seen = await features(ns, 'a');
    assert.equal(seen.get('rx-checksumming'), 'off');
    assert.equal(seen.get('generic-receive-offload'), 'on');
    assert.equal(seen.get('scatter-gather'), 'off');
    assert.equal(seen.get('rx-vlan-offload'), 'off');
    assert.equal(seen.get('tx-vlan-offload'), 'on');
    const read = offloadsOf(ns, 'a', 'rx', 'gro', 'sg', 'rxvlan', 'txvlan');
    assert.deepEqual(read, { rx: false, gro: true, sg: false, rxvlan: false, txvlan: true });
    assert.deepEqual(offloadsOf(ns, 'lo', 'rx'), null, 'nothing of a device that is not linkloom’s');
  });

  test('of another kind are set by the program', async () => {
    await using ns = await newNetns();
    assert.deepEqual(applyJob(ns.id, [veth(ns.id, 'a', ns.id, 'b', { queues: 2 })]), []);
    assert.deepEqual(applyJob(ns.id, [set(ns.id, 'a', '-L rx 2 tx 2', '-K tx-checksum-sctp off')]), []);
    assert.equal((await features(ns, 'a')).get('tx-checksum-sctp'), 'off');
    assert.match(await ns.exec('ethtool', '--show-channels', 'a'), /Current.*RX:\s+2/s);
  });

  test('that a device does not have, or that hang on others, are named by their text', async () => {
    await using ns = await newNetns();
    assert.deepEqual(applyJob(ns.id, [veth(ns.id, 'a', ns.id, 'b')]), []);
    const refused = applyJob(ns.id, [
      set(ns.id, 'a', '-K gro on ntuple on'),
      set(ns.id, 'a', '-K tx off tso on'),
      set(ns.id, 'a', '--coalesce rx-usecs 10; touch /tmp/linkloom-was-here'),
      set(ns.id, 'b', '-K rx off'),
    ]);
    assert.deepEqual(
      refused.map(({ op, subject }) => `${op} ${subject}`),
      [
        '0 a: ethtool -K ntuple on',
        '1 a: ethtool -K tso on',
        '2 a: ethtool --coalesce rx-usecs 10; touch /tmp/linkloom-was-here',
      ],
    );
    assert.deepEqual(offloadsOf(ns, 'a', 'gro', 'ntuple', 'tx', 'tso'), {
      gro: true,
      ntuple: false,
      tx: false,
      tso: false,
    });
    assert.deepEqual(offloadsOf(ns, 'b', 'rx'), { rx: false }, 'the others are made');
    await assert.rejects(ns.exec('test', '-e', '/tmp/linkloom-was-here'));
  });
});
