/** What an agent says of its host, and of itself. */
import { createSocket } from 'node:dgram';
import { readFileSync, readlinkSync } from 'node:fs';
import { availableParallelism, networkInterfaces, totalmem } from 'node:os';
import type { HostFeature, HostInfo, Lease } from '../../cluster/state.ts';
import { WorkersOnDemand } from '../../engine/threads/on-demand.ts';
import { LinkloomError } from '../../errors.ts';
import type { ContainerEngine } from '../../runtime/engine.ts';

const BYTES_PER_MIB = 2 ** 20;
/** Where nobody says what the underlay takes: Ethernet's. */
const MTU_DEFAULT = 1500;

/**
 * The kernel's boot id and the namespace of process ids: within both a process id means one process.
 */
export function ownLease(): Lease {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const holder = `${Date.now().toString(36)}-${process.hrtime.bigint().toString(36)}`;
  return { boot: `${boot} ${readlinkSync('/proc/self/ns/pid')}`, pid: process.pid, holder };
}

/** Whether the process of a lease of the same boot runs. A process that is ourselves is one that had our number before. */
export function isRunning({ pid }: Lease): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

export interface SelfOptions {
  readonly version: string;
  /** Where tunnels of other hosts reach this one; null: the address from which it reaches the store. */
  readonly address: string | null;
  /** The first server of the store. */
  readonly server: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Throws E_USAGE if there is no address that other hosts could reach. */
export async function hostInfo(
  options: SelfOptions,
  engines: readonly ContainerEngine[],
  features: readonly HostFeature[],
): Promise<HostInfo> {
  const address = options.address ?? (await addressTowards(options.server));
  const containers = (await Promise.all(engines.map((engine) => engine.list().catch(() => [])))).flat();
  const nodes = containers.flatMap(({ name, service }) => [
    `container/${name}`,
    ...(service === null ? [] : [`service/${service}`]),
  ]);
  return {
    version: options.version,
    address,
    underlayMtu: mtuOf(address),
    features,
    nodes: [...new Set(nodes)].sort(),
    labels: options.labels,
    capacity: { cpus: availableParallelism(), memoryMiB: Math.round(totalmem() / BYTES_PER_MIB) },
  };
}

/** What the kernel can do for wires to other hosts, found out by trying. */
export async function featuresHere(): Promise<readonly HostFeature[]> {
  await using workers = new WorkersOnDemand(1);
  const features = ['trunk', 'vxlan'] as const;
  const nothing = { remotes: [], firewall: false, calibrationPairs: 0 };
  const { missing } = await workers.ask({ task: 'machine', features, ...nothing });
  return features.filter((feature) => !missing.includes(feature));
}

/** The address that the kernel chooses for packets to the store. No packet is sent. */
async function addressTowards(server: string): Promise<string> {
  const { hostname, port } = new URL(server.replace(/^[a-z]+:\/\//, 'http://'));
  const bare = hostname.replace(/^\[|\]$/g, '');
  const socket = createSocket(bare.includes(':') ? 'udp6' : 'udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.connect(Number(port || 4222), bare, resolve);
    });
    return socket.address().address;
  } catch (cause) {
    throw new LinkloomError('E_USAGE', `no address of this host is known: ${(cause as Error).message}`, {
      hint: 'give the one by which other hosts reach it: --address ADDRESS',
      cause,
    });
  } finally {
    socket.close();
  }
}

function mtuOf(address: string): number {
  for (const [dev, addresses = []] of Object.entries(networkInterfaces())) {
    if (!addresses.some((one) => one.address === address)) continue;
    try {
      return Number(readFileSync(`/sys/class/net/${dev}/mtu`, 'utf8'));
    } catch {
      // Where /sys is of another namespace the device is not in it.
    }
  }
  return MTU_DEFAULT;
}
