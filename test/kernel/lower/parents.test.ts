/** vlan and its kin on a device of the host: made, carrying packets, changed in place, made again, gone. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { linkSubject, subjectText } from '../../../src/subject.ts';
import { kernelHas } from '../../support/kernel-types.ts';
import { type TestLab, testLab } from '../../support/lab.ts';
import { needs } from '../../support/needs.ts';
import { type IpLink, type Netns, newNetns } from '../../support/netns.ts';

const onlyRoot = { timeout: 170_000, ...needs('root', 'program:ip') };

/** Called as the nodes' devices are by default, which must not matter. */
const PARENT = 'eth0';

const TYPES = [
  { type: 'vlan', more: { vlanid: 5 }, changed: null },
  { type: 'macvlan', more: { mode: 'bridge' }, changed: { mode: 'private' } },
  { type: 'macvtap', more: { mode: 'bridge' }, changed: { mode: 'vepa' } },
  { type: 'ipvlan', more: { mode: 'l2' }, changed: { mode: 'l3' } },
  { type: 'ipvtap', more: { mode: 'l2' }, changed: { mode: 'l3s' } },
] as const;

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
    const lab: TestLab = testLab('netns', 'p');
    const [a, b] = [lab.node('a').name, lab.node('b').name];
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
      await lab[Symbol.asyncDispose]();
      await execa('ip', ['link', 'del', PARENT], { reject: false });
      await far?.[Symbol.asyncDispose]();
    });

    if (!kernelHas(type)) {
      it('says that the kernel lacks it, and leaves nothing', async () => {
        const up = await lab.up({ links: [link(a, '10.7.0.1/24')] });
        assert.deepEqual(
          up.failures.map(({ subject, code }) => [subjectText(subject), code]),
          [[`${a}:eth0`, 'E_FEATURE']],
        );
        assert.match(up.failures[0]?.hint ?? '', /this kernel lacks the device type/);
        assert.equal(await lab.node('a').link('eth0'), undefined);
        assert.deepEqual((await lab.down()).failures, []);
        assert.equal(await hostLinks(), before_);
      });
      return;
    }

    const links = type === 'vlan' ? [link(a, '10.7.0.1/24')] : [link(a, '10.7.0.1/24'), link(b, '10.7.0.2/24')];
    const node = () => lab.node('a');
    const ping = (from: string, to: string) =>
      execa('ip', ['netns', 'exec', from, 'ping', '-c', '1', '-W', '3', to], { reject: false });

    it('is made in the node under its own name, and carries packets', async () => {
      const up = await lab.up({ links });
      assert.deepEqual(up.failures, []);
      assert.equal(up.links.created, links.length);
      const device = await node().link('eth0');
      assert.equal(device?.linkinfo?.info_kind, type);
      assert.equal(device?.mtu, 9000, "the parent's");
      assert.match(device?.ifalias ?? '', new RegExp(`^linkloom/1 ${lab.name} ${a} eth0$`));
      assert.equal((await ping(a, '10.7.0.100')).exitCode, 0);
      if (type !== 'vlan') assert.equal((await ping(a, '10.7.0.2')).exitCode, 0, 'from one to the other');
      assert.equal(await hostLinks(), before_, "the host's devices are as they were");
    });

    it('is unchanged the second time, and status agrees', async () => {
      const again = await lab.up({ links });
      assert.deepEqual([again.links.unchanged, again.links.changed], [links.length, 0]);
      const status = await lab.status({ links });
      assert.deepEqual(
        status.links.flatMap(({ drift }) => drift),
        [],
      );
    });

    it('changes in place what the kernel can change', async () => {
      const index = (await node().link('eth0'))?.ifindex;
      const other = { mtu: 1400, ...(type.startsWith('ip') ? {} : { mac: 'c2:00:00:00:00:77' }), ...changed };
      const edited = links.map((one) => ({ ...one, ...(changed ?? {}), ...(one.netns === a ? other : {}) }));
      const up = await lab.up({ links: edited });
      assert.deepEqual(up.failures, []);
      const device = await node().link('eth0');
      assert.equal(device?.ifindex, index);
      assert.equal(device?.mtu, 1400);
      if (!type.startsWith('ip')) assert.equal(device?.address, 'c2:00:00:00:00:77');
      if (changed) assert.equal(device?.linkinfo?.info_data?.['mode'], changed.mode);
      assert.equal((await lab.up({ links: edited })).links.unchanged, links.length);
      if (type === 'macvlan') assert.notEqual((await ping(a, '10.7.0.2')).exitCode, 0, 'private keeps them apart');
      assert.deepEqual((await lab.up({ links })).failures, []);
      assert.equal((await ping(a, '10.7.0.100')).exitCode, 0, 'and back again');
    });

    it('is made again for another parent or VLAN', async () => {
      await execa('ip', ['link', 'add', 'other0', 'up', 'type', 'veth', 'peer', 'name', 'o1', 'netns', far.name]);
      try {
        const plan = await lab.plan({ links: links.map((one) => ({ ...one, 'outer-dev': 'other0' })) });
        assert.equal(plan.links[0]?.cause, 'parent eth0 → other0');
        const moved = links.map((one) => ({
          ...one,
          'outer-dev': 'other0',
          ...(type === 'vlan' ? { vlanid: 6 } : {}),
        }));
        const up = await lab.up({ links: moved });
        assert.deepEqual(up.failures, []);
        assert.equal(up.links.changed, links.length);
        const { ifindex } = JSON.parse((await execa('ip', ['-json', 'link', 'show', 'other0'])).stdout)[0];
        const device = await node().link('eth0');
        // Of an ipvtap the kernel does not say that its parent is in another namespace.
        assert.ok(device?.link_index === ifindex || device?.link === `if${ifindex}`, JSON.stringify(device));
      } finally {
        await execa('ip', ['link', 'del', 'other0']);
      }
      assert.deepEqual((await lab.up({ links })).failures, []);
    });

    it('fails by name where its parent does not carry it, and keeps what is there', async () => {
      const index = (await node().link('eth0'))?.ifindex;
      const tooLarge = await lab.up({ links: links.map((one) => ({ ...one, mtu: 9001 })) });
      assert.deepEqual(
        [tooLarge.failures[0]?.subject, tooLarge.failures[0]?.code],
        [linkSubject(`${a}:eth0`), 'E_PARENT'],
      );
      assert.match(tooLarge.failures[0]?.message ?? '', /mtu 9001 is more than the 9000 of its parent eth0/);
      const missing = await lab.up({ links: links.map((one) => ({ ...one, 'outer-dev': 'nosuch0' })) });
      assert.match(missing.failures[0]?.message ?? '', /its parent nosuch0 does not exist in the host's namespace/);
      assert.match(missing.failures[0]?.hint ?? '', /there are eth0/);
      assert.equal((await node().link('eth0'))?.ifindex, index);
    });

    it('goes with `down`, and its parent stays', async () => {
      const down = await lab.down();
      assert.deepEqual([down.failures, down.links.removed], [[], links.length]);
      assert.equal(await hostLinks(), before_);
    });
  });
}
