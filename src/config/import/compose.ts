/** Reads an ordinary compose project: its services become nodes, its `networks:` bridges of the lab. */
import { parsePrefix } from '../../net/address.ts';
import { isMap } from '../extract.ts';
import { interpolate } from '../text/interpolate.ts';
import { readSources, type Source } from '../text/source.ts';
import { ForeignLab, type Part, without } from './foreign-lab.ts';
import type { Where } from './notes.ts';
import type { Surroundings } from './options.ts';

/** Keys of a service that mean the same in an entry of `nodes:`. */
const SAME = [
  ...['image', 'command', 'entrypoint', 'labels', 'sysctls', 'cap_add', 'cap_drop', 'privileged', 'devices'],
  ...['user', 'hostname', 'restart', 'stop_signal', 'healthcheck', 'cpus'],
];
/** Keys that this file reads in another way. */
const OTHERS = new Set([
  'environment',
  'networks',
  'volumes',
  'ports',
  'depends_on',
  'mem_limit',
  'network_mode',
  'container_name',
]);

/** Keys at the top that this file reads. */
const KNOWN = new Set(['services', 'networks', 'name', 'version']);

/** The network that services without `networks:` are on. */
const DEFAULT_NETWORK = 'default';
/** The bridges' own subnets, where the file gives none: the second number counts the networks. */
const SUBNETS = (index: number): string => `172.${16 + (index >> 8)}.${index & 255}`;

interface Network {
  readonly bridge: string;
  /** The first three numbers of addresses that are given out here, and the last one given. */
  readonly prefix: string;
  readonly length: number;
  last: number;
  readonly used: Set<string>;
}

export async function readComposeNetworks(file: string, text: string, around: Surroundings): Promise<ForeignLab> {
  const lab = new ForeignLab();
  const [source] = await readSources(file, text, 'yaml', false);
  for (const { severity, message, where } of source.diagnostics) {
    if (severity === 'error') lab.notes.add('import-refused', message, () => where);
  }
  const top = filledIn(source.value, around);
  if (!isMap(top) || !isMap(top['services'])) {
    lab.notes.add('import-refused', `${file} has no services:`);
    return lab;
  }
  if (typeof top['name'] === 'string') lab.nameLab(top['name'], () => source.locate(['name']));
  const project = new Project(lab, source, top, around);
  for (const [name, service] of Object.entries(top['services'])) project.add(name, isMap(service) ? service : {});
  for (const key of Object.keys(top)) {
    // A volume without options needs no entry: the engine makes it when a container asks for it.
    const isPlain = key === 'volumes' && Object.values(top[key] ?? {}).every((volume) => volume === null);
    if (!KNOWN.has(key) && !key.startsWith('x-') && !isPlain) {
      lab.notes.leftOut(key, () => source.locate([key], 'key'));
    }
  }
  return lab;
}

function filledIn(value: unknown, around: Surroundings): unknown {
  if (typeof value === 'string') return interpolate(value, around.lookup).text;
  if (Array.isArray(value)) return value.map((item) => filledIn(item, around));
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filledIn(item, around)]));
}

class Project {
  readonly #lab: ForeignLab;
  readonly #source: Source;
  readonly #top: Record<string, unknown>;
  readonly #around: Surroundings;
  readonly #networks = new Map<string, Network>();

  constructor(lab: ForeignLab, source: Source, top: Record<string, unknown>, around: Surroundings) {
    this.#lab = lab;
    this.#source = source;
    this.#top = top;
    this.#around = around;
    // Addresses that a service asks for are given to nobody else, whoever comes first.
    for (const [, service] of Object.entries(top['services'] as object)) {
      for (const [name, of] of networksOf(service)) {
        if (typeof of['ipv4_address'] === 'string') this.#network(name).used.add(of['ipv4_address']);
      }
    }
  }

  add(service: string, written: Record<string, unknown>): void {
    const where: Where = () => this.#source.locate(['services', service], 'key');
    const node = this.#lab.names.node(service, where);
    const env = written['environment'];
    const same = Object.fromEntries(SAME.map((key) => [key, written[key] ?? undefined]));
    const part = without({
      ...same,
      env: env ?? undefined,
      memory: written['mem_limit'] ?? undefined,
      ports: Array.isArray(written['ports']) ? written['ports'].map(portOf) : undefined,
      binds: this.#binds(service, written['volumes']),
      wait_for: waitsOf(this.#lab, written['depends_on']),
    });
    for (const key of Object.keys(written)) {
      if (SAME.includes(key) || OTHERS.has(key)) continue;
      this.#lab.notes.leftOut(`${key} of ${service}`, () => this.#source.locate(['services', service, key], 'key'));
    }
    if (written['image'] === undefined) {
      this.#lab.notes.add('import-stood-in', `${service} names no image and becomes a network namespace`, where);
    }
    this.#lab.addNode(node, part, where);
    if (written['network_mode'] === undefined) this.#addLinks(service, node, written, part['ports'] !== undefined);
    else if (written['network_mode'] !== 'none') {
      this.#lab.notes.leftOut(`network_mode of ${service}`, () =>
        this.#source.locate(['services', service, 'network_mode'], 'key'),
      );
    }
  }

