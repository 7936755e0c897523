import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { linkLocalOf } from '../../../src/net/mac.ts';
import type { OpFailure } from '../../../src/wire/failure.ts';
import { NetlinkSocket } from '../../../workers/netlink/socket.ts';
import { needs } from '../../support/needs.ts';
import { newNetns } from '../../support/netns.ts';
import { alone, applyJob, change, dumpOf, GROUP, LAB, route, veth } from './ops.ts';

const OTHER_KINDS = [
  { type: 'dummy' },
  { type: 'vlan', vlanId: 42 },
  { type: 'macvlan', mode: 'vepa' },
  { type: 'macvtap', mode: 'bridge' },
  { type: 'ipvlan', mode: 'l3s' },
  { type: 'ipvtap', mode: 'l2' },
] as const;

const onlyRoot = needs('root', 'program:ip', 'program:ethtool');

test('a veth is made whole, its other end where it belongs', onlyRoot, async () => {
  await using node = await newNetns();
  await using outer = await newNetns();
  const op = veth(node.id, 'eth0', outer.id, 'p0', {
    ifindex: 4000,
    settings: { mac: 'c2:01:02:03:04:05', mtuBytes: 9000, txChecksumOff: true },
    addresses: ['10.1.0.1/24', 'fd00::1/64'],
    routes: [route('10.9.0.0/16 via 10.1.0.2 metric 7'), route('fd99::/64 via fd00::2')],
  });
  assert.deepEqual(applyJob(node.id, [op]), []);
  const link = await node.link('eth0');
  assert.equal(link?.ifindex, 4000);
  assert.equal(link?.address, 'c2:01:02:03:04:05');
  assert.equal(link?.mtu, 9000);
  assert.equal(link?.group, String(GROUP.nodeEnd));
  assert.equal(link?.num_tx_queues, 1);
  assert.equal(link?.num_rx_queues, 1);
  assert.ok(link?.flags.includes('UP'));
  const inet = link?.addr_info?.find(({ local }) => local === '10.1.0.1');
  assert.equal(inet?.prefixlen, 24);
  const inet6 = link?.addr_info?.find(({ local }) => local === 'fd00::1');
  assert.ok(inet6?.nodad && !inet6.tentative);
  const [v4] = (await node.routes(4)).filter(({ dst }) => dst === '10.9.0.0/16');
  assert.equal(v4?.gateway, '10.1.0.2');
  assert.equal(v4?.metric, 7);
  assert.equal(v4?.protocol, '108');
  assert.ok((await node.routes(6)).some(({ dst, gateway }) => dst === 'fd99::/64' && gateway === 'fd00::2'));
  assert.match(await node.exec('ethtool', '-k', 'eth0'), /^tx-checksumming: off/m);
  const peer = await outer.link('p0');
  assert.equal(peer?.group, String(GROUP.port));
  assert.ok(!peer?.flags.includes('UP'));
  assert.equal(dumpOf(node.id).addresses.find(({ address }) => address === '10.1.0.1/24')?.protocol, 108);
});

test('many links of a node go together, in their order', onlyRoot, async () => {
  await using node = await newNetns();
  await using outer = await newNetns();
  const ops = Array.from({ length: 150 }, (_, n) =>
    veth(node.id, `e${n}`, outer.id, `p${n}`, { ifindex: 4000 + n, addresses: [`10.2.${n}.1/24`] }),
  );
  assert.deepEqual(applyJob(node.id, ops), []);
  const links = (await node.links()).filter(({ ifname }) => ifname !== 'lo');
  assert.deepEqual(
    links.map(({ ifname, ifindex }) => `${ifname} ${ifindex}`),
    ops.map(({ dev, ifindex }) => `${dev} ${ifindex}`),
  );
  assert.equal(dumpOf(node.id).addresses.filter(({ protocol }) => protocol === 108).length, 150);
});

test(
  'a taken index is not an obstacle: the kernel chooses another, and the stranger stays as it is',
  onlyRoot,
  async () => {
    await using node = await newNetns();
    await using outer = await newNetns();
    await node.exec('ip', 'link', 'add', 'stranger', 'index', '4000', 'type', 'bridge');
    const op = veth(node.id, 'eth0', outer.id, 'p0', { ifindex: 4000, addresses: ['10.1.0.1/24'] });
    assert.deepEqual(applyJob(node.id, [op]), []);
    const link = await node.link('eth0');
    assert.notEqual(link?.ifindex, 4000);
    assert.ok(link?.addr_info?.some(({ local }) => local === '10.1.0.1'));
    assert.deepEqual((await node.link('stranger'))?.addr_info, []);
  },
);

