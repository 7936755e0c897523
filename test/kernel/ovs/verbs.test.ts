/** A lab with bridges of mode `ovs` as a user has it, on the command line. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { linkloom } from '../../support/bin.ts';
import { needs } from '../../support/needs.ts';
import { ovsLab, pings } from '../../support/ovs.ts';

describe(
  'Open vSwitch on the command line',
  needs('root', 'program:ip', 'program:ovs-vswitchd', 'program:ping'),
  () => {
    const lab = ovsLab();
    after(() => lab[Symbol.asyncDispose]());
    const link = (letter: string, ip: string, mtu: number) => ({
      netns: `${lab.name}${letter}`,
      dev: 'eth0',
      bridge: 's1',
      ip,
      mtu,
    });
    const run = (verb: string, mtu: number, ...options: readonly string[]) =>
      linkloom([verb, '-f', '-', ...options], {
        input: JSON.stringify({
          lab: lab.name,
          bridges: [{ bridge: 's1', datapath: 'netdev' }],
          links: [link('a', '10.0.0.1/24', mtu), link('b', '10.0.0.2/24', 1500)],
        }),
      });

    it('plan, up, status, up again, a change, down', async () => {
      const plan = await run('plan', 1500);
      assert.match(plan.stdout, /\+ ovs\.start {3}Open vSwitch {2}# missing/);
      assert.match(plan.stdout, /~ ovs\.bridge {2}s1 \(netdev\) {2}# missing/);
      const up = await run('up', 1500);
      assert.equal(up.exitCode, 0, up.stderr);
      assert.ok(await pings(lab.node('a'), '10.0.0.2'));
      const status = await run('status', 1500, '--detailed-exitcode');
      assert.equal(status.exitCode, 0, status.stdout);
      const capture = `ip netns exec linkloom-${lab.name} tcpdump -ni any`;
      assert.match(status.stdout, new RegExp(`s1 +\\w+ +2 +netns/linkloom-${lab.name} +${capture}`));
      assert.match((await run('up', 1500)).stderr, /2 links wanted: 2 unchanged/);
      assert.match((await run('up', 1400)).stderr, /1 changed, 1 unchanged/);
      const down = await linkloom(['down', '--lab', lab.name]);
      assert.equal(down.exitCode, 0, down.stderr);
      await lab.assertGone();
    });
  },
);
