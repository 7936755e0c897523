/** vlan and its kin on a device of the host, through the command line: made, carrying packets, changed in place, made again, gone. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { linkloom } from '../../support/bin.ts';
import { kernelHas } from '../../support/kernel-types.ts';
import { needs } from '../../support/needs.ts';
import { type IpLink, type Netns, newNetns, openNetns, uniqueName } from '../../support/netns.ts';

const onlyRoot = { timeout: 120_000, ...needs('root', 'program:ip') };

/** Called as the nodes' devices are by default, which must not matter. */
const PARENT = 'eth0';

const TYPES = [
  { type: 'vlan', more: { vlanid: 5 }, changed: null },
  { type: 'macvlan', more: { mode: 'bridge' }, changed: { mode: 'private' } },
  { type: 'macvtap', more: { mode: 'bridge' }, changed: { mode: 'vepa' } },
  { type: 'ipvlan', more: { mode: 'l2' }, changed: { mode: 'l3' } },
  { type: 'ipvtap', more: { mode: 'l2' }, changed: { mode: 'l3s' } },
] as const;

interface Result {
  readonly exitCode: number;
  readonly stderr: string;
  readonly links: Readonly<Record<'created' | 'changed' | 'unchanged' | 'removed' | 'failed', number>>;
  readonly failures: readonly {
    readonly link: string;
    readonly code: string;
    readonly message: string;
    readonly hint?: string;
  }[];
}

async function run(verb: string, lab: object): Promise<Result> {
  const ran = await linkloom([verb, '-f', '-', '--json'], { input: JSON.stringify(lab) });
  assert.notEqual(ran.stdout, '', ran.stderr);
  return { ...JSON.parse(ran.stdout), exitCode: ran.exitCode, stderr: ran.stderr };
}

/** The devices of the host: this very namespace, which the suite has for itself. */
async function hostLinks(): Promise<string> {
  const { stdout } = await execa('ip', ['-details', '-json', 'link']);
  const links = JSON.parse(stdout) as readonly IpLink[];
  return JSON.stringify(
    links.map(({ ifname, ifindex, mtu, address, group }) => [ifname, ifindex, mtu, address, group]),
  );
}