test('a stranger of the wanted name is left alone, and the other links go on', onlyRoot, async () => {
  await using node = await newNetns();
  await using outer = await newNetns();
  await node.exec('ip', 'link', 'add', 'eth0', 'type', 'bridge');
  const failures = applyJob(node.id, [
    veth(node.id, 'eth0', outer.id, 'p0', { ifindex: 4000, addresses: ['10.1.0.1/24'] }),
    veth(node.id, 'eth1', outer.id, 'p1', { ifindex: 4001, addresses: ['10.1.1.1/24'] }),
  ]);
  assert.equal(failures.length, 1);
  assert.equal(failures[0]?.op, 0);
  assert.equal(failures[0]?.errnoName, 'EEXIST');
  assert.equal(failures[0]?.code, 'E_FOREIGN_DEVICE');
  assert.equal((await node.link('eth0'))?.linkinfo?.info_kind, 'bridge');
  assert.deepEqual((await node.link('eth0'))?.addr_info, []);
  assert.ok(await node.link('eth1'));
  assert.equal(await outer.link('p0'), undefined);
});

test('a taken name at the other end is named', onlyRoot, async () => {
  await using node = await newNetns();
  await using outer = await newNetns();
  await outer.exec('ip', 'link', 'add', 'p0', 'type', 'bridge');
  for (const ifindex of [null, 4000]) {
    const [failure] = applyJob(node.id, [veth(node.id, 'eth0', outer.id, 'p0', { ifindex })]);
    assert.equal(failure?.errnoName, 'EEXIST');
    assert.equal(failure?.subject, `p0 in ${outer.id}`);
    assert.equal(failure?.code, null);
  }
  assert.equal(await node.link('eth0'), undefined);
});

test('a link of which a part fails is undone whole and reported once', onlyRoot, async () => {
  await using node = await newNetns();
  await using outer = await newNetns();
  const failures = applyJob(node.id, [
    veth(node.id, 'eth0', outer.id, 'p0', {
      addresses: ['10.1.0.1/24'],
      routes: [route('10.9.0.0/16 via 172.30.0.1')],
    }),
    veth(node.id, 'eth1', outer.id, 'p1', { addresses: ['10.1.1.1/24'], routes: [route('10.8.0.0/16 via 10.1.1.2')] }),
  ]);
  assert.equal(failures.length, 1);
  assert.equal(failures[0]?.op, 0);
  assert.equal(failures[0]?.call, 'RTM_NEWROUTE');
  assert.equal(failures[0]?.subject, '10.9.0.0/16 via 172.30.0.1');
  assert.equal(failures[0]?.errnoName, 'ENETUNREACH');
  assert.match(failures[0]?.extAck ?? '', /gateway/);
  assert.equal(failures[0]?.leftBehind, null);
  assert.equal(await node.link('eth0'), undefined);
  assert.equal(await outer.link('p0'), undefined);
  assert.ok((await node.routes(4)).some(({ dst }) => dst === '10.8.0.0/16'));
});

test('a route over a device that is not there fails that link alone', onlyRoot, async () => {
  await using node = await newNetns();
  await using outer = await newNetns();
  const failures = applyJob(node.id, [
    veth(node.id, 'eth0', outer.id, 'p0', { routes: [route('10.9.0.0/16 dev nowhere')] }),
    veth(node.id, 'eth1', outer.id, 'p1', { routes: [route('10.8.0.0/16 dev eth1'), route('blackhole 10.7.0.0/16')] }),
    veth(node.id, 'eth2', outer.id, 'p2', { routes: [route('10.6.0.0/16 dev eth1 table 1234')] }),
  ]);
  assert.deepEqual(
    failures.map(({ op, subject, errnoName }) => [op, subject, errnoName]),
    [[0, 'nowhere', 'ENODEV']],
  );
  assert.equal(await node.link('eth0'), undefined);
  const routes = await node.routes(4);
  assert.equal(routes.find(({ dst }) => dst === '10.8.0.0/16')?.dev, 'eth1');
  assert.equal(routes.find(({ dst }) => dst === '10.7.0.0/16')?.type, 'blackhole');
  assert.equal((await node.routes(4, '1234'))[0]?.dev, 'eth1');
});

test('a link that is to be down has its addresses and waits with its routes', onlyRoot, async () => {
  await using node = await newNetns();
  await using outer = await newNetns();
  const more = { addresses: ['10.1.0.1/24'], routes: [route('10.9.0.0/16 via 10.1.0.2')] };
  assert.deepEqual(
    applyJob(node.id, [veth(node.id, 'eth0', outer.id, 'p0', { ...more, settings: { up: false } })]),
    [],
  );
  const link = await node.link('eth0');
  assert.ok(!link?.flags.includes('UP'));
  assert.ok(link?.addr_info?.some(({ local }) => local === '10.1.0.1'));
});

