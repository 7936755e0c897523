/** Runs on a host: writes all that the kernel has of namespaces, devices, addresses, filters and forwarding entries, without what is by chance. */
import { existsSync } from 'node:fs';
import { execa } from 'execa';
import { namedNs } from '../../../src/net/ns-id.ts';
import { dump } from '../../../workers/tasks/dump.ts';

const { stdout: list } = await execa('ip', ['netns', 'list']);
const names = list.split('\n').flatMap((line) => line.split(' ')[0] || []);
const lines = await Promise.all(names.map(async (name) => (await dumpOf(name)).map((line) => `${name} ${line}`)));
process.stdout.write(lines.flat().sort().join('\n'));

interface Device {
  readonly ifname: string;
  readonly mtu: number;
  readonly flags: readonly string[];
  readonly address?: string;
  readonly master?: string;
  readonly group?: string;
  readonly ifalias?: string;
  readonly linkinfo?: { readonly info_kind?: string; readonly info_data?: Readonly<Record<string, unknown>> };
  readonly addr_info?: readonly { readonly local: string; readonly prefixlen: number; readonly scope: string }[];
}

async function dumpOf(netns: string): Promise<readonly string[]> {
  const { stdout, failed, stderr } = await execa('ip', ['-n', netns, '-details', '-json', 'address'], {
    reject: false,
  });
  // It may go while it is looked at.
  if (failed && !existsSync(`/run/netns/${netns}`)) return [];
  if (failed) throw new Error(`${netns}: ${stderr}`);
  const devices = JSON.parse(stdout) as readonly Device[];
  const filters = devices.map(({ ifname }) => `filter show dev ${ifname} ingress`).join('\n');
  const [{ stdout: told }, { stdout: entries }] = await Promise.all([
    execa('ip', ['netns', 'exec', netns, 'tc', '-batch', '-'], { input: filters, reject: false }),
    execa('bridge', ['-n', netns, 'fdb', 'show'], { reject: false }),
  ]);
  // Those of single addresses are learned from frames.
  const forwarded = entries.split('\n').filter((line) => /^00:00:00:00:00:00 .*dst /.test(line));
  const mirrored = told.split('\n').filter((line) => line.includes('mirred') || line.includes('linkloom-trunk'));
  return [
    ...devices.map((device) => textOf(device, netns.startsWith('linkloom-'))),
    ...[...mirrored, ...forwarded].map((line) => numberless(line.trim())),
    ...trunksOf(netns),
  ];
}

/** What each trunk does for which port: the kernel's tables, as linkloom's workers read them. */
function trunksOf(netns: string): readonly string[] {
  const wants = { addresses: false, routes: false, counters: false, traffic: true, translationsOf: null, offloads: [] };
  const links = dump({ task: 'dump', namespaces: [namedNs(netns)], wants }).dumps.flatMap((one) => one.links);
  const nameOf = (index: number): string => links.find(({ ifindex }) => ifindex === index)?.ifname ?? 'nothing';
  return links.flatMap(({ trunk, tunnel, ifname }) => {
    if (!trunk) return [];
    const into = new Map(trunk.in.map(({ vni, port }) => [vni, port]));
    const heard = (tunnel?.vnis ?? []).reduce((sum, [first, last]) => sum + last - first + 1, 0);
    const wires = trunk.out.map(
      (out) =>
        `${ifname} ${nameOf(out.port)} → ${nameOf(out.trunk)} ${out.remote} from ${out.local}, back to ${nameOf(into.get(out.vni) ?? 0)}`,
    );
    return [...wires, `${ifname} hears ${heard}, knows ${trunk.in.length}`];
  });
}

function textOf(device: Device, isSwitch: boolean): string {
  const { ifname, mtu, flags, address, master, group, ifalias, linkinfo, addr_info: addresses = [] } = device;
  const { info_kind: kind, info_data: data = {} } = linkinfo ?? {};
  const own = addresses.filter(({ scope }) => scope !== 'link').map(({ local, prefixlen }) => `${local}/${prefixlen}`);
  const remote = kind === 'vxlan' ? [data['remote'], data['port'], data['learning']] : [];
  const words = [
    ifname,
    kind,
    mtu,
    flags.includes('UP'),
    isSwitch ? '' : address,
    master,
    group,
    ifalias,
    ...own,
    ...remote,
  ];
  return numberless(words.join(' '));
}

/** The numbers of tunnels are given anew where a lab is made anew. */
function numberless(line: string): string {
  return line.replaceAll(/\bvxlan-\d+/g, 'vxlan-N').replaceAll(/\b(index|ref|bind|vni|src_vni|id) \d+/g, '$1 N');
}
