/** Links on links of the same node, and links on nothing: dummies. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { execa } from 'execa';
import { linkSubject, subjectText } from '../../../src/subject.ts';
import { kernelHas } from '../../support/kernel-types.ts';
import { type TestLab, testLab } from '../../support/lab.ts';
import { needs } from '../../support/needs.ts';
import { netnsNames } from '../../support/netns.ts';

const onlyRoot = { timeout: 170_000, ...needs('root', 'program:ip') };

const ping = async (from: string, to: string): Promise<boolean> => {
  const { exitCode } = await execa('ip', ['netns', 'exec', from, 'ping', '-c', '1', '-W', '3', to], { reject: false });
  return exitCode === 0;
};

/** What stands on what is not asked in order: the upper device is written first. */
function stackOf(lab: TestLab, type: 'macvlan' | 'vlan', mode: 'linux' | 'direct', mtu: number): object {
  const nodes = [lab.node('a').name, lab.node('b').name];
  const upper = (dev: string, parent: string, vlanid: number): object => ({
    type,
    dev,
    base: 'local',
    'outer-dev': parent,
    ...(type === 'vlan' ? { vlanid } : { mode: 'bridge' }),
  });
  return {
    bridges: [{ bridge: 'wire', mode }],
    links: nodes.flatMap((netns, index) => [
      ...(type === 'vlan' ? [{ netns, ...upper('inner', 'outer', 7), ip: `10.8.7.${index + 1}/24` }] : []),
      { netns, ...upper('outer', 'eth0', 5), ip: `10.8.5.${index + 1}/24` },
      { netns, bridge: 'wire', ip: `10.8.0.${index + 1}/24`, mtu },
    ]),
  };
}

for (const type of ['macvlan', 'vlan'] as const) {
  for (const mode of ['linux', 'direct'] as const) {
    describe(`${type} on a ${mode} link of the node`, onlyRoot, () => {
      const lab = testLab('netns', 's');
      const [a, b] = [lab.node('a').name, lab.node('b').name];
      after(async () => {
        await lab[Symbol.asyncDispose]();
      });

      if (!kernelHas(type)) {
        it('fails by name, and the links below it stand', async () => {
          const ran = await lab.up(stackOf(lab, type, mode, 1500));
          const codes = ran.failures.map(({ subject, code }) => `${subjectText(subject)} ${code}`);
          assert.ok(codes.includes(`${a}:outer E_FEATURE`) && codes.includes(`${b}:outer E_FEATURE`), codes.join());
          assert.ok(await ping(a, '10.8.0.2'));
        });
        return;
      }

      const count = type === 'vlan' ? 6 : 4;

      it('stands, whatever the order in the file, and carries packets', async () => {
        const ran = await lab.up(stackOf(lab, type, mode, 1500));
        assert.deepEqual(ran.failures, []);
        assert.equal(ran.links.created, count);
        assert.ok(await ping(a, '10.8.0.2'));
        assert.ok(await ping(a, '10.8.5.2'));
        if (type === 'vlan') assert.ok(await ping(b, '10.8.7.1'), 'a VLAN within a VLAN');
        assert.equal((await lab.up(stackOf(lab, type, mode, 1500))).links.unchanged, count);
      });

      it('stays as it is when its parent is changed in place, and is made again with one that is made again', async () => {
        const index = (await lab.node('a').link('outer'))?.ifindex;
        const larger = await lab.up(stackOf(lab, type, mode, 1600));
        assert.deepEqual(larger.failures, []);
        assert.equal((await lab.node('a').link('outer'))?.ifindex, index);
        await lab.node('a').exec('ip', 'link', 'del', 'eth0');
        assert.equal(await lab.node('a').link('outer'), undefined);
        assert.deepEqual((await lab.up(stackOf(lab, type, mode, 1600))).failures, []);
        assert.ok(await ping(b, '10.8.5.1'));
        const settled = await lab.up(stackOf(lab, type, mode, 1600));
        assert.equal(settled.links.unchanged, count);
      });

      it('goes with the rest', async () => {
        assert.deepEqual((await lab.down()).failures, []);
        assert.deepEqual(
          (await netnsNames()).filter((name) => name.includes(lab.name)),
          [],
        );
      });
    });
  }
}

describe('type dummy', onlyRoot, () => {
  const lab = testLab('netns', 'd');
  const node = lab.node('a').name;
  const labOf = (more: object): object => ({
    links: [{ netns: node, type: 'dummy', dev: 'i0', ip: '192.0.2.8/32', ...more }],
  });
  after(async () => {
    await lab[Symbol.asyncDispose]();
  });

  if (!kernelHas('dummy')) {
    it('says that the kernel lacks it', async () => {
      const ran = await lab.up(labOf({}));
      assert.deepEqual([ran.failures[0]?.subject, ran.failures[0]?.code], [linkSubject(`${node}:i0`), 'E_FEATURE']);
      assert.match(ran.failures[0]?.hint ?? '', /this kernel lacks the device type/);
    });
    return;
  }

  it('is made, answers, is changed in place, and goes', async () => {
    const ran = await lab.up(labOf({ route: '198.51.100.0/24' }));
    assert.deepEqual(ran.failures, []);
    assert.ok(await ping(node, '192.0.2.8'));
    const made = await lab.node('a').link('i0');
    assert.equal(made?.mtu, 65_535);
    assert.ok((await lab.node('a').routes(4)).some(({ dst, dev }) => dst === '198.51.100.0/24' && dev === 'i0'));
    assert.equal((await lab.up(labOf({ route: '198.51.100.0/24' }))).links.unchanged, 1);
    assert.equal((await lab.up(labOf({ mtu: 1400 }))).links.changed, 1);
    const changed = await lab.node('a').link('i0');
    assert.deepEqual([changed?.ifindex, changed?.mtu], [made?.ifindex, 1400]);
    assert.deepEqual((await lab.down()).failures, []);
    assert.deepEqual(
      (await netnsNames()).filter((name) => name.includes(lab.name)),
      [],
    );
  });

  it('becomes a link on a bridge, and the reverse, under the same name', async () => {
    const veth = { links: [{ netns: node, bridge: 'lan', dev: 'i0', ip: '192.0.2.8/24' }] };
    for (const [kind, wanted] of [
      ['dummy', labOf({})],
      ['veth', veth],
      ['dummy', labOf({})],
    ] as const) {
      const ran = await lab.up(wanted);
      assert.deepEqual(ran.failures, []);
      assert.equal((await lab.node('a').link('i0'))?.linkinfo?.info_kind, kind);
      assert.equal((await lab.up(wanted)).links.unchanged, 1);
    }
  });
});