test('in a node with IPv6 off an IPv6 address switches it on for its own device only', onlyRoot, async () => {
  await using node = await newNetns();
  await using outer = await newNetns();
  for (const scope of ['all', 'default']) await node.exec('sysctl', '-qw', `net.ipv6.conf.${scope}.disable_ipv6=1`);
  const ops = [
    veth(node.id, 'eth0', outer.id, 'p0', { addresses: ['fd00::1/64'], routes: [route('fd99::/64 via fd00::2')] }),
    veth(node.id, 'eth1', outer.id, 'p1', { addresses: ['10.1.0.1/24'] }),
  ];
  assert.deepEqual(applyJob(node.id, ops), []);
  assert.ok((await node.link('eth0'))?.addr_info?.some(({ local }) => local === 'fd00::1'));
  assert.ok((await node.routes(6)).some(({ dst }) => dst === 'fd99::/64'));
  assert.equal((await node.exec('cat', '/proc/sys/net/ipv6/conf/eth1/disable_ipv6')).trim(), '1');
});

test('where IPv6 can’t be switched on either, the link fails and says why', onlyRoot, async () => {
  await using node = await newNetns();
  await using outer = await newNetns();
  await node.exec('sysctl', '-qw', 'net.ipv6.conf.default.disable_ipv6=1');
  const op = veth(node.id, 'eth0', outer.id, 'p0', { addresses: ['10.1.0.1/24', 'fd00::1/64'] });
  const ops = new URL('./ops.js', import.meta.url).href;
  const program = `import { applyJob } from ${JSON.stringify(ops)};
    console.log(JSON.stringify(applyJob(${JSON.stringify(node.id)}, [${JSON.stringify(op)}])));`;
  const script = 'mount -o bind,ro /proc/sys /proc/sys && exec "$@"';
  const run = [process.execPath, '--input-type=module', '-e', program];
  const output = execFileSync('unshare', ['--mount', 'sh', '-c', script, 'sh', ...run], { encoding: 'utf8' });
  const [failure, ...more] = JSON.parse(output) as OpFailure[];
  assert.equal(more.length, 0);
  assert.deepEqual([failure?.call, failure?.subject, failure?.errnoName], ['RTM_NEWADDR', 'fd00::1/64', 'EACCES']);
  assert.match(failure?.extAck ?? '', /^IPv6 is off in the node, and allowing it on eth0 failed: .*EROFS/);
  assert.equal(await node.link('eth0'), undefined);
});

test(
  'every other type is made and marked, or the kernel’s word that it lacks the type is passed on',
  onlyRoot,
  async () => {
    for (const data of OTHER_KINDS) {
      const { type } = data;
      await using node = await newNetns();
      await node.exec('ip', 'link', 'add', 'parent', 'type', 'veth', 'peer', 'name', 'far');
      for (const dev of ['parent', 'far']) await node.exec('ip', 'link', 'set', dev, 'up');
      const make = data.type === 'dummy' ? data : { ...data, parent: { ns: node.id, dev: 'parent' } };
      const alias = `linkloom/1 ${LAB} node d0`;
      const op = alone(node.id, 'd0', make, { settings: { alias }, addresses: ['10.1.0.1/32'] });
      const failures = applyJob(node.id, [op]);
      const link = await node.link('d0');
      if (failures.length > 0) {
        const { call, errnoName, extAck } = failures[0] ?? {};
        assert.deepEqual([call, errnoName, extAck], ['RTM_NEWLINK', 'EOPNOTSUPP', 'Unknown device type'], type);
        assert.equal(link, undefined);
        continue;
      }
      assert.equal(link?.ifalias, alias);
      assert.equal(link?.linkinfo?.info_kind, type);
      assert.ok(link?.flags.includes('UP'));
      const seen = dumpOf(node.id).links.find(({ ifname }) => ifname === 'd0');
      const wanted = ['mode' in data ? data.mode : null, 'vlanId' in data ? data.vlanId : null];
      assert.deepEqual([seen?.mode, seen?.vlanId], wanted, type);
      assert.equal(seen?.peerIndex, type === 'dummy' ? 0 : (await node.link('parent'))?.ifindex);
    }
  },
);

