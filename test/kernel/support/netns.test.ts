/** The tests' own namespaces: there while wanted, gone after, also when the test throws. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needs } from '../../support/needs.ts';
import { netnsNames, newNetns } from '../../support/netns.ts';

test('a namespace of a test can be read back, and is gone after it', needs('root', 'program:ip'), async () => {
  let name = '';
  await assert.rejects(async () => {
    await using ns = await newNetns();
    name = ns.name;
    assert.deepEqual(
      (await ns.links()).map((link) => link.ifname),
      ['lo'],
    );
    await ns.exec('ip', 'link', 'set', 'lo', 'up');
    const lo = await ns.link('lo');
    assert.deepEqual(
      lo?.addr_info?.map((entry) => `${entry.local}/${entry.prefixlen}`),
      ['127.0.0.1/8', '::1/128'],
    );
    assert.equal(await ns.link('eth0'), undefined);
    assert.deepEqual(await ns.routes(4), []);
    assert.ok((await netnsNames()).includes(name));
    throw new Error('the test fails here');
  }, /the test fails here/);
  assert.ok(!(await netnsNames()).includes(name));
});
