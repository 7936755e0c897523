/** Makes labs of namespaces for tests of faults. */

export interface LabSize {
  readonly nodes: number;
  readonly links: number;
}

export interface LabLink {
  readonly netns: string;
  readonly dev: string;
  readonly bridge: string;
  readonly ip: string;
  readonly mac: string;
  readonly mtu: number;
}

export interface Lab {
  readonly lab: string;
  readonly links: readonly LabLink[];
}

/** A lab with two links per bridge, spread over the nodes. Every device has an address, a MAC and an MTU of its own. */
export function labOf(lab: string, { nodes, links }: LabSize): Lab {
  return {
    lab,
    links: Array.from({ length: links }, (_, n) => ({
      netns: `${lab}n${n % nodes}`,
      dev: `eth${Math.floor(n / nodes)}`,
      bridge: `b${n >> 1}`,
      ip: `10.${(n >> 13) & 255}.${(n >> 5) & 255}.${((n & 31) << 2) + 1 + (n & 1)}/30`,
      mac: `c2:00:00:00:${hex(n >> 8)}:${hex(n & 255)}`,
      mtu: 1400 + (n % 100),
    })),
  };
}

function hex(value: number): string {
  return value.toString(16).padStart(2, '0');
}
