/** The few lines beside the pointer. */
import { byId } from '../dom.ts';
import type { Pick, Scene } from '../view/scene.ts';
import { edgeName } from './details.ts';

export class Tip {
  readonly #element = byId('tip', HTMLElement);

  constructor(canvas: HTMLCanvasElement) {
    canvas.addEventListener('pointermove', (event) => {
      const { left, top, width } = canvas.getBoundingClientRect();
      const x = event.clientX - left;
      this.#element.style.top = `${event.clientY - top + 14}px`;
      this.#element.style.left = x < width * 0.6 ? `${x + 14}px` : '';
      this.#element.style.right = x < width * 0.6 ? '' : `${width - x + 14}px`;
    });
  }

  show(scene: Scene, pick: Pick | null): void {
    this.#element.hidden = pick === null;
    if (pick !== null) this.#element.textContent = linesOf(scene, pick).join('\n');
  }
}

function linesOf({ picture }: Scene, { kind, number }: Pick): readonly string[] {
  if (kind === 'box') {
    const node = picture.nodes[number];
    return node === undefined ? [] : [`${node.kind} ${node.name}`, ...node.notes];
  }
  const edge = picture.edges[number];
  return edge === undefined ? [] : [edgeName(edge), ...[...edge.from.notes, ...edge.to.notes].slice(0, 6)];
}
