/**
 * Tunnels between two hosts, which here are two network namespaces with a wire between them: a lab on each, a node in each
 * lab, and packets from one node to the other through vxlan, geneve or gre. By the command line, which runs on either host.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { execa } from 'execa';
import { BIN } from '../../support/bin.ts';
import { kernelHas } from '../../support/kernel-types.ts';
import { needs } from '../../support/needs.ts';
import { type Netns, netnsNames, newNetns, openNetns, uniqueName } from '../../support/netns.ts';

const onlyRoot = { timeout: 170_000, ...needs('root', 'program:ip', 'program:nsenter') };

const PORTS = { vxlan: 8472, geneve: 6081, gre: undefined } as const;
const ADDRESSES = { 4: ['192.0.2.1', '192.0.2.2'], 6: ['2001:db8::1', '2001:db8::2'] } as const;

interface Host {
  readonly netns: Netns;
  readonly lab: string;
  readonly node: string;
}

/** linkloom as started on a host: in its network namespace. */
async function linkloomOn({ netns }: Host, args: readonly string[], lab?: object) {
  const words = [`--net=/run/netns/${netns.name}`, process.execPath, BIN, ...args];
  return execa('nsenter', words, {
    reject: false,
    env: { NO_COLOR: '1' },
    ...(lab === undefined ? { stdin: 'ignore' as const } : { input: JSON.stringify(lab) }),
  });
}

async function newHost(): Promise<Host> {
  const lab = uniqueName('t');
  return { netns: await newNetns('h'), lab, node: `${lab}n` };
}

async function wire(hosts: readonly [Host, Host]): Promise<void> {
  const [a, b] = hosts.map(({ netns }) => netns) as [Netns, Netns];
  await a.exec('ip', 'link', 'add', 'wire', 'type', 'veth', 'peer', 'name', 'wire', 'netns', b.name);
  for (const [index, netns] of [a, b].entries()) {
    await netns.exec('ip', 'link', 'set', 'wire', 'up');
    await netns.exec('ip', 'address', 'add', `${ADDRESSES[4][index]}/24`, 'dev', 'wire');
    await netns.exec('ip', 'address', 'add', `${ADDRESSES[6][index]}/64`, 'dev', 'wire', 'nodad');
  }
}

/** The kernel's word for the device, and where ip(8) tells number and remote. */
function seenAs(type: keyof typeof PORTS, family: 4 | 6) {
  if (type === 'gre')
    return { kind: family === 6 ? 'ip6gretap' : 'gretap', id: 'ikey', number: '0.0.0.5', remote: 'remote' };
  return { kind: type, id: 'id', number: 5, remote: family === 6 ? 'remote6' : 'remote' };
}

