/** The field of groups: what is written in it is drawn as one box each. */
import { type Fold, folded } from '../../picture/fold.ts';
import type { Graph } from '../../picture/graph.ts';
import { foldsOf, idleFolds } from '../../picture/groups.ts';
import { byId } from '../dom.ts';

/** Typing is followed after so long a pause. */
const PAUSE_MS = 400;

export class Groups {
  readonly #input = byId('groups', HTMLInputElement);
  readonly #output = byId('folded', HTMLOutputElement);
  #folds: readonly Fold[] = [];
  #text = '';

  /** `onChange` is called when other groups are wanted. */
  constructor(onChange: () => void) {
    let pause: ReturnType<typeof setTimeout> | undefined;
    const take = (): void => {
      clearTimeout(pause);
      const words = this.#input.value.split(/\s+/).filter((word) => word !== '');
      if (words.join(' ') === this.#text) return;
      this.#text = words.join(' ');
      this.#folds = foldsOf(words);
      onChange();
    };
    this.#input.addEventListener('input', () => {
      clearTimeout(pause);
      pause = setTimeout(take, PAUSE_MS);
    });
    // Enter, and leaving the field.
    this.#input.addEventListener('change', take);
  }

  /** The drawing with the groups as boxes. Says which of them draw none. */
  apply(graph: Graph): Graph {
    const idle = idleFolds(graph.nodes, this.#folds);
    this.#output.value = idle.map(({ name, why }) => `${name}: ${why}`).join('; ');
    this.#input.setAttribute('aria-invalid', String(idle.length > 0));
    return folded(graph, this.#folds);
  }

  /** The box that a node is drawn in; null: its own. */
  boxOf(node: string): string | null {
    const fold = this.#folds.find(({ takes }) => takes(node));
    return fold === undefined ? null : `group/${fold.name}`;
  }
}
