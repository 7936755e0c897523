/** Links on parents as a user brings them up, changes them and takes them down: the command line, on a macvlan. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { linkloom } from '../../support/bin.ts';
import { kernelHas } from '../../support/kernel-types.ts';
import { needs } from '../../support/needs.ts';
import { type Netns, newNetns, openNetns, uniqueName } from '../../support/netns.ts';

describe('a macvlan, by the command line', { timeout: 170_000, ...needs('root', 'program:ip') }, () => {
  const lab = uniqueName('m');
  const node = `${lab}a`;
  const run = (verb: string, links: readonly object[], ...options: readonly string[]) =>
    linkloom([verb, '-f', '-', ...options], { input: JSON.stringify({ lab, links }) });
  const link = { netns: node, type: 'macvlan', mode: 'bridge', 'outer-dev': lab, ip: '10.7.0.1/24' };
  let far: Netns;
  before(async () => {
    far = await newNetns();
    await execa('ip', ['link', 'add', lab, 'up', 'type', 'veth', 'peer', 'name', 'f0', 'netns', far.name]);
    await far.exec('ip', 'link', 'set', 'f0', 'up');
    await far.exec('ip', 'address', 'add', '10.7.0.100/24', 'dev', 'f0');
  });
  after(async () => {
    await linkloom(['down', '--lab', lab]);
    await execa('ip', ['link', 'del', lab], { reject: false });
    await far?.[Symbol.asyncDispose]();
  });

  it('goes up, stays, changes, and goes down', async () => {
    assert.ok(kernelHas('macvlan'), 'no kernel that this runs on lacks it');
    const plan = await run('plan', [link]);
    assert.match(plan.stdout, new RegExp(`link.add +macvlan eth0 on self:${lab} mode bridge 10.7.0.1/24`));
    assert.equal((await run('up', [link])).exitCode, 0);
    await openNetns(node).exec('ping', '-c', '1', '-W', '5', '10.7.0.100');
    assert.match((await run('up', [link], '--json')).stdout, /"unchanged": ?1/);
    const changed = { ...link, mode: 'private', mtu: 1400 };
    assert.match((await run('plan', [changed])).stdout, /mtu 1500 → 1400, mode bridge → private/);
    assert.match((await run('up', [changed], '--json')).stdout, /"changed": ?1/);
    assert.equal((await run('status', [changed], '--detailed-exitcode')).exitCode, 0);
    assert.equal((await linkloom(['down', '--lab', lab])).exitCode, 0);
    assert.doesNotMatch((await execa('ip', ['netns', 'list'])).stdout, new RegExp(lab));
  });

  it('is refused by name where its parent does not do, with what to do; the other links are made', async () => {
    const other = { ...link, netns: `${lab}b`, ip: '10.7.0.2/24' };
    const ran = await run('up', [{ ...link, 'outer-dev': 'nosuch0' }, other]);
    assert.equal(ran.exitCode, 1);
    assert.match(
      ran.stderr,
      new RegExp(`ERROR: ${node}:eth0: its parent nosuch0 does not exist in the host's namespace`),
    );
    assert.match(ran.stderr, new RegExp(`hint: outer-dev names a device of the host.*; there are ${lab}`));
    await openNetns(`${lab}b`).exec('ping', '-c', '1', '-W', '5', '10.7.0.100');
  });

  it('is refused before anything is touched where links can’t be together', async () => {
    const ran = await run('up', [
      { ...link, netns: `${lab}c` },
      { ...link, netns: `${lab}d`, type: 'ipvlan', mode: 'l2' },
    ]);
    assert.equal(ran.exitCode, 1);
    assert.match(ran.stderr, new RegExp(`both on ${lab}: the kernel allows one of the two`));
    assert.doesNotMatch((await execa('ip', ['netns', 'list'])).stdout, new RegExp(`${lab}[cd]`));
  });
});
