/** `ui/` is what stands around the canvas. This file: finds boxes and links by what is written on them. */
import type { Picture } from '../../picture/picture.ts';

export interface Found {
  readonly boxes: ReadonlySet<number>;
  readonly edges: ReadonlySet<number>;
}

export class Index {
  readonly #boxes: readonly string[];
  readonly #edges: readonly string[];

  constructor({ nodes, edges }: Picture) {
    this.#boxes = nodes.map(({ kind, name, notes }) => [kind, name, ...notes].join(' ').toLowerCase());
    this.#edges = edges.map(({ from, to, label, type }) =>
      [from, to]
        .flatMap(({ device, notes }) => [device, ...notes])
        .concat(label, type)
        .join(' ')
        .toLowerCase(),
    );
  }

  /** What has every word of the text. A box is found by its own text only, an edge by that of its ends. */
  find(text: string): Found {
    const words = text
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
    const matching = (texts: readonly string[]): ReadonlySet<number> =>
      new Set(texts.flatMap((each, number) => (words.every((word) => each.includes(word)) ? [number] : [])));
    if (words.length === 0) return { boxes: new Set(), edges: new Set() };
    return { boxes: matching(this.#boxes), edges: matching(this.#edges) };
  }
}
