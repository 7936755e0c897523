/** The `networks:` of a compose project: bridges of the lab, with their subnets, or networks of the engine's. */
import { parsePrefix } from '../../../net/address.ts';
import { addressAt, networkOf, overlap } from '../../../net/offset.ts';
import { isMap } from '../../extract.ts';
import type { Source } from '../../text/source.ts';
import type { ForeignLab } from '../foreign-lab.ts';
import type { Where } from '../notes.ts';

/** The network that services without `networks:` are on. */
const DEFAULT_NETWORK = 'default';
/** The bridges' own subnets, where the file gives none. */
const SUBNETS = (index: number): string => `172.${16 + (index >> 8)}.${index & 255}.0/24`;
/** Keys of a network that are read here. */
const KNOWN = new Set(['ipam', 'name', 'external']);

/** What a service says of a network that it is on. */
type Membership = Readonly<Record<string, unknown>>;

export class Networks {
  readonly #lab: ForeignLab;
  readonly #source: Source;
  readonly #top: Readonly<Record<string, unknown>>;
  readonly #bridges = new Map<string, Bridge>();
  /** Subnets that the file gives, which no other network gets. */
  readonly #given: readonly string[];

  constructor(lab: ForeignLab, source: Source, top: Readonly<Record<string, unknown>>) {
    this.#lab = lab;
    this.#source = source;
    this.#top = top;
    this.#given = Object.values(this.#all).flatMap((network) => subnetsOf(network));
  }

  /** The engine's name of a network that is not the project's; null if it is a bridge. */
  externalName(name: string): string | null {
    const { external, name: own } = this.#written(name);
    if (isMap(external) && typeof external['name'] === 'string') return external['name'];
    if (external !== true && external !== 'true') return null;
    return typeof own === 'string' ? own : name;
  }

  bridge(name: string): Bridge {
    const known = this.#bridges.get(name);
    if (known !== undefined) return known;
    const written = this.#written(name);
    const where: Where = () => this.#source.locate(['networks', name], 'key');
    for (const key of Object.keys(written)) {
      if (KNOWN.has(key) || key.startsWith('x-')) continue;
      this.#lab.notes.leftOut(`${key} of the network ${name}`, () =>
        this.#source.locate(['networks', name, key], 'key'),
      );
    }
    const subnets = subnetsOf(written);
    const bridge = new Bridge(this.#lab.names.device('bridges', name, where), {
      v4: subnets.find((subnet) => !subnet.includes(':')) ?? this.#freeSubnet(),
      v6: subnets.find((subnet) => subnet.includes(':')) ?? null,
      gateways: gatewaysOf(written),
    });
    this.#bridges.set(name, bridge);
    this.#lab.addBridge({ bridge: bridge.name }, where);
    return bridge;
  }

  get #all(): Readonly<Record<string, unknown>> {
    return isMap(this.#top['networks']) ? this.#top['networks'] : {};
  }

  #written(name: string): Readonly<Record<string, unknown>> {
    const written = this.#all[name];
    return isMap(written) ? written : {};
  }

  #freeSubnet(): string {
    for (let index = this.#bridges.size; ; index++) {
      const subnet = SUBNETS(index);
      const taken = [...this.#given, ...[...this.#bridges.values()].map(({ subnets }) => subnets.v4)];
      if (!taken.some((other) => !other.includes(':') && overlap(other, subnet))) return subnet;
    }
  }
}

interface Subnets {
  readonly v4: string;
  readonly v6: string | null;
  readonly gateways: readonly string[];
}

/** A bridge of the lab, and the addresses in it. */
export class Bridge {
  readonly name: string;
  readonly subnets: Subnets;
  readonly #used: Set<string>;
  /** The first address is the gateway's, as with Docker. */
  #last = 1n;

  constructor(name: string, subnets: Subnets) {
    this.name = name;
    this.subnets = subnets;
    this.#used = new Set(subnets.gateways);
  }

  /** Keeps an address from being given out. */
  reserve(address: string): void {
    this.#used.add(address);
  }

  /** The addresses of a member: those that it asks for, and an IPv4 one in any case; null where the subnet is full. */
  addressesOf(of: Membership): readonly string[] | null {
    const [v4, v6] = [of['ipv4_address'], of['ipv6_address']];
    const own = typeof v4 === 'string' ? v4 : this.#next();
    if (own === null) return null;
    const length = (subnet: string): string => subnet.slice(subnet.indexOf('/') + 1);
    const six = typeof v6 === 'string' ? [`${v6}/${length(this.subnets.v6 ?? '/64')}`] : [];
    return [`${own}/${length(this.subnets.v4)}`, ...six];
  }

  #next(): string | null {
    const { v4 } = this.subnets;
    const size = 2n ** BigInt(32 - Number(v4.slice(v4.indexOf('/') + 1)));
    // The last address is for broadcasts.
    while (this.#last < size - 2n) {
      this.#last += 1n;
      const address = addressAt(v4, this.#last).replace(/\/.*$/, '');
      if (!this.#used.has(address)) return address;
    }
    return null;
  }
}

/** The networks of a service by name, in the order of the file; null if it names none and is on the project's own. */
export function networksOf(service: unknown): readonly (readonly [string, Membership])[] | null {
  if (!isMap(service) || service['network_mode'] !== undefined) return [];
  const written = service['networks'];
  if (Array.isArray(written)) return written.map((name) => [String(name), {}] as const);
  if (!isMap(written)) return null;
  return Object.entries(written).map(([name, of]) => [name, isMap(of) ? of : {}] as const);
}

/** What a service without `networks:` is on. */
export const ON_DEFAULT = [[DEFAULT_NETWORK, {}]] as const satisfies readonly (readonly [string, Membership])[];

function partsOf(network: unknown): readonly Readonly<Record<string, unknown>>[] {
  const ipam = isMap(network) && isMap(network['ipam']) ? network['ipam']['config'] : undefined;
  return Array.isArray(ipam) ? ipam.filter((part) => isMap(part)) : [];
}

function subnetsOf(network: unknown): readonly string[] {
  return partsOf(network).flatMap(({ subnet }) => {
    const parsed = typeof subnet === 'string' ? parsePrefix(subnet) : 'none';
    return typeof parsed === 'string' ? [] : [networkOf(parsed.text)];
  });
}

function gatewaysOf(network: unknown): readonly string[] {
  return partsOf(network).flatMap(({ gateway }) => (typeof gateway === 'string' ? [gateway] : []));
}
