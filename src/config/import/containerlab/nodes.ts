/** Turns a containerlab node into an entry of `nodes:`. */

import { isMap } from '../../extract.ts';
import { wordsOf } from '../../nodes/values.ts';
import { type ForeignLab, type Part, without } from '../foreign-lab.ts';
import type { Surroundings } from '../options.ts';
import { environmentOf } from './environment.ts';
import type { Layers } from './layers.ts';
import { NODE_LABEL } from './marks.ts';
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
    'hostname',
    'privileged',
    'env-files',
    'volumes',
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

export async function nodeOf(lab: ForeignLab, name: string, layers: Layers, around: Surroundings): Promise<Part> {
  const { [NODE_LABEL]: mark, ...labels } = texts(layers.map('labels'));
  const image = layers.text('image') ?? undefined;
  const filledIn = magic(lab.writtenName ?? lab.lab ?? '', name);
  const node = without({
    image: mark === 'netns' ? undefined : image,
    command: layers.text('cmd') ?? undefined,
    entrypoint: layers.text('entrypoint') ?? undefined,
    user: layers.text('user') ?? undefined,
    cpus: layers.text('cpu') ?? undefined,
    memory: memoryOf(layers.text('memory')),
    hostname: layers.text('hostname') ?? undefined,
    // Unless told otherwise, containerlab gives every right.
    privileged: image === undefined || mark === 'netns' || layers.text('privileged') === 'false' ? undefined : true,
    env: filled(await environmentOf(lab, name, layers, around)),
    labels: filled(labels),
    sysctls: filled(texts(layers.map('sysctls'))),
    binds: listed(bindsOf(layers, filledIn, around)),
    ports: listed(layers.listOfOne('ports')),
    cap_add: listed([...new Set(layers.list('cap-add'))]),
    devices: listed([...new Set(layers.list('devices'))]),
    exec: listed(layers.list('exec').map((text) => wordsOf(filledIn(text)) ?? text)),
    restart: layers.text('restart-policy') ?? undefined,
    healthcheck: healthcheckOf(layers.one('healthcheck')?.value),
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

/** containerlab reads `kb`, `mb` and `gb` as powers of 1,000 (github.com/dustin/go-humanize), and so the letters alone. */
const DECIMAL_BYTES: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

function memoryOf(text: string | null): string | undefined {
  const [, amount, unit = ''] = /^([0-9.]+)\s*([kmgt])b?$/i.exec(text ?? '') ?? [];
  if (amount === undefined) return text?.replaceAll(/\s/g, '') ?? undefined;
  return String(Math.round(Number(amount) * (DECIMAL_BYTES[unit.toLowerCase()] ?? 1)));
}

const filled = (map: Record<string, string>) => (Object.keys(map).length === 0 ? undefined : map);
const listed = <T>(list: readonly T[]) => (list.length === 0 ? undefined : [...list]);

function texts(map: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, String(value ?? '')]));
}

/** The binds and volumes of all layers; of two with one target the stronger counts. */
function bindsOf(layers: Layers, filledIn: (text: string) => string, around: Surroundings): readonly string[] {
  const all = [...layers.list('binds').map((bind) => bindOf(filledIn(bind), around)), ...layers.list('volumes')];
  return [...new Map(all.map((bind) => [bind.split(':')[1] ?? bind, bind])).values()];
}

/** A bind with a path that is right for the result. */
function bindOf(bind: string, { rebased, lookup }: Surroundings): string {
  const [written = '', ...rest] = bind.split(':');
  const source = written.startsWith('~/') ? `${lookup('HOME') ?? '~'}${written.slice(1)}` : written;
  // A word without a slash is a volume of the engine to Docker, but a file to containerlab.
  const path = source.startsWith('/') || source.startsWith('~') ? source : rebased(source);
  return [path, ...(rest.length === 0 ? [written] : rest)].join(':');
}

/** Fills in containerlab's own words (containerlab.dev/manual/topo-def-file, "Magic Variables"). */
function magic(lab: string, node: string): (text: string) => string {
  const folder = `clab-${lab}`;
  const words: Readonly<Record<string, string>> = {
    ...{ LabName: folder, NodeName: node, NodeDir: `${folder}/${node}`, Dir: folder },
  };
  return (text) => text.replaceAll(/__clab(LabName|NodeName|NodeDir|Dir)__/g, (_, word: string) => words[word] ?? '');
}

/** containerlab counts seconds; a time here has its unit. */
function healthcheckOf(written: unknown): Part | undefined {
  if (!isMap(written) || written['test'] === undefined) return undefined;
  const seconds = (key: string) => (written[key] === undefined ? undefined : `${String(written[key])}s`);
  return without({
    test: written['test'],
    interval: seconds('interval'),
    timeout: seconds('timeout'),
    start_period: seconds('start-period'),
    retries: written['retries'],
  });
}
