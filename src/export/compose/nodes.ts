/** Writes containers as services of compose, and namespaces as entries of `nodes:`. */
import { type Entry, spanOf } from '../../config/config.ts';
import type { Notes } from '../../config/import/notes.ts';
import type { NodeConfig } from '../../config/nodes/schema.ts';
import { leaveNode } from '../left.ts';
import { rebasedBind } from '../paths.ts';
import { capabilitiesOf } from '../set-up.ts';

/** Keys that compose has, too; some under another name. Commands and addresses of `lo` go to `x-network`. */
const HAS = new Set([
  ...['image', 'command', 'entrypoint', 'env', 'binds', 'ports', 'sysctls', 'cap_add', 'cap_drop', 'privileged'],
  ...['devices', 'user', 'hostname', 'memory', 'cpus', 'network', 'copy', 'healthcheck', 'restart', 'stop_signal'],
  ...['exec', 'ip', 'labels', 'wait_for'],
]);

/** compose's words for the conditions of `wait_for`. */
const CONDITIONS: Readonly<Record<string, string>> = {
  started: 'service_started',
  healthy: 'service_healthy',
  exited: 'service_completed_successfully',
};

type Part = Record<string, unknown>;

interface ServiceOptions {
  readonly notes: Notes<'export'>;
  readonly folder: string;
  readonly isService: (node: string) => boolean;
  /** Whether the node runs commands that set it up. */
  readonly setsUp: boolean;
  /** Collects networks of the engine that must be there. */
  readonly external: Set<string>;
}

export function serviceOf(name: string, entry: Entry<NodeConfig>, options: ServiceOptions): Part {
  const { value } = entry;
  const { notes, folder, setsUp } = options;
  leaveNode(notes, name, entry, HAS);
  const { command, entrypoint, ports, sysctls, cap_drop, privileged, devices, user, healthcheck, restart } = value;
  const copies = (value.copy ?? []).map((copy) => bindOfCopy(name, entry, copy, options));
  return present({
    image: value.image,
    hostname: value.hostname ?? name,
    command,
    entrypoint,
    environment: value.env,
    volumes: listed([...(value.binds ?? []).map((bind) => rebasedBind(bind, folder)), ...copies]),
    ports: listed(ports ?? []),
    ...{ sysctls, cap_add: capabilitiesOf(name, entry, setsUp, notes), cap_drop, privileged, devices, user },
    labels: value.labels,
    mem_limit: value.memory,
    cpus: value.cpus === undefined ? undefined : Number(value.cpus),
    ...{ healthcheck, restart, stop_signal: value.stop_signal },
    ...networkOf(value, options.external),
    depends_on: dependsOn(name, entry, options),
  });
}

/** A namespace as an entry of `nodes:`; it waits for none of compose's services. */
export function namespaceOf(
  name: string,
  entry: Entry<NodeConfig>,
  isService: (node: string) => boolean,
  notes: Notes<'export'>,
): Part {
  const { wait_for: waits = {}, image: _image, ...rest } = entry.value;
  const [services, others] = [true, false].map((of) =>
    Object.entries(waits).filter(([node]) => isService(node) === of),
  );
  for (const [node] of services ?? []) {
    notes.leftOut(`that ${name} waits for ${node}`, () => spanOf(entry, 'wait_for'), 'compose starts services');
  }
  return present({ ...rest, wait_for: others?.length ? Object.fromEntries(others) : undefined });
}

/** What is copied in is mounted there: compose copies nothing. */
function bindOfCopy(
  name: string,
  entry: Entry<NodeConfig>,
  copy: NonNullable<NodeConfig['copy']>[number],
  { notes, folder }: ServiceOptions,
): string {
  const [source = '', target = '', mode] =
    typeof copy === 'string' ? copy.split(':') : [copy.source, copy.target, copy.mode];
  const where = () => spanOf(entry, 'copy');
  notes.add('export-stood-in', `${target} of ${name} is mounted, not copied`, where);
  if (mode !== undefined) notes.leftOut(`the mode ${mode} of ${target} of ${name}`, where);
  return rebasedBind(`${source}:${target}`, folder);
}

function networkOf({ network, ports }: NodeConfig, external: Set<string>): Part {
  if (network === undefined && (ports ?? []).length > 0) return {};
  if (network === undefined || network === 'none' || network === 'bridge') return { network_mode: network ?? 'none' };
  external.add(network);
  return { networks: [network] };
}

function dependsOn(name: string, entry: Entry<NodeConfig>, { notes, isService }: ServiceOptions): Part | undefined {
  const waits = Object.entries(entry.value.wait_for ?? {}).flatMap(([node, until]) => {
    const condition = CONDITIONS[until];
    if (isService(node) && condition !== undefined) return [[node, { condition }] as const];
    const what = until === 'links' ? `the links of ${node}` : node;
    notes.leftOut(`that ${name} waits for ${what}`, () => spanOf(entry, 'wait_for'), 'compose knows services alone');
    return [];
  });
  return waits.length === 0 ? undefined : Object.fromEntries(waits);
}

const listed = (list: readonly string[]) => (list.length === 0 ? undefined : list);

function present(record: Part): Part {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
