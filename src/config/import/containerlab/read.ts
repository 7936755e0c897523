/** Reads a containerlab topology file (containerlab.dev/manual/topo-def-file). */
import { BRIDGE_MODES } from '../../../kinds/bridge-modes.ts';
import { isMap } from '../../extract.ts';
import { quote } from '../../text/excerpt.ts';
import type { Source } from '../../text/source.ts';
import { ForeignLab, without } from '../foreign-lab.ts';
import type { Where } from '../notes.ts';
import type { ImportOptions, Surroundings } from '../options.ts';
import { choiceFor } from '../stand-in.ts';
import { roleOf } from './kinds.ts';
import { Layers } from './layers.ts';
import { Links, type Place } from './links.ts';
import { BRIDGE_LABEL, NODE_LABEL } from './marks.ts';
import { nodeOf } from './nodes.ts';
import { sourceOf } from './source.ts';

/** Keys at the top that say how containerlab goes about it. */
const QUIET = new Set(['name', 'topology']);

export async function readContainerlab(
  file: string,
  text: string,
  options: ImportOptions,
  around: Surroundings,
): Promise<ForeignLab> {
  const lab = new ForeignLab();
  const source = await sourceOf(lab, file, text, options, around);
  if (source === null) return lab;
  const top = source.value;
  const topology = isMap(top) ? top['topology'] : null;
  if (!isMap(top) || !isMap(topology)) {
    lab.notes.add('import-refused', `${file} has no topology:`);
    return lab;
  }
  if (hasWrongShape(lab, source, topology)) return lab;
  if (typeof top['name'] === 'string') lab.nameLab(top['name'], () => source.locate(['name']));
  for (const key of Object.keys(top)) {
    if (!QUIET.has(key))
      lab.notes.leftOut(key, () => source.locate([key], 'key'), key === 'mgmt' ? NO_MANAGEMENT : undefined);
  }
  const places = await addNodes(lab, source, topology, options, around);
  const links = new Links(lab, places, source, options.as === 'netns');
  const list = Array.isArray(topology['links']) ? topology['links'] : [];
  links.all(list, ['topology', 'links']);
  return lab;
}

/** Refuses nodes that are no map and links that are no list: they would be left out. Absent ones are none. */
function hasWrongShape(lab: ForeignLab, source: Source, topology: Readonly<Record<string, unknown>>): boolean {
  const { nodes, links } = topology;
  const isWrong = { nodes: nodes != null && !isMap(nodes), links: links != null && !Array.isArray(links) };
  const refuse = (key: keyof typeof isWrong, shape: string): void => {
    if (!isWrong[key]) return;
    lab.notes.add('import-refused', `topology.${key} must be ${shape}`, () => source.locate(['topology', key]));
  };
  refuse('nodes', 'a map of nodes by their names');
  refuse('links', 'a list');
  return isWrong.nodes || isWrong.links;
}

const NO_MANAGEMENT = 'nodes have no interface of the engine unless ports: or network: asks for one';

/** Adds every node to the lab. Returns what each has become. */
async function addNodes(
  lab: ForeignLab,
  source: Source,
  topology: Readonly<Record<string, unknown>>,
  options: ImportOptions,
  around: Surroundings,
): Promise<ReadonlyMap<string, Place>> {
  const places = new Map<string, Place>();
  const shared: [name: string, owner: string][] = [];
  for (const name of Object.keys(isMap(topology['nodes']) ? topology['nodes'] : {})) {
    const layers = new Layers(source, topology, name);
    const where = () => source.locate(['topology', 'nodes', name], 'key');
    const owner = /^container:(.+)$/.exec(layers.text('network-mode') ?? '')?.[1];
    if (roleOf(layers.kind) !== 'lan' && owner !== undefined) {
      shared.push([name, owner]);
      lab.notes.leftOut(`the container ${name}`, where, `it shares the namespace of ${owner}, which has its links`);
      continue;
    }
    places.set(name, await addNode(lab, name, layers, where, options, around));
  }
  for (const [name, owner] of shared) {
    const place = places.get(owner) ?? places.get(shared.find(([other]) => other === owner)?.[1] ?? '');
    places.set(name, place ?? { kind: 'none' });
  }
  return places;
}

async function addNode(
  lab: ForeignLab,
  name: string,
  layers: Layers,
  where: Where,
  options: ImportOptions,
  around: Surroundings,
): Promise<Place> {
  const role = roleOf(layers.kind);
  const isStoodIn = options.as === 'netns' || choiceFor(options, name, layers.text('image') ?? '') !== undefined;
  if (role === 'lan') return addBridge(lab, name, layers, where, options);
  if (role === 'host') return { kind: 'host' };
  if (role === 'external' && options.as === null) return { kind: 'container', container: name };
  if (layers.text('network-mode') === 'host' && options.as === null) {
    lab.notes.leftOut(`the container ${name}`, where, "it has no namespace of its own; its links end in the host's");
    return { kind: 'host' };
  }
  if ((role === 'machine' || role === 'cluster') && !options.keepUnknown && !isStoodIn) {
    const why = role === 'machine' ? 'needs a virtual machine' : 'is a cluster of its own';
    lab.notes.add(
      'import-refused',
      `${name} is of kind ${layers.kind}, which ${why}`,
      where,
      `stand in for it with --image '${name}=IMAGE' or --as netns, or keep it as a container with --keep-unknown`,
    );
    return { kind: 'none' };
  }
  const node = lab.names.node(name, where);
  const isNamespace = layers.map('labels')[NODE_LABEL] === 'netns';
  const made = await nodeOf(lab, name, layers, around);
  if (isNamespace) lab.namespaces.add(node);
  else if (made['image'] === undefined && options.as === null) {
    lab.notes.add('import-stood-in', `${name} names no image and becomes a network namespace`, where);
  }
  lab.addNode(node, made, where);
  return { kind: 'node', node };
}

/** A bridge of the host; with `--as netns` one of the lab's own, since a stand-in needs nothing of the host. */
function addBridge(lab: ForeignLab, name: string, layers: Layers, where: Where, { as }: ImportOptions): Place {
  const [written = name] = name.split('|');
  const mode = layers.map('labels')[BRIDGE_LABEL];
  const isMarked = typeof mode === 'string' && (BRIDGE_MODES as readonly string[]).includes(mode);
  const isOwn = as === 'netns' || name.includes('|') || isMarked;
  const bridge = isOwn ? lab.names.device('bridges', written, where) : written;
  lab.addBridge(
    without({
      bridge,
      mode: isMarked && mode !== 'auto' ? mode : undefined,
      external: isOwn ? undefined : true,
    }),
    where,
  );
  if (isOwn && !isMarked) {
    const what = `a bridge of the lab's own stands for the ${layers.kind} ${quote(name)}`;
    lab.notes.add('import-stood-in', what, where);
  }
  return { kind: 'lan', bridge };
}
