/** Writes a lab as a compose project with `x-network`: containers are services, all else stays in linkloom's own words. */
import { type Config, type Entry, spanOf } from '../../config/config.ts';
import type { Notes } from '../../config/import/notes.ts';
import { isContainer } from '../../config/nodes/checks.ts';
import { endText, type WireEnd } from '../../config/nodes/ends.ts';
import type { Wire } from '../../config/nodes/wire.ts';
import { printDocument } from '../../config/text/document.ts';
import { WIRE_MODE } from '../../kinds/bridge-modes.ts';
import { listOf } from '../lab.ts';
import type { ExportOptions } from '../options.ts';
import { addressWords } from '../set-up.ts';
import { namespaceOf, serviceOf } from './nodes.ts';

type Part = Record<string, unknown>;

export function writeCompose(config: Config, name: string, notes: Notes<'export'>, options: ExportOptions): string {
  const isService = (node: string | undefined): boolean => {
    const entry = node === undefined ? undefined : config.nodes.get(node);
    return entry !== undefined && isContainer(entry.value);
  };
  const of = <T extends { readonly node?: string | undefined }>({ node, ...rest }: T): Part =>
    isService(node) ? { service: node, ...rest } : without({ node, ...rest });
  const services: Part = {};
  const namespaces: Part = {};
  const commands: Part[] = [];
  const external = new Set<string>();
  for (const [node, entry] of config.nodes) {
    if (!isService(node)) {
      namespaces[node] = namespaceOf(node, entry, isService, notes);
      continue;
    }
    const setUp = listOf(entry.value.ip).map((prefix) => addressWords(prefix, 'lo'));
    services[node] = serviceOf(node, entry, {
      notes,
      folder: options.folder,
      isService,
      setsUp: setUp.length > 0,
      external,
    });
    for (const command of [...setUp, ...(entry.value.exec ?? [])]) commands.push({ service: node, command });
  }
  for (const service of servicesIn(config)) {
    if (services[service.name] !== undefined) continue;
    notes.leftOut(
      `what the service ${service.name} is`,
      service.where,
      'its own compose file says it: give both to linkloom',
    );
  }
  const wired = config.wires.map((wire) => wireOf(wire, isService));
  const network = filled({
    nodes: Object.keys(namespaces).length === 0 ? undefined : namespaces,
    wires: wired.flatMap(({ wire }) => (wire === null ? [] : [wire])),
    bridges: [...config.bridges.map(({ value }) => value), ...wired.flatMap(({ bridge }) => bridge ?? [])],
    links: [...config.links.map(({ value }) => of(value)), ...wired.flatMap(({ links }) => links.map(of))],
    tunnels: config.tunnels.map(({ value }) => value),
    commands: [...config.commands.map(({ value }) => of(value)), ...commands],
  });
  const networks = Object.fromEntries([...external].map((network) => [network, { external: true }]));
  const document = filled({ name, services, networks, 'x-network': network });
  return printDocument({ ...document, services }, 'yaml');
}

/** Services of other files that links and wires name. */
function servicesIn(config: Config): readonly { name: string; where: () => ReturnType<typeof spanOf> }[] {
  const ofLinks = [...config.links, ...config.commands].flatMap((entry) => {
    const { service } = entry.value;
    return service === undefined ? [] : [{ name: service, where: () => spanOf(entry, 'service') }];
  });
  const ofWires = config.wires.flatMap((entry) =>
    entry.value.ends.flatMap(({ kind, name }) => (kind === 'service' ? [{ name, where: () => spanOf(entry) }] : [])),
  );
  return [...new Map([...ofLinks, ...ofWires].map((service) => [service.name, service])).values()];
}

interface Written {
  readonly wire: unknown;
  readonly bridge: Part | null;
  readonly links: readonly Part[];
}

/** Keys of a link that the short form of a wire has words for. */
const OF_WIRES = new Set([
  'node',
  'service',
  'container',
  'netns',
  'host',
  'dev',
  'bridge',
  'mtu',
  'state',
  'impair',
  'ip',
]);

/**
 * A wire with all that defaults and groups give it, since these are not written: in the short form, or, where that has no words for
 * it, as two links on a bridge.
 */
function wireOf({ value }: Entry<Wire>, isService: (node: string) => boolean): Written {
  const [a, b] = value.links;
  const ends = value.ends.map((end) => endText(asService(end, isService)));
  const isShort =
    [a, b].every((link) => Object.entries(link).every(([key, item]) => item === undefined || OF_WIRES.has(key))) &&
    a.mtu === b.mtu &&
    a.state === b.state;
  if (!isShort) {
    const bridge = ends[0] ?? '';
    return { wire: null, bridge: { bridge, mode: value.mode }, links: [a, b].map((link) => ({ ...link, bridge })) };
  }
  const { labels } = value.written;
  const impair = same(a.impair, b.impair) ? a.impair : without({ a: a.impair, b: b.impair });
  const ip = a.ip === undefined && b.ip === undefined ? undefined : [a.ip ?? [], b.ip ?? []];
  const mode = value.mode === WIRE_MODE ? undefined : value.mode;
  const rest = without({ mtu: a.mtu, state: a.state, impair, mode, ip, labels });
  return { wire: Object.keys(rest).length === 0 ? ends : { ends, ...rest }, bridge: null, links: [] };
}

function asService(end: WireEnd, isService: (node: string) => boolean): WireEnd {
  return end.kind === 'node' && isService(end.name) ? { ...end, kind: 'service' } : end;
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function without(part: Readonly<Record<string, unknown>>): Part {
  return Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined));
}

/** The part without keys that hold nothing. */
function filled(part: Part): Part {
  return Object.fromEntries(
    Object.entries(part).filter(([, value]) => value !== undefined && !(Object.keys(value as object).length === 0)),
  );
}