for (const type of ['vxlan', 'geneve', 'gre'] as const) {
  for (const [side, family] of [
    ['netns', 4],
    ['own', 6],
  ] as const) {
    describe(
      `${type} over IPv${family}, bridges in ${side === 'own' ? 'our own' : 'a switch'} namespace`,
      onlyRoot,
      () => {
        let hosts: [Host, Host];
        const labOf = (index: 0 | 1, more: object = {}) => ({
          lab: hosts[index].lab,
          links: [{ netns: hosts[index].node, bridge: 'lan', ip: `10.6.0.${index + 1}/24`, mtu: 1400 }],
          tunnels: [{ type, bridge: 'far', remote: ADDRESSES[family][1 - index], vni: 5, ...more }],
        });
        /** The namespace that has the bridges of a host's lab. */
        const switches = ({ netns, lab }: Host): Netns => (side === 'own' ? netns : openNetns(`linkloom-${lab}`));
        const up = (index: 0 | 1, more?: object) =>
          linkloomOn(hosts[index], ['up', '-f', '-', '--json', '--switch', side], labOf(index, more));

        before(async () => {
          hosts = [await newHost(), await newHost()];
          await wire(hosts);
        });
        after(async () => {
          for (const host of hosts ?? []) {
            await linkloomOn(host, ['down', '--lab', host.lab]);
            await host.netns[Symbol.asyncDispose]();
          }
        });

        if (!kernelHas(seenAs(type, family).kind)) {
          it('fails by name where the kernel lacks it; links are made all the same', async () => {
            const words = ['up', '-f', '-', '--json', '--switch', side, '--no-preflight'];
            const ran = await linkloomOn(hosts[0], words, labOf(0));
            assert.equal(ran.exitCode, 1);
            const { failures, links } = JSON.parse(ran.stdout);
            assert.deepEqual(
              [failures.length, failures[0].link, failures[0].code],
              [1, `tunnel ${type}-5`, 'E_FEATURE'],
            );
            assert.match(failures[0].hint, /this kernel lacks the device type/);
            assert.equal(links.created, 1);
          });
          return;
        }

        it('makes the tunnel and the bridge that only it names, down to the last detail', async () => {
          for (const index of [0, 1] as const) {
            const ran = await up(index);
            assert.equal(ran.exitCode, 0, ran.stderr);
            const devices = switches(hosts[index]);
            const tunnel = await devices.link(`${type}-5`);
            const data = tunnel?.linkinfo?.info_data ?? {};
            const { kind, id, number, remote } = seenAs(type, family);
            assert.equal(tunnel?.linkinfo?.info_kind, kind);
            assert.deepEqual([data[id], data['port']], [number, PORTS[type]]);
            assert.equal(data[remote], ADDRESSES[family][1 - index]);
            assert.ok(tunnel?.flags.includes('UP'));
            assert.equal(tunnel?.master, 'far');
            assert.equal(tunnel?.ifalias, `linkloom/1 ${hosts[index].lab} %23tunnel ${type}-5`);
            if (side === 'netns') assert.equal(await hosts[index].netns.link(`${type}-5`), undefined);
          }
        });

        it('is unchanged the second time', async () => {
          const plan = await linkloomOn(
            hosts[0],
            ['plan', '-f', '-', '--switch', side, '--detailed-exitcode'],
            labOf(0),
          );
          assert.equal(plan.exitCode, 0, plan.stdout);
        });

        it('carries packets from node to node, once it is moved to the bridge of the nodes', async () => {
          for (const index of [0, 1] as const) assert.equal((await up(index, { bridge: 'lan' })).exitCode, 0);
          const words = [
            'netns',
            'exec',
            hosts[0].node,
            'ping',
            '-c',
            '3',
            '-i',
            '0.2',
            '-W',
            '5',
            '-s',
            '1300',
            '10.6.0.2',
          ];
          const ping = await execa('ip', words, { reject: false });
          assert.match(ping.stdout, /[1-3] received/);
          const counters = await switches(hosts[1]).exec('cat', `/sys/class/net/${type}-5/statistics/rx_bytes`);
          assert.ok(Number(counters) > 1300, 'they came through the tunnel');
          assert.equal(await switches(hosts[0]).link('far'), undefined, 'nothing names that bridge any more');
        });

        it('fails by name where another lab has the VNI', async () => {
          const second = { ...hosts[0], lab: uniqueName('t') };
          const wanted = { ...labOf(0), lab: second.lab, links: [] };
          const ran = await linkloomOn(second, ['up', '-f', '-', '--json', '--switch', 'netns'], wanted);
          await linkloomOn(second, ['down', '--lab', second.lab]);
          const [failure] = JSON.parse(ran.stdout).failures;
          assert.equal(ran.exitCode, 1);
          assert.equal(failure?.link, `tunnel ${type}-5`);
          assert.match(`${failure?.message} ${failure?.hint}`, /VNI/);
        });

        it('is made again for another remote, and told by status', async () => {
          const ran = await up(0, { bridge: 'lan', remote: ADDRESSES[family === 4 ? 6 : 4][1] });
          assert.equal(ran.exitCode, 0, ran.stderr);
          const data = (await switches(hosts[0]).link(`${type}-5`))?.linkinfo?.info_data ?? {};
          const other = family === 4 ? 6 : 4;
          assert.equal(data[seenAs(type, other).remote], ADDRESSES[other][1]);
          const status = await linkloomOn(hosts[0], ['status', '--lab', hosts[0].lab, '--json']);
          const [tunnel] = JSON.parse(status.stdout).tunnels;
          assert.deepEqual([tunnel.tunnel, tunnel.bridge, tunnel.vni], [`${type}-5`, 'lan', 5]);
        });

        it('goes with `down`', async () => {
          for (const host of hosts) {
            const down = await linkloomOn(host, ['down', '--lab', host.lab, '--json']);
            assert.equal(down.exitCode, 0, down.stderr);
            assert.equal(JSON.parse(down.stdout).links.removed, 1);
            const left = (await host.netns.links())
              .map(({ ifname }) => ifname)
              .filter((name) => /lan|far|-/.test(name));
            assert.deepEqual(left, []);
            assert.deepEqual(
              (await netnsNames()).filter((name) => name.includes(host.lab)),
              [],
            );
          }
        });
      },
    );
  }
}
