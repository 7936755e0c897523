/** Nodes as checks see them, and which of their addresses is meant. */
import { isGlob, patternOf } from '../config/nodes/pattern.ts';
import { type Family, parsePrefix } from '../net/address.ts';
import { HOST_NAME } from '../net/ifname.ts';
import type { NsId } from '../net/ns-id.ts';
import { networkOf } from '../net/offset.ts';
import type { CheckSpec } from '../topology/check/spec.ts';

export interface CheckNode {
  /** NODE. */
  readonly label: string;
  /** All names by which it may be called, the label among them. */
  readonly names: readonly string[];
  readonly ns: NsId;
  /** Prefixes of `lo`. */
  readonly loopbacks: readonly string[];
  /** The devices of its links, in the order of the configuration, with their prefixes. */
  readonly devices: readonly { readonly dev: string; readonly prefixes: readonly string[] }[];
}

/** The nodes that names and patterns stand for, each once; and those names that stand for none. */
export function chooseNodes(
  names: readonly string[],
  nodes: readonly CheckNode[],
): { readonly chosen: readonly CheckNode[]; readonly absent: readonly string[] } {
  const chosen = new Set<CheckNode>();
  const absent: string[] = [];
  for (const name of names) {
    const found = nodes.filter((node) => isCalled(node, name));
    if (found.length === 0) absent.push(name);
    for (const node of found) chosen.add(node);
  }
  return { chosen: [...chosen], absent };
}

function isCalled({ names }: CheckNode, name: string): boolean {
  if (!isGlob(name)) return names.includes(name);
  // The host itself is meant only where it is named.
  if (names.includes(HOST_NAME)) return false;
  const pattern = patternOf([name]);
  return names.some((one) => pattern.test(one));
}

/** An address without a length. */
export interface Spot {
  readonly address: string;
  readonly family: Family;
}

const LINK_LOCAL = /^fe[89ab]/;

/** Reads prefixes. Addresses of one link (`fe80::/10`) are left out: nothing is sent to them without a device. */
export function spotsOf(prefixes: readonly string[]): readonly (Spot & { readonly prefix: string })[] {
  return prefixes.flatMap((prefix) => {
    const parsed = parsePrefix(prefix);
    return typeof parsed === 'string' || LINK_LOCAL.test(parsed.address)
      ? []
      : [{ address: parsed.address, family: parsed.family, prefix }];
  });
}

/**
 * The address of a node that is meant by NODE (`dev` null) or NODE:DEV. By NODE it is that of the loopback, else one in a network that
 * the asking node is in, too, else the first. IPv4 comes before IPv6 unless a family is asked for. A text says why there is none.
 */
export function addressOf(
  node: CheckNode,
  dev: string | null,
  asking: CheckNode,
  family: CheckSpec['family'],
): Spot | string {
  const families: readonly Family[] = family === null ? [4, 6] : [family];
  const first = (spots: readonly Spot[]): Spot | undefined =>
    families.map((one) => spots.find((spot) => spot.family === one)).find((spot) => spot !== undefined);
  const wanted = family === null ? 'address' : `address of IPv${family}`;
  if (dev === 'lo') return first(spotsOf(node.loopbacks)) ?? `${node.label}:lo has no ${wanted}`;
  if (dev !== null) {
    const device = node.devices.find((one) => one.dev === dev);
    if (device === undefined) return `${node.label} has no link ${dev}`;
    return first(spotsOf(device.prefixes)) ?? `${node.label}:${dev} has no ${wanted}`;
  }
  const all = spotsOf(node.devices.flatMap(({ prefixes }) => prefixes));
  const near = networksOf(asking);
  const shared = all.filter(({ prefix }) => near.has(networkOf(prefix)));
  return (
    first(spotsOf(node.loopbacks)) ??
    first(shared) ??
    first(all) ??
    `${node.label} has no ${wanted} in the configuration`
  );
}

function networksOf({ devices }: CheckNode): ReadonlySet<string> {
  return new Set(devices.flatMap(({ prefixes }) => prefixes.map(networkOf)));
}
