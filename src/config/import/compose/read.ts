/** Reads an ordinary compose project: its services become nodes, its `networks:` bridges of the lab. */
import { isMap } from '../../extract.ts';
import { interpolate } from '../../text/interpolate.ts';
import { readSources, type Source } from '../../text/source.ts';
import { ForeignLab, type Part, without } from '../foreign-lab.ts';
import type { Where } from '../notes.ts';
import type { Surroundings } from '../options.ts';
import { Networks, networksOf, ON_DEFAULT } from './networks.ts';
import { addOwnWords, hasOwnWords } from './own-words.ts';

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

/** Keys of a service's network that are read here. */
const OF_MEMBERSHIP = new Set(['ipv4_address', 'ipv6_address', 'mac_address', 'interface_name']);

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
  addOwnWords(lab, source, top);
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
  readonly #around: Surroundings;
  readonly #networks: Networks;
  /** Whether linkloom makes links of its own here; what a service names no network for is the engine's then. */
  readonly #hasOwnLinks: boolean;

  constructor(lab: ForeignLab, source: Source, top: Record<string, unknown>, around: Surroundings) {
    this.#lab = lab;
    this.#source = source;
    this.#around = around;
    this.#networks = new Networks(lab, source, top);
    this.#hasOwnLinks = hasOwnWords(top);
    // Addresses that a service asks for are given to nobody else, whoever comes first.
    for (const [, service] of Object.entries(top['services'] as object)) {
      for (const [name, of] of networksOf(service) ?? []) {
        const asked = of['ipv4_address'];
        if (typeof asked === 'string' && this.#networks.externalName(name) === null)
          this.#networks.bridge(name).reserve(asked);
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
      if (SAME.includes(key) || OTHERS.has(key) || key.startsWith('x-')) continue;
      this.#lab.notes.leftOut(`${key} of ${service}`, () => this.#source.locate(['services', service, key], 'key'));
    }
    if (written['image'] === undefined) {
      this.#lab.notes.add('import-stood-in', `${service} names no image and becomes a network namespace`, where);
    }
    this.#lab.addNode(node, part, where);
    this.#join(service, node, part, written);
  }

  /** Puts the node on its networks. With ports, or a network of the engine's, eth0 is the engine's. */
  #join(service: string, node: string, part: Part, written: Record<string, unknown>): void {
    const { network_mode: asked } = written;
    if (asked === 'bridge') part['network'] = asked;
    else if (asked !== undefined && asked !== 'none') {
      const where = () => this.#source.locate(['services', service, 'network_mode'], 'key');
      this.#lab.notes.leftOut(
        `network_mode ${String(asked)} of ${service}`,
        where,
        'a node has a namespace of its own',
      );
    }
    const named = networksOf(written);
    if (named === null && this.#hasOwnLinks) {
      if (part['ports'] === undefined) part['network'] = 'bridge';
      return;
    }
    const bridges = (named ?? ON_DEFAULT).filter(([name]) => !this.#isEngines(service, name, part));
    const hasEngine = part['ports'] !== undefined || part['network'] !== undefined;
    for (const [at, [name, of]] of bridges.entries()) this.#addLink(service, node, at + (hasEngine ? 1 : 0), name, of);
  }

  /** Whether a network is the engine's. A node can be on one of these. */
  #isEngines(service: string, name: string, part: Part): boolean {
    const external = this.#networks.externalName(name);
    if (external === null) return false;
    if (part['network'] === undefined) part['network'] = external;
    else {
      const where = () => this.#source.locate(['services', service, 'networks']);
      const why = `it is on ${String(part['network'])}, and a node is on one network of the engine's`;
      this.#lab.notes.leftOut(`the network ${name} of ${service}`, where, why);
    }
    return true;
  }

  #addLink(service: string, node: string, number: number, name: string, of: Readonly<Record<string, unknown>>): void {
    const bridge = this.#networks.bridge(name);
    const where =
      (...more: string[]) =>
      () =>
        this.#source.locate(['services', service, 'networks', name, ...more]);
    for (const key of Object.keys(of)) {
      if (!OF_MEMBERSHIP.has(key)) this.#lab.notes.leftOut(`${key} of ${service} in ${name}`, where(key));
    }
    const ip = bridge.addressesOf(of);
    if (ip === null) this.#lab.notes.leftOut(`the address of ${service} in ${name}`, where(), 'the subnet is full');
    const mac = typeof of['mac_address'] === 'string' ? of['mac_address'] : undefined;
    const dev = this.#lab.names.device(node, String(of['interface_name'] ?? `eth${number}`), where());
    this.#lab.addLink({ node, dev, ip: ip ?? [], mac }, { bridge: bridge.name }, () =>
      this.#source.locate(['services', service]),
    );
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
