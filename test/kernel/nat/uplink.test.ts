/** A device keeps what it has when it takes another name, on kernels that rename devices which are up and on those that don't. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { execa } from 'execa';
import { Namespace } from '../../../workers/namespaces.ts';
import { renameAsleep } from '../../../workers/nat/uplink.ts';
import { type IpRoute, type Netns, newNetns } from '../../support/netns.ts';
import { applyJob } from '../ops/ops.ts';

/** A namespace as an engine makes it: a veth, an address, the way out by it; and more. */
async function container(): Promise<Netns> {
  const ns = await newNetns('c');
  const ip = (...words: readonly string[]) => execa('ip', ['-n', ns.name, ...words]);
  await ns.exec('sysctl', '-qw', 'net.ipv6.conf.default.accept_dad=0');
  await ip('link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'far');
  await ip('link', 'set', 'far', 'up');
  await ip('link', 'set', 'eth0', 'up');
  await ip('address', 'add', '172.17.0.2/16', 'dev', 'eth0');
  await ip('address', 'add', 'fd00::2/64', 'dev', 'eth0', 'nodad');
  await ip('route', 'add', 'default', 'via', '172.17.0.1');
  await ip('route', 'add', '192.0.2.0/24', 'via', '172.17.0.9', 'metric', '7', 'mtu', '1400');
  await ip('-6', 'route', 'add', 'default', 'via', 'fd00::1');
  return ns;
}

async function stateOf(ns: Netns, dev: string): Promise<object> {
  const link = await ns.link(dev);
  const known = (routes: readonly IpRoute[]) =>
    routes.filter((route) => route.dev === dev).map(({ dev: _dev, ...rest }) => JSON.stringify(rest));
  return {
    addresses: (link?.addr_info ?? []).map(({ local, prefixlen }) => `${local}/${prefixlen}`).sort(),
    routes: [...known(await ns.routes(4)), ...known(await ns.routes(6))].sort(),
    up: link?.flags.includes('UP'),
    index: link?.ifindex,
  };
}

describe('the uplink', () => {
  test('is called otherwise, marked, and given its name back', async () => {
    await using ns = await container();
    const before = await stateOf(ns, 'eth0');
    const ifindex = (await ns.link('eth0'))?.ifindex ?? 0;
    const rename = (dev: string, to: string, alias: string) =>
      applyJob(ns.id, [{ op: 'uplink.rename', ns: ns.id, link: null, cause: 'test', dev, ifindex, to, alias }]);
    assert.deepEqual(rename('eth0', 'DOCKER-ETH0', 'linkloom/1 lab %23uplink eth0'), []);
    assert.deepEqual(await stateOf(ns, 'DOCKER-ETH0'), before);
    assert.equal((await ns.link('DOCKER-ETH0'))?.ifalias, 'linkloom/1 lab %23uplink eth0');
    assert.deepEqual(rename('DOCKER-ETH0', 'eth0', ''), []);
    assert.deepEqual(await stateOf(ns, 'eth0'), before);
    assert.equal((await ns.link('eth0'))?.ifalias, undefined);
  });

  test('loses nothing where it has to be taken down for that', async () => {
    await using ns = await container();
    const before = await stateOf(ns, 'eth0');
    using space = Namespace.open(ns.id);
    renameAsleep(space.socket, { dev: 'eth0', to: 'DOCKER-ETH0', ifindex: (await ns.link('eth0'))?.ifindex ?? 0 });
    assert.deepEqual(await stateOf(ns, 'DOCKER-ETH0'), before);
  });

  test('keeps its name where another device has the one it is to have', async () => {
    await using ns = await container();
    const before = await stateOf(ns, 'eth0');
    const ifindex = (await ns.link('eth0'))?.ifindex ?? 0;
    const op = {
      op: 'uplink.rename',
      ns: ns.id,
      link: null,
      cause: 'test',
      dev: 'eth0',
      ifindex,
      alias: null,
    } as const;
    const failures = applyJob(ns.id, [{ ...op, to: 'far' }]);
    assert.deepEqual(
      failures.map(({ errnoName }) => errnoName),
      ['EEXIST'],
    );
    using space = Namespace.open(ns.id);
    assert.throws(() => renameAsleep(space.socket, { ...op, to: 'far' }), /EEXIST/);
    assert.deepEqual(await stateOf(ns, 'eth0'), before);
  });
});
