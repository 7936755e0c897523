/** Links of the host itself that stand on a device of the host: made beside it, carrying packets, and gone without a trace. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { subjectText } from '../../../src/subject.ts';
import { foreign, hostLink, ip } from '../../support/host/strangers.ts';
import { kernelHas } from '../../support/kernel-types.ts';
import { testLab } from '../../support/lab.ts';
import { needs } from '../../support/needs.ts';
import { type Netns, newNetns } from '../../support/netns.ts';

const onlyRoot = { timeout: 170_000, ...needs('root', 'program:ip', 'program:ping') };

const PARENT = 'up0';
const DEV = 'llp0';

/** The host's, but for how many stand on a device and listen through it, which the kernel counts. */
const host = async (isOurs?: (dev: string) => boolean): Promise<string> =>
  (await foreign(isOurs)).replace(/"(promiscuity|allmulti)": \d+,?/g, '');

for (const { type, more } of [
  { type: 'vlan', more: { vlanid: 7 } },
  { type: 'macvlan', more: { mode: 'bridge' } },
] as const) {
  describe(`type ${type} with host: true`, onlyRoot, () => {
    const lab = testLab('netns', 'h');
    let far: Netns;
    const wanted = (other: object = {}): object => ({
      links: [{ host: true, dev: DEV, type, 'outer-dev': PARENT, ip: '10.75.0.1/24', ...more, ...other }],
    });

    before(async () => {
      far = await newNetns('f');
      await ip('link', 'add', PARENT, 'type', 'veth', 'peer', 'name', 'f0', 'netns', far.name);
      await ip('link', 'set', PARENT, 'up', 'addrgenmode', 'none');
      await far.exec('ip', 'link', 'set', 'f0', 'up');
      const isTagged = type === 'vlan' && kernelHas('vlan');
      if (isTagged) await far.exec('ip', 'link', 'add', 'f0.7', 'up', 'link', 'f0', 'type', 'vlan', 'id', '7');
      await far.exec('ip', 'address', 'add', '10.75.0.9/24', 'dev', isTagged ? 'f0.7' : 'f0');
      await far.untilUp('f0');
    });
    after(async () => {
      await lab[Symbol.asyncDispose]();
      await ip('link', 'del', PARENT).catch(() => {});
      await far?.[Symbol.asyncDispose]();
    });

    if (!kernelHas(type)) {
      it('says that the kernel lacks it, and leaves the host as it was', async () => {
        const was = await host();
        const { failures } = await lab.up(wanted());
        assert.deepEqual(
          failures.map(({ subject, code }) => `${subjectText(subject)} ${code}`),
          [`host:${DEV} E_FEATURE`],
        );
        assert.equal(await host(), was);
      });
      return;
    }

    it('carries packets, is unchanged the second time, is changed in place, and goes by its mark', async () => {
      const was = await host();
      const ran = await lab.up(wanted());
      assert.deepEqual([ran.failures, ran.links.created], [[], 1]);
      const device = await hostLink(DEV);
      assert.deepEqual([device?.linkinfo?.info_kind, device?.link], [type, PARENT]);
      assert.equal(device?.ifalias, `linkloom/1 ${lab.name} host ${DEV}`);
      await far.exec('ping', '-c', '1', '-W', '3', '10.75.0.1');
      assert.equal(await host((dev) => dev === DEV), was);
      assert.equal((await lab.up(wanted())).links.unchanged, 1);
      assert.equal((await lab.up(wanted({ mtu: 1400 }))).links.changed, 1);
      assert.equal((await hostLink(DEV))?.ifindex, device?.ifindex);
      await far.exec('ping', '-c', '1', '-W', '3', '10.75.0.1');
      assert.deepEqual((await lab.down()).failures, []);
      assert.equal(await host(), was);
    });
  });
}