for (const { type, more, changed } of TYPES) {
  describe(`type ${type}`, onlyRoot, () => {
    const lab = uniqueName('p');
    const [a, b] = [`${lab}a`, `${lab}b`];
    let far: Netns;
    let before_ = '';
    const link = (node: string, address: string, other: object = {}) => ({
      netns: node,
      type,
      'outer-dev': PARENT,
      ip: address,
      ...more,
      ...other,
    });

    before(async () => {
      far = await newNetns();
      await execa('ip', [
        'link',
        'add',
        PARENT,
        'up',
        'mtu',
        '9000',
        'type',
        'veth',
        'peer',
        'name',
        'f0',
        'netns',
        far.name,
      ]);
      await far.exec('ip', 'link', 'set', 'f0', 'up', 'mtu', '9000');
      if (type === 'vlan' && kernelHas('vlan')) {
        await far.exec('ip', 'link', 'add', 'f0.5', 'link', 'f0', 'type', 'vlan', 'id', '5');
        await far.exec('ip', 'link', 'set', 'f0.5', 'up');
        await far.exec('ip', 'address', 'add', '10.7.0.100/24', 'dev', 'f0.5');
      } else {
        await far.exec('ip', 'address', 'add', '10.7.0.100/24', 'dev', 'f0');
      }
      before_ = await hostLinks();
    });
    after(async () => {
      await linkloom(['down', '--lab', lab]);
      await execa('ip', ['link', 'del', PARENT], { reject: false });
      await far?.[Symbol.asyncDispose]();
    });

    if (!kernelHas(type)) {
      it('says that the kernel lacks it, and leaves nothing', async () => {
        const up = await run('up', { lab, links: [link(a, '10.7.0.1/24')] });
        assert.equal(up.exitCode, 1, up.stderr);
        assert.deepEqual(
          up.failures.map(({ link: name, code }) => [name, code]),
          [[`${a}:eth0`, 'E_FEATURE']],
        );
        assert.match(up.failures[0]?.hint ?? '', /this kernel lacks the device type/);
        assert.equal(await openNetns(a).link('eth0'), undefined);
        assert.equal((await linkloom(['down', '--lab', lab])).exitCode, 0);
        assert.equal(await hostLinks(), before_);
      });
      return;
    }

    const links = type === 'vlan' ? [link(a, '10.7.0.1/24')] : [link(a, '10.7.0.1/24'), link(b, '10.7.0.2/24')];
    const node = () => openNetns(a);
    const ping = (from: string, to: string) =>
      execa('ip', ['netns', 'exec', from, 'ping', '-c', '1', '-W', '3', to], { reject: false });

    it('is made in the node under its own name, and carries packets', async () => {
      const up = await run('up', { lab, links });
      assert.equal(up.exitCode, 0, up.stderr);
      assert.equal(up.links.created, links.length);
      const device = await node().link('eth0');
      assert.equal(device?.linkinfo?.info_kind, type);
      assert.equal(device?.mtu, 9000, "the parent's");
      assert.match(device?.ifalias ?? '', new RegExp(`^linkloom/1 ${lab} ${a} eth0$`));
      assert.equal((await ping(a, '10.7.0.100')).exitCode, 0);
      if (type !== 'vlan') assert.equal((await ping(a, '10.7.0.2')).exitCode, 0, 'from one to the other');
      assert.equal(await hostLinks(), before_, "the host's devices are as they were");
    });

    it('is unchanged the second time, and status agrees', async () => {
      const again = await run('up', { lab, links });
      assert.deepEqual([again.links.unchanged, again.links.changed], [links.length, 0], again.stderr);
      const status = await linkloom(['status', '-f', '-', '--detailed-exitcode'], {
        input: JSON.stringify({ lab, links }),
      });
      assert.equal(status.exitCode, 0, status.stdout);
    });

    it('changes in place what the kernel can change', async () => {
      const index = (await node().link('eth0'))?.ifindex;
      const other = { mtu: 1400, ...(type.startsWith('ip') ? {} : { mac: 'c2:00:00:00:00:77' }), ...changed };
      const edited = links.map((one) => ({ ...one, ...(changed ?? {}), ...(one.netns === a ? other : {}) }));
      const up = await run('up', { lab, links: edited });
      assert.equal(up.exitCode, 0, up.stderr);
      const device = await node().link('eth0');
      assert.equal(device?.ifindex, index);
      assert.equal(device?.mtu, 1400);
      if (!type.startsWith('ip')) assert.equal(device?.address, 'c2:00:00:00:00:77');
      if (changed) assert.equal(device?.linkinfo?.info_data?.['mode'], changed.mode);
      assert.equal((await run('up', { lab, links: edited })).links.unchanged, links.length);
      if (type === 'macvlan') assert.notEqual((await ping(a, '10.7.0.2')).exitCode, 0, 'private keeps them apart');
      assert.equal((await run('up', { lab, links })).exitCode, 0);
      assert.equal((await ping(a, '10.7.0.100')).exitCode, 0, 'and back again');
    });

    it('is made again for another parent or VLAN', async () => {
      await execa('ip', ['link', 'add', 'other0', 'up', 'type', 'veth', 'peer', 'name', 'o1', 'netns', far.name]);
      try {
        const plan = await linkloom(['plan', '-f', '-'], {
          input: JSON.stringify({ lab, links: links.map((one) => ({ ...one, 'outer-dev': 'other0' })) }),
        });
        assert.match(plan.stdout, /parent eth0 → other0/);
        const moved = links.map((one) => ({
          ...one,
          'outer-dev': 'other0',
          ...(type === 'vlan' ? { vlanid: 6 } : {}),
        }));
        const up = await run('up', { lab, links: moved });
        assert.equal(up.exitCode, 0, up.stderr);
        assert.equal(up.links.changed, links.length);
        const { ifindex } = JSON.parse((await execa('ip', ['-json', 'link', 'show', 'other0'])).stdout)[0];
        assert.equal((await node().link('eth0'))?.link_index, ifindex);
      } finally {
        await execa('ip', ['link', 'del', 'other0']);
      }
      assert.equal((await run('up', { lab, links })).exitCode, 0);
    });

    it('fails by name where its parent does not carry it, and keeps what is there', async () => {
      const index = (await node().link('eth0'))?.ifindex;
      const tooLarge = await run('up', { lab, links: links.map((one) => ({ ...one, mtu: 9001 })) });
      assert.equal(tooLarge.exitCode, 1);
      assert.deepEqual([tooLarge.failures[0]?.link, tooLarge.failures[0]?.code], [`${a}:eth0`, 'E_PARENT']);
      assert.match(tooLarge.failures[0]?.message ?? '', /mtu 9001 is more than the 9000 of its parent eth0/);
      const missing = await run('up', { lab, links: links.map((one) => ({ ...one, 'outer-dev': 'nosuch0' })) });
      assert.match(missing.failures[0]?.message ?? '', /its parent nosuch0 does not exist in the host's namespace/);
      assert.match(missing.failures[0]?.hint ?? '', /there are eth0/);
      assert.equal((await node().link('eth0'))?.ifindex, index);
    });

    it('goes with `down`, and its parent stays', async () => {
      const down = await linkloom(['down', '--lab', lab, '--json']);
      assert.equal(down.exitCode, 0, down.stderr);
      assert.equal(JSON.parse(down.stdout).links.removed, links.length);
      assert.equal(await hostLinks(), before_);
    });
  });
}
