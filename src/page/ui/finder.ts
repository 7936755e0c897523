/** The search field: counts what is found, makes it stand out, and moves the picture there. */
import type { Picture } from '../../picture/picture.ts';
import { byId } from '../dom.ts';
import type { Pick, Scene } from '../view/scene.ts';
import type { View } from '../view/view.ts';
import { Index } from './search.ts';

/** Typing is followed after so long a pause. */
const PAUSE_MS = 150;

/** What the finder acts on. */
interface Stage {
  readonly scene: Scene;
  readonly view: View;
  goTo(pick: Pick): void;
}

export class Finder {
  readonly #stage: Stage;
  readonly #input = byId('search', HTMLInputElement);
  readonly #output = byId('found', HTMLOutputElement);
  #index = new Index({ lab: '', nodes: [], edges: [] });
  #picks: readonly Pick[] = [];
  #next = 0;
  #text = '';

  constructor(stage: Stage) {
    this.#stage = stage;
    let pause: ReturnType<typeof setTimeout> | undefined;
    this.#input.addEventListener('input', () => {
      clearTimeout(pause);
      pause = setTimeout(() => this.#find(), PAUSE_MS);
    });
    this.#input.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return;
      clearTimeout(pause);
      this.#find(false);
      this.#step(event.shiftKey ? -1 : 1);
    });
  }

  /** What is searched from now on. */
  index(picture: Picture): void {
    this.#index = new Index(picture);
    this.#find(false);
  }

  clear(): void {
    if (this.#input.value === '') return;
    this.#input.value = '';
    this.#find();
  }

  /** Looks again, and shows all that is found. */
  #find(isShown = true): void {
    const { scene, view } = this.#stage;
    const { boxes, edges } = this.#index.find(this.#input.value);
    scene.foundBoxes = boxes;
    scene.foundEdges = edges;
    this.#picks = [
      ...[...boxes].map((number): Pick => ({ kind: 'box', number })),
      ...[...edges].map((number): Pick => ({ kind: 'edge', number })),
    ];
    if (this.#text !== this.#input.value) this.#next = 0;
    this.#text = this.#input.value;
    const isEmpty = this.#input.value.trim() === '';
    const counts = [
      `${boxes.size} of ${scene.picture.nodes.length} nodes`,
      ...(edges.size > 0 ? [`${edges.size} ${edges.size === 1 ? 'link' : 'links'}`] : []),
    ];
    this.#output.value = isEmpty ? '' : counts.join(', ');
    if (!isShown) view.settle();
    else if (isEmpty) view.fit();
    else if (this.#picks.length > 0) view.show(scene.frameOf(boxes, boxes.size > 0 ? [] : edges));
    else view.settle();
  }

  /** Goes to the next of what is found. */
  #step(by: 1 | -1): void {
    const count = this.#picks.length;
    const pick = this.#picks[(this.#next + count) % Math.max(count, 1)];
    if (pick === undefined) return;
    this.#next = (this.#next + by + count) % count;
    this.#stage.goTo(pick);
  }
}
