/** Turns a containerlab node into an entry of `nodes:`. */

import { wordsOf } from '../../nodes/values.ts';
import { type ForeignLab, type Part, without } from '../foreign-lab.ts';
import type { Surroundings } from '../options.ts';
import type { Layers } from './layers.ts';
import { waitsOf } from './stages.ts';

/** Keys that this file reads. */
const CARRIED = new Set([
  ...[
    'kind',
    'group',
    'image',
    'cmd',
    'entrypoint',
    'user',
    'cpu',
    'memory',
    'exec',
    'binds',
    'ports',
    'env',
    'labels',
  ],
  ...[
    'sysctls',
    'cap-add',
    'devices',
    'network-mode',
    'restart-policy',
    'healthcheck',
    'stages',
    'position',
    'runtime',
  ],
]);

/** Keys that say how containerlab goes about it, and change nothing of the lab. */
const OF_NO_MATTER = new Set([
  'runtime',
  'position',
  'auto-remove',
  'enforce-startup-config',
  'suppress-startup-config',
  'image-pull-policy',
]);

/** The network modes of containerlab that linkloom gives a node by itself. */
const OWN_NETWORK = new Set(['none', '']);

export function nodeOf(lab: ForeignLab, name: string, layers: Layers, around: Surroundings): Part {
  const node = without({
    image: layers.text('image') ?? undefined,
    command: layers.text('cmd') ?? undefined,
    entrypoint: layers.text('entrypoint') ?? undefined,
    user: layers.text('user') ?? undefined,
    cpus: layers.text('cpu') ?? undefined,
    memory: layers.text('memory') ?? undefined,
    env: filled(texts(layers.map('env'))),
    labels: filled(texts(layers.map('labels'))),
    sysctls: filled(texts(layers.map('sysctls'))),
    binds: listed(layers.list('binds').map((bind) => bindOf(bind, name, around))),
    ports: listed(layers.list('ports')),
    cap_add: listed(layers.list('cap-add')),
    devices: listed(layers.list('devices')),
    exec: listed(layers.list('exec').map((text) => wordsOf(text) ?? text)),
    restart: layers.text('restart-policy') ?? undefined,
    healthcheck: healthcheckOf(layers.map('healthcheck')),
    wait_for: waitsOf(lab, name, layers),
  });
  const network = layers.text('network-mode') ?? '';
  if (!OWN_NETWORK.has(network) && !network.startsWith('container:') && network !== 'host') node['network'] = network;
  for (const [key, path] of layers.keys) {
    if (CARRIED.has(key) || OF_NO_MATTER.has(key)) continue;
    lab.notes.leftOut(`${key} of ${name}`, () => layers.where(path));
  }
  return node;
}

const filled = (map: Record<string, string>) => (Object.keys(map).length === 0 ? undefined : map);
const listed = <T>(list: readonly T[]) => (list.length === 0 ? undefined : [...list]);

function texts(map: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, String(value ?? '')]));
}

/** A bind with containerlab's own words filled in, and with a path that is right for the result. */
function bindOf(bind: string, name: string, { rebased, lookup }: Surroundings): string {
  const [written = '', ...rest] = bind.replaceAll('__clabNodeName__', name).split(':');
  const source = written.startsWith('~/') ? `${lookup('HOME') ?? '~'}${written.slice(1)}` : written;
  // A word without a slash is a volume of the engine to Docker, but a file to containerlab.
  const path = source.startsWith('/') || source.startsWith('~') ? source : rebased(source);
  return [path, ...(rest.length === 0 ? [written] : rest)].join(':');
}

/** containerlab counts seconds; a time here has its unit. */
function healthcheckOf(written: Readonly<Record<string, unknown>>): Part | undefined {
  if (written['test'] === undefined) return undefined;
  const seconds = (key: string) => (written[key] === undefined ? undefined : `${String(written[key])}s`);
  return without({
    test: written['test'],
    interval: seconds('interval'),
    timeout: seconds('timeout'),
    start_period: seconds('start-period'),
    retries: written['retries'],
  });
}
