/** The page: canvas, search, panel and buttons around one picture. */
import type { Graph } from '../picture/graph.ts';
import { LAYOUTS, type LayoutName } from '../picture/layout/names.ts';
import { type Picture, pictureOf } from '../picture/picture.ts';
import { byId, h } from './dom.ts';
import { Placing } from './placing.ts';
import { Themes } from './themes.ts';
import { details, nameOfPick } from './ui/details.ts';
import { Finder } from './ui/finder.ts';
import { Groups } from './ui/groups.ts';
import { Tip } from './ui/tip.ts';
import { type Pick, Scene } from './view/scene.ts';
import { View } from './view/view.ts';

export interface AppOptions {
  /** More for the panel of what is picked, above what the drawing says. */
  readonly more?: (pick: Pick) => readonly HTMLElement[];
  /** Called when the scene is another one, since other groups are drawn. */
  readonly onScene?: () => void;
}

export class App {
  scene = new Scene({ lab: '', nodes: [], edges: [] });
  /** All of the drawing, whatever is grouped. */
  whole: Picture = this.scene.picture;
  readonly view: View;
  readonly #options: AppOptions;
  #graph: Graph | null = null;
  readonly groups = new Groups(() => this.#regroup());
  readonly #placing = new Placing();
  readonly #finder: Finder;
  readonly #tip: Tip;
  readonly #panel = byId('panel', HTMLElement);
  readonly #layout = byId('layout', HTMLSelectElement);
  readonly #state = byId('state', HTMLElement);

  constructor(options: AppOptions = {}) {
    this.#options = options;
    const canvas = byId('canvas', HTMLCanvasElement);
    this.view = new View(canvas, this.scene, {
      onHover: (pick) => this.#hover(pick),
      onPick: (pick) => this.pick(pick),
    });
    this.#tip = new Tip(canvas);
    this.#finder = new Finder(this);
    new Themes((theme) => {
      this.view.theme = theme;
    });
    this.#layout.append(...LAYOUTS.map((name) => h('option', { value: name }, name)));
    this.#layout.addEventListener('change', () => this.#place());
    byId('fit', HTMLButtonElement).addEventListener('click', () => this.view.fit());
    byId('in', HTMLButtonElement).addEventListener('click', () => this.view.zoom(1.4));
    byId('out', HTMLButtonElement).addEventListener('click', () => this.view.zoom(1 / 1.4));
    addEventListener('keydown', (event) => this.#onKey(event));
  }

  get layout(): LayoutName {
    return LAYOUTS.find((name) => name === this.#layout.value) ?? 'auto';
  }

  /** Shows a drawing in place of the one before. */
  show(graph: Graph, layout: LayoutName = this.layout): void {
    this.#graph = graph;
    this.#layout.value = layout;
    this.whole = pictureOf(graph);
    const grouped = this.groups.apply(graph);
    const picture = grouped === graph ? this.whole : pictureOf(grouped);
    this.scene = new Scene(picture);
    this.view.scene = this.scene;
    this.#finder.index(picture);
    document.title = `${picture.lab} – linkloom`;
    byId('lab', HTMLElement).textContent = picture.lab;
    const nodes = picture.nodes.length;
    const edges = picture.edges.reduce((sum, { count }) => sum + count, 0);
    byId('counts', HTMLElement).textContent =
      `${nodes} ${nodes === 1 ? 'node' : 'nodes'}, ${edges} ${edges === 1 ? 'link' : 'links'}`;
    this.pick(null);
    this.#place();
  }

  #regroup(): void {
    if (this.#graph === null) return;
    this.show(this.#graph);
    this.#options.onScene?.();
  }

  /** Chooses a box or an edge, and opens its panel; null closes it. */
  pick(pick: Pick | null): void {
    this.scene.selected = pick;
    this.refreshPanel();
    this.view.redraw();
  }

  /** Chooses it, and moves the picture there. */
  goTo(pick: Pick): void {
    this.pick(pick);
    this.view.show(pick.kind === 'box' ? this.scene.frameOf([pick.number], []) : this.scene.frameOf([], [pick.number]));
  }

  /** Writes the panel anew, for values that have changed. What had the focus in it has it again. */
  refreshPanel(): void {
    const pick = this.scene.selected;
    const wasHidden = this.#panel.hidden;
    this.#panel.hidden = pick === null;
    if (pick === null) {
      this.#panel.replaceChildren();
      return;
    }
    const held = document.activeElement instanceof HTMLElement ? document.activeElement.dataset['hold'] : undefined;
    const top = this.#panel.scrollTop;
    const close = h(
      'button',
      { type: 'button', 'aria-label': 'Close', 'data-hold': 'close', onclick: () => this.pick(null) },
      '×',
    );
    this.#panel.replaceChildren(
      h('div', { className: 'head' }, h('h2', {}, nameOfPick(this.scene, pick)), close),
      ...(this.#options.more?.(pick) ?? []),
      ...details(this.scene, pick, (next) => this.goTo(next)),
    );
    this.#panel.scrollTop = wasHidden ? 0 : top;
    if (held !== undefined) this.#panel.querySelector<HTMLElement>(`[data-hold="${CSS.escape(held)}"]`)?.focus();
  }

  say(text: string): void {
    this.#state.textContent = text;
  }

  #place(): void {
    this.view.isMoved = false;
    this.#placing.start(this.scene.picture, this.layout, (placed, isFinal) => {
      this.scene.place(placed);
      this.say(isFinal ? '' : 'refining the layout…');
      document.documentElement.dataset['layout'] = isFinal ? 'done' : 'first';
      if (this.view.isMoved) this.view.settle();
      else this.view.fit();
    });
  }

  #hover(pick: Pick | null): void {
    const { scene } = this;
    const ids = new Map(scene.picture.nodes.map(({ id }, number) => [id, number]));
    const edges = pick === null ? [] : pick.kind === 'box' ? scene.edgesOf(pick.number) : [pick.number];
    const ends = edges.flatMap((number) => {
      const edge = scene.picture.edges[number];
      return edge === undefined ? [] : [ids.get(edge.from.node) ?? -1, ids.get(edge.to.node) ?? -1];
    });
    scene.litEdges = new Set(edges);
    scene.litBoxes = new Set(pick?.kind === 'box' ? [pick.number, ...ends] : ends);
    this.#tip.show(scene, pick);
    this.view.redraw();
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key === 'Escape') {
      // The field would empty itself, also where only the panel is meant.
      event.preventDefault();
      if (this.scene.selected !== null) this.pick(null);
      else this.#finder.clear();
      if (document.activeElement === document.body) byId('canvas', HTMLCanvasElement).focus();
    } else if (event.key === '/' && !(event.target instanceof HTMLInputElement)) {
      byId('search', HTMLInputElement).focus();
      event.preventDefault();
    }
  }
}
