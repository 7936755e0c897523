/** The panel of a box or of an edge: what the drawing says of it. */
import type { PictureEdge, PictureEnd } from '../../picture/picture.ts';
import { h } from '../dom.ts';
import type { Pick, Scene } from '../view/scene.ts';

/** Links that a box's panel lists. */
const MOST_LISTED = 200;

/** `NODE:DEV` of a device's id, which has the kind of its node before it. */
function shortId(device: string): string {
  return device.replace(/^[a-z]+\//, '');
}

export function nameOfPick(scene: Scene, pick: Pick): string {
  if (pick.kind === 'box') return scene.picture.nodes[pick.number]?.name ?? '';
  const edge = scene.picture.edges[pick.number];
  return edge === undefined ? '' : edgeName(edge);
}

export function edgeName({ from, to }: PictureEdge): string {
  return `${shortId(from.device)} – ${shortId(to.device)}`;
}

/** The panel's content. `onPick` is told when a link or a node in it is chosen. */
export function details(scene: Scene, pick: Pick, onPick: (pick: Pick) => void): readonly HTMLElement[] {
  return pick.kind === 'box' ? boxDetails(scene, pick.number, onPick) : edgeDetails(scene, pick.number, onPick);
}

function boxDetails(scene: Scene, number: number, onPick: (pick: Pick) => void): readonly HTMLElement[] {
  const node = scene.picture.nodes[number];
  if (node === undefined) return [];
  const edges = scene.edgesOf(number);
  const listed = edges.slice(0, MOST_LISTED).map((at) => {
    const edge = scene.picture.edges[at];
    const name = edge === undefined ? '' : edgeName(edge);
    return h('li', {}, h('button', { type: 'button', onclick: () => onPick({ kind: 'edge', number: at }) }, name));
  });
  return [
    h('p', { className: 'kind' }, node.kind),
    ...node.notes.map((note) => h('p', { className: 'note' }, note)),
    h('h3', {}, `${edges.length} ${edges.length === 1 ? 'link' : 'links'}`),
    h('ul', {}, ...listed),
    ...(edges.length > MOST_LISTED ? [h('p', { className: 'note' }, `and ${edges.length - MOST_LISTED} more`)] : []),
  ];
}

function edgeDetails(scene: Scene, number: number, onPick: (pick: Pick) => void): readonly HTMLElement[] {
  const edge = scene.picture.edges[number];
  if (edge === undefined) return [];
  const title = edge.label === '' ? edge.type : `${edge.type}, ${edge.label}`;
  return [
    h('p', { className: 'kind' }, title),
    endDetails(scene, edge.from, onPick),
    endDetails(scene, edge.to, onPick),
  ];
}

function endDetails(scene: Scene, end: PictureEnd, onPick: (pick: Pick) => void): HTMLElement {
  const number = scene.picture.nodes.findIndex(({ id }) => id === end.node);
  const button = { type: 'button', onclick: () => onPick({ kind: 'box', number }) };
  return h(
    'section',
    {},
    h('h3', {}, h('button', button, shortId(end.device))),
    ...end.notes.map((note) => h('p', { className: note.startsWith('netem ') ? 'note impair' : 'note' }, note)),
  );
}
