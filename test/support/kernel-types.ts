/** Finds out which types of devices the running kernel can make. It asks the kernel itself, which loads modules as needed. */
import { execFileSync } from 'node:child_process';

const known = new Map<string, boolean>();

/** Whether the kernel has this type of device. Needs root. */
export function kernelHas(type: string): boolean {
  let has = known.get(type);
  if (has === undefined) {
    has = tries(type);
    known.set(type, has);
  }
  return has;
}

/** Tries to make a device, in a network namespace that ends with the process. */
function tries(type: string): boolean {
  const more: Readonly<Record<string, string>> = {
    vlan: 'link p0 type vlan id 5',
    vxlan: 'type vxlan id 5 remote 127.0.0.1 dstport 8472',
    geneve: 'type geneve id 5 remote 127.0.0.1',
    gretap: 'type gretap remote 127.0.0.1 key 5',
    ip6gretap: 'type ip6gretap remote ::1 key 5',
    dummy: 'type dummy',
  };
  const script = `ip link add p0 type veth peer name p1 && ip link add probe ${more[type] ?? `link p0 type ${type}`}`;
  try {
    execFileSync('unshare', ['--net', 'sh', '-c', script], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
