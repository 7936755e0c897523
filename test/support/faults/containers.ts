/** Makes labs of containers for tests of faults, and compares the kernel with them. */
import { execa } from 'execa';
import type { TestEngine } from '../engine/dockerd.ts';
import type { IpLink } from '../netns.ts';

const DEVICES = ['eth0', 'eth1'] as const;

export interface ContainerLink {
  readonly container: string;
  readonly dev: (typeof DEVICES)[number];
  readonly bridge: string;
  readonly ip: string;
}

/** Two links for each container: one to a bridge of all (`10.4.0.N+1` for the Nth), and one to a bridge of two. */
export function linksOf(names: readonly string[]): readonly ContainerLink[] {
  return names.flatMap((container, n) => [
    { container, dev: 'eth0', bridge: 'lan', ip: `10.4.${n >> 7}.${(n & 127) + 1}/16` },
    { container, dev: 'eth1', bridge: `pair${n >> 1}`, ip: `10.5.${n >> 1}.${(n & 1) + 1}/24` },
  ]);
}

/**
 * What is wrong, one line each. Each running container must have its two devices, each with its port, and there must be no other
 * port.
 */
export async function containerDifferences(
  engine: TestEngine,
  lab: string,
  names: readonly string[],
): Promise<readonly string[]> {
  const found: string[] = [];
  const running = (await engine.docker('ps', '--format', '{{.Names}}'))
    .split('\n')
    .filter((name) => names.includes(name));
  const { stdout } = await execa('ip', ['-n', `linkloom-${lab}`, '-details', '-json', 'link'], { reject: false });
  const shard = (stdout === '' ? [] : JSON.parse(stdout)) as readonly IpLink[];
  const ports = new Map(
    shard.filter(({ linkinfo }) => linkinfo?.info_kind === 'veth').map((port) => [port.ifalias ?? port.ifname, port]),
  );
  const pids =
    running.length === 0 ? '' : await engine.docker('inspect', '--format', '{{.Name}} {{.State.Pid}}', ...running);
  for (const line of pids.split('\n').filter((text) => text !== '')) {
    const [slashed = '', pid = ''] = line.split(' ');
    const name = slashed.slice(1);
    const devices = await execa('nsenter', ['-t', pid, '-n', 'ip', '-json', 'link'], { reject: false });
    const there = new Map((JSON.parse(devices.stdout || '[]') as readonly IpLink[]).map((link) => [link.ifname, link]));
    for (const dev of DEVICES) {
      const alias = `linkloom/1 ${lab} ${name} ${dev}`;
      const port = ports.get(alias);
      ports.delete(alias);
      const device = there.get(dev);
      if (!device?.flags.includes('UP') || port?.ifindex !== device.link_index || port?.master === undefined) {
        found.push(`${name}:${dev} of process ${pid} is not linked`);
      }
    }
    if (there.size !== DEVICES.length + 1) found.push(`${name} has ${[...there.keys()].join(' ')}`);
  }
  for (const alias of ports.keys()) found.push(`port ${alias} is too much`);
  return found;
}