test('the link-local address is usable at once, also where the kernel has begun to make it', onlyRoot, async () => {
  await using node = await newNetns();
  await using outer = await newNetns();
  const up = { settings: { up: true } } as const;
  assert.deepEqual(applyJob(outer.id, [veth(outer.id, 'base', node.id, 'far', up)]), []);
  assert.deepEqual(applyJob(node.id, [change(node.id, 'far', up)]), []);
  await outer.untilUp('base');
  const make = { type: 'macvlan', mode: 'bridge', parent: { ns: outer.id, dev: 'base' } } as const;
  const more = { settings: { mac: 'c2:00:00:00:00:09' }, addresses: ['fd00::9/64'] };
  const linkLocal = { prefix: linkLocalOf('c2:00:00:00:00:09'), isBegun: true };
  assert.deepEqual(applyJob(node.id, [alone(node.id, 'm0', make, { ...more, linkLocal })]), []);
  const found = (await node.link('m0'))?.addr_info?.filter(({ scope }) => scope === 'link');
  assert.deepEqual(
    found?.map(({ local, nodad, tentative }) => ({ local, nodad, tentative })),
    [{ local: 'fe80::c000:ff:fe00:9', nodad: true, tentative: undefined }],
  );
});

test('a macvlan’s parent may be in another namespace, even one with a device of the same name', onlyRoot, async () => {
  await using node = await newNetns();
  await using outer = await newNetns();
  await outer.exec('ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'far');
  for (const dev of ['eth0', 'far']) await outer.exec('ip', 'link', 'set', dev, 'up');
  const on = (parentDev: string) =>
    ({ type: 'macvlan', mode: 'bridge', parent: { ns: outer.id, dev: parentDev } }) as const;
  const op = alone(node.id, 'eth0', on('eth0'), {
    ifindex: 4000,
    settings: { mac: 'c2:00:00:00:00:09' },
    addresses: ['10.1.0.1/24'],
  });
  await node.exec('ip', 'link', 'add', 'eth3', 'type', 'bridge');
  const foreign = alone(node.id, 'eth3', on('eth0'));
  const lost = alone(node.id, 'm1', on('none'));
  const failures = applyJob(node.id, [op, lost, foreign]);
  assert.deepEqual(
    failures.map(({ op: at, subject, errnoName }) => [at, subject, errnoName]),
    [
      [1, `none in ${outer.id}`, 'ENODEV'],
      [2, 'eth3', 'EEXIST'],
    ],
  );
  const link = await node.link('eth0');
  assert.equal(link?.linkinfo?.info_kind, 'macvlan');
  assert.ok(link?.flags.includes('UP'));
  assert.ok(link?.addr_info?.some(({ local }) => local === '10.1.0.1'));
  assert.equal(failures[1]?.code, 'E_FOREIGN_DEVICE');
  assert.equal(link?.linkinfo?.info_data?.['mode'], 'bridge');
  assert.equal(dumpOf(node.id).links.find(({ ifname }) => ifname === 'eth0')?.mode, 'bridge');
});

test(
  'an index that is taken is not waited for: the message is sent once, and once more with another',
  onlyRoot,
  async () => {
    await using node = await newNetns();
    await using outer = await newNetns();
    for (const space of [node, outer]) {
      await space.exec('ip', 'link', 'add', 'base', 'index', '4000', 'type', 'veth', 'peer', 'name', 'far');
      await space.exec('ip', 'link', 'set', 'base', 'up');
    }
    const make = { type: 'macvlan', mode: 'bridge', parent: { ns: outer.id, dev: 'base' } } as const;
    const sendsOf = (dev: string, ifindex: number): number => {
      let sends = 0;
      NetlinkSocket.onSend = () => {
        sends += 1;
      };
      try {
        assert.deepEqual(applyJob(node.id, [alone(node.id, dev, make, { ifindex })]), []);
        return sends;
      } finally {
        NetlinkSocket.onSend = null;
      }
    };
    // It looks for the name, for the index, and sends the message again.
    assert.equal(sendsOf('m1', 4000) - sendsOf('m2', 5000), 3);
    const [one, two] = [await node.link('m1'), await node.link('m2')];
    assert.ok(one !== undefined && one.ifindex !== 4000 && two?.ifindex === 5000);
  },
);

test('a namespace that is not there fails the job, or the link whose other end it is', onlyRoot, async () => {
  await using node = await newNetns();
  const [job] = applyJob('netns/no-such-thing', [veth('netns/no-such-thing', 'eth0', node.id, 'p0')]);
  assert.equal(job?.call, 'open');
  assert.equal(job?.errnoName, 'ENOENT');
  const [peer] = applyJob(node.id, [veth(node.id, 'eth0', 'netns/no-such-thing', 'p0')]);
  assert.equal(peer?.op, 0);
  assert.equal(peer?.errnoName, 'ENOENT');
});
