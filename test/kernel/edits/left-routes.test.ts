/** Routes that no device takes along go with the lab's last device of a namespace that stays; what others made stays. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testLab } from '../../support/lab.ts';
import { needs } from '../../support/needs.ts';
import { type Netns, newNetns } from '../../support/netns.ts';

const onlyRoot = needs('root', 'program:ip');

const ROUTES = [
  'blackhole 10.66.0.0/16',
  'unreachable fd66::/64',
  'prohibit 10.68.0.0/16 table 77',
  '10.67.0.0/16 dev own0',
  'fd67::/64 dev own0',
];

/** A namespace of somebody else's, with a device and two routes of theirs. */
async function strangersNetns(): Promise<Netns> {
  const node = await newNetns('lr');
  await node.exec('ip', 'link', 'add', 'own0', 'type', 'veth', 'peer', 'name', 'own1');
  await node.exec('ip', 'link', 'set', 'own0', 'up');
  await node.exec('ip', 'route', 'add', 'blackhole', '10.99.0.0/16');
  await node.exec('ip', '-6', 'route', 'add', 'fd99::/64', 'dev', 'own0');
  return node;
}

const THEIRS = ['10.99.0.0/16', 'fd99::/64'];

/** Destinations of all that somebody added, in every table. */
async function routesOf(node: Netns): Promise<readonly string[]> {
  const all = [...(await node.routes(4, 'all')), ...(await node.routes(6, 'all'))];
  return all.filter(({ protocol }) => protocol !== 'kernel').map(({ dst }) => dst);
}

const linkOf = (node: Netns, route: readonly string[] = []) => ({
  ...{ netns: node.name, bridge: 's', dev: 'eth1', ip: '10.0.0.1/24' },
  ...(route.length > 0 && { route }),
});

test('`down` removes the lab’s routes from a namespace that stays, and no others', onlyRoot, async () => {
  await using node = await strangersNetns();
  await using lab = testLab('netns', 'lr');
  assert.deepEqual((await lab.up({ links: [linkOf(node, ROUTES)] })).failures, []);
  assert.equal((await routesOf(node)).length, ROUTES.length + THEIRS.length);
  assert.deepEqual((await lab.down()).failures, []);
  assert.deepEqual(await routesOf(node), THEIRS);
});

test('`up` removes them from a node that is not in the file any more', onlyRoot, async () => {
  await using gone = await strangersNetns();
  await using kept = await strangersNetns();
  await using lab = testLab('netns', 'lr');
  const links = [linkOf(gone, ROUTES), { ...linkOf(kept, ['blackhole 10.66.0.0/16']), ip: '10.0.0.2/24' }];
  assert.deepEqual((await lab.up({ links })).failures, []);
  const rest = { links: links.slice(1) };
  assert.deepEqual((await lab.up(rest)).failures, []);
  assert.deepEqual(await routesOf(gone), THEIRS);
  assert.deepEqual(await routesOf(kept), ['10.66.0.0/16', ...THEIRS]);
  assert.deepEqual((await lab.plan(rest)).ops, []);
});

test('`up` removes them from a node of which only the commands are left', onlyRoot, async () => {
  await using node = await strangersNetns();
  await using lab = testLab('netns', 'lr');
  const commands = [{ netns: node.name, command: 'true' }];
  assert.deepEqual((await lab.up({ links: [linkOf(node, ROUTES)], commands })).failures, []);
  assert.deepEqual((await lab.up({ links: [], commands })).failures, []);
  assert.deepEqual(await routesOf(node), THEIRS);
});

test('where two labs are in a namespace, the last one to go removes them', onlyRoot, async () => {
  await using node = await strangersNetns();
  await using first = testLab('netns', 'la');
  await using last = testLab('netns', 'lb');
  assert.deepEqual((await first.up({ links: [linkOf(node, ['blackhole 10.66.0.0/16'])] })).failures, []);
  const other = { ...linkOf(node, ['blackhole 10.69.0.0/16']), dev: 'eth2', ip: '10.0.2.1/24' };
  assert.deepEqual((await last.up({ links: [other] })).failures, []);
  await first.down();
  assert.ok((await routesOf(node)).includes('10.69.0.0/16'));
  await last.down();
  assert.deepEqual(await routesOf(node), THEIRS);
});
