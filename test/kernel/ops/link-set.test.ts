import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MADE } from '../../../src/wire/device-ref.ts';
import { needs } from '../../support/needs.ts';
import { type Netns, newNetns } from '../../support/netns.ts';
import { applyJob, change, removal, route, veth } from './ops.ts';

const onlyRoot = needs('root', 'program:ip', 'program:ethtool');

async function linked(node: Netns, outer: Netns): Promise<number> {
  const op = veth(node.id, 'eth0', outer.id, 'p0', {
    addresses: ['10.1.0.1/24', 'fd00::1/64'],
    routes: [route('10.9.0.0/16 via 10.1.0.2')],
  });
  assert.deepEqual(applyJob(node.id, [op]), []);
  return (await node.link('eth0'))?.ifindex ?? 0;
}

test('settings, addresses and routes change in one go, by index or by name', onlyRoot, async () => {
  await using node = await newNetns();
  await using outer = await newNetns();
  for (const ifindex of [await linked(node, outer), MADE] as const) {
    const index = (await node.link('eth0'))?.ifindex ?? 0;
    const gone = removal(node.id, 'eth0', {
      ifindex: index,
      addresses: ['10.1.0.1/24'],
      routes: [route('10.9.0.0/16 via 10.1.0.2')],
    });
    const op = change(node.id, 'eth0', {
      ifindex,
      settings: {
        mac: 'c2:00:00:00:00:77',
        mtuBytes: 4000,
        numbers: { txqueuelen: 7 },
        alias: 'of the test',
        group: 77,
        txChecksumOff: true,
      },
      addAddresses: ['10.2.0.1/24'],
      addRoutes: [route('10.8.0.0/16 via 10.2.0.2')],
    });
    // The second time all is as wanted already, which is no failure.
    assert.deepEqual(applyJob(node.id, [gone, op]), []);
    const link = await node.link('eth0');
    assert.equal(link?.address, 'c2:00:00:00:00:77');
    assert.equal(link?.mtu, 4000);
    assert.equal(link?.txqlen, 7);
    assert.equal(link?.ifalias, 'of the test');
    assert.equal(link?.group, '77');
    assert.deepEqual(
      link?.addr_info?.filter(({ family }) => family === 'inet').map(({ local }) => local),
      ['10.2.0.1'],
    );
    const routes = await node.routes(4);
    assert.ok(routes.some(({ dst }) => dst === '10.8.0.0/16'));
    assert.ok(!routes.some(({ dst }) => dst === '10.9.0.0/16'));
    assert.match(await node.exec('ethtool', '-k', 'eth0'), /^tx-checksumming: off/m);
  }
});

test('down takes the routes away, up gives them back', onlyRoot, async () => {
  await using node = await newNetns();
  await using outer = await newNetns();
  await linked(node, outer);
  const routes = [route('10.9.0.0/16 via 10.1.0.2')];
  assert.deepEqual(applyJob(node.id, [change(node.id, 'eth0', { settings: { up: false }, addRoutes: routes })]), []);
  assert.ok(!(await node.link('eth0'))?.flags.includes('UP'));
  assert.ok(!(await node.routes(4)).some(({ dst }) => dst === '10.9.0.0/16'));
  assert.deepEqual(applyJob(node.id, [change(node.id, 'eth0', { settings: { up: true }, addRoutes: routes })]), []);
  assert.ok((await node.routes(4)).some(({ dst }) => dst === '10.9.0.0/16'));
});

test('a route that somebody else made is not taken away', onlyRoot, async () => {
  await using node = await newNetns();
  await using outer = await newNetns();
  await linked(node, outer);
  await node.exec('ip', 'route', 'add', '10.7.0.0/16', 'via', '10.1.0.3', 'dev', 'eth0');
  const ifindex = (await node.link('eth0'))?.ifindex ?? 0;
  const op = removal(node.id, 'eth0', { ifindex, routes: [route('10.7.0.0/16 via 10.1.0.3')] });
  assert.deepEqual(applyJob(node.id, [op]), []);
  assert.ok((await node.routes(4)).some(({ dst }) => dst === '10.7.0.0/16'));
});

test('what fails is said once per device, and the device stays', onlyRoot, async () => {
  await using node = await newNetns();
  await using outer = await newNetns();
  await linked(node, outer);
  const failures = applyJob(node.id, [
    change(node.id, 'eth0', { addRoutes: [route('10.8.0.0/16 via 172.30.0.1'), route('10.8.0.0/16 via 172.30.0.2')] }),
    change(node.id, 'no-such-dev', { settings: { up: true } }),
  ]);
  assert.deepEqual(failures.map(({ op, call, errnoName }) => `${op} ${call} ${errnoName}`).sort(), [
    '0 RTM_NEWROUTE ENETUNREACH',
    '1 RTM_GETLINK ENODEV',
  ]);
  assert.ok(await node.link('eth0'));
});