  #addLinks(service: string, node: string, written: Record<string, unknown>, hasPorts: boolean): void {
    // With ports eth0 is the engine's.
    let number = hasPorts ? 1 : 0;
    for (const [name, of] of networksOf(written)) {
      const network = this.#network(name);
      const where = () => this.#source.locate(['services', service]);
      const asked = of['ipv4_address'];
      const ip = `${typeof asked === 'string' ? asked : nextAddress(network)}/${network.length}`;
      const mac = typeof of['mac_address'] === 'string' ? of['mac_address'] : undefined;
      const dev = this.#lab.names.device(node, `eth${number++}`);
      this.#lab.addLink({ node, dev, ip: [ip], mac }, { bridge: network.bridge }, where);
    }
  }

  #network(name: string): Network {
    const known = this.#networks.get(name);
    if (known !== undefined) return known;
    const all = isMap(this.#top['networks']) ? this.#top['networks'] : {};
    const written = isMap(all[name]) ? all[name] : {};
    const where: Where = () => this.#source.locate(['networks', name], 'key');
    for (const key of Object.keys(written)) {
      if (key === 'ipam' || key === 'name') continue;
      this.#lab.notes.leftOut(`${key} of the network ${name}`, () =>
        this.#source.locate(['networks', name, key], 'key'),
      );
    }
    const subnet = subnetOf(written);
    const network = {
      bridge: this.#lab.names.device('bridges', name, where),
      prefix: subnet?.address.split('.').slice(0, 3).join('.') ?? SUBNETS(this.#networks.size),
      length: subnet?.length ?? 24,
      last: 1,
      used: new Set<string>(),
    };
    this.#networks.set(name, network);
    this.#lab.addBridge({ bridge: network.bridge }, where);
    return network;
  }

  /** Binds of the host's files; volumes of the engine stay by their names. */
  #binds(service: string, volumes: unknown): readonly string[] | undefined {
    if (!Array.isArray(volumes)) return undefined;
    return volumes.flatMap((volume, at) => {
      const long =
        isMap(volume) && typeof volume['source'] === 'string'
          ? `${volume['source']}:${String(volume['target'])}`
          : null;
      const text = typeof volume === 'string' ? volume : long;
      if (text === null || !text.includes(':')) {
        this.#lab.notes.leftOut(`a volume of ${service}`, () =>
          this.#source.locate(['services', service, 'volumes', at]),
        );
        return [];
      }
      const [source = '', ...rest] = text.split(':');
      return [[source.startsWith('.') ? this.#around.rebased(source) : source, ...rest].join(':')];
    });
  }
}

/** The networks of a service by name, in the order of the file. */
function networksOf(service: unknown): readonly (readonly [string, Record<string, unknown>])[] {
  if (!isMap(service) || service['network_mode'] !== undefined) return [];
  const written = service['networks'];
  if (Array.isArray(written)) return written.map((name) => [String(name), {}] as const);
  if (!isMap(written)) return [[DEFAULT_NETWORK, {}]];
  return Object.entries(written).map(([name, of]) => [name, isMap(of) ? of : {}] as const);
}

function subnetOf(network: Record<string, unknown>): { address: string; length: number } | null {
  const ipam = isMap(network['ipam']) ? network['ipam']['config'] : undefined;
  for (const part of Array.isArray(ipam) ? ipam : []) {
    const parsed = isMap(part) && typeof part['subnet'] === 'string' ? parsePrefix(part['subnet']) : 'none';
    if (typeof parsed !== 'string' && parsed.family === 4) {
      return { address: parsed.address, length: parsed.prefixLength };
    }
  }
  return null;
}

function nextAddress(network: Network): string {
  for (;;) {
    network.last++;
    const address = `${network.prefix}.${network.last}`;
    if (!network.used.has(address)) return address;
  }
}

function portOf(port: unknown): unknown {
  if (!isMap(port)) return String(port);
  const { published, target, protocol } = port;
  return `${published === undefined ? '' : `${String(published)}:`}${String(target)}/${String(protocol ?? 'tcp')}`;
}

/** compose's conditions, in one word each. */
const CONDITIONS: Readonly<Record<string, string>> = {
  service_started: 'started',
  service_healthy: 'healthy',
  service_completed_successfully: 'exited',
};

function waitsOf(lab: ForeignLab, written: unknown): Part | undefined {
  if (Array.isArray(written))
    return Object.fromEntries(written.map((name) => [lab.names.node(String(name)), 'started']));
  if (!isMap(written)) return undefined;
  return Object.fromEntries(
    Object.entries(written).map(([name, of]) => [
      lab.names.node(name),
      CONDITIONS[isMap(of) ? String(of['condition']) : ''] ?? 'started',
    ]),
  );
}
