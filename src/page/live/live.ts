/** A lab as it runs: the drawing of its configuration, coloured by what its links do, for as long as the daemon answers. */
import type { Graph } from '../../picture/graph.ts';
import { App } from '../app.ts';
import { Api, ApiError, type EventDocument, type LinkDocument } from './api.ts';
import { Entrance } from './entrance.ts';
import { endsOf, LiveLinks } from './links.ts';
import { type Action, livePanel } from './panel.ts';
import { linkOf, Timeline } from './timeline.ts';

/** Counters are read so often, and at most a fifth of the time goes into it. */
const SAMPLE_MS = 2000;
const SHARE = 5;
/** Events that come together are followed by one look. */
const PAUSE_MS = 150;
const AGAIN_MS = 2000;

/** What each button asks of `POST /links/{id}/set`. */
const SETTINGS: Readonly<Record<Exclude<Action, 'reset'>, object>> = {
  down: { down: true },
  up: { up: true },
  slow: { delay: '200ms' },
  narrow: { rate: '1mbit' },
};

export class Live {
  readonly #links = new LiveLinks();
  readonly #app = new App({
    more: (pick) => this.#more(pick.kind === 'edge' ? pick.number : -1),
    onScene: () => this.#refresh(),
  });
  readonly #timeline = new Timeline((link) => this.#goTo(link));
  readonly #entrance: Entrance;
  readonly #api: Api;
  #revision = -1;
  #lastEvent: number | null = null;
  #soon: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.#entrance = new Entrance((token) => {
      this.#api.token = token;
      void this.#run();
    });
    this.#api = new Api(this.#entrance.token);
    void this.#run();
  }

  /** Looks and listens until the daemon refuses; begins again when it has been away. */
  async #run(): Promise<void> {
    for (;;) {
      try {
        await this.#look();
        this.#entrance.opened();
        void this.#sample();
        await this.#api.events(this.#lastEvent, (event) => this.#hear(event));
        this.#app.say('the stream of events has ended');
      } catch (error) {
        clearTimeout(this.#soon);
        if (error instanceof ApiError && error.status === 401) return this.#entrance.ask(error.message);
        this.#app.say(`the daemon does not answer: ${error instanceof Error ? error.message : error}`);
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  async #look(): Promise<void> {
    const { graph, revision = 0 } = await this.#api.get<{ graph: Graph; revision?: number }>('/topology');
    if (revision !== this.#revision) this.#app.show(graph);
    this.#revision = revision;
    await this.#readLinks();
    this.#app.say('');
  }

  async #readLinks(): Promise<void> {
    const { links } = await this.#api.get<{ links: readonly LinkDocument[] }>('/links');
    this.#links.take(links, performance.now());
    this.#refresh();
  }

  /** Reads the counters now and then, while somebody looks. */
  async #sample(): Promise<void> {
    const began = performance.now();
    try {
      if (!document.hidden) await this.#readLinks();
    } catch {
      // The stream of events ends, too, and says so.
      return;
    }
    const tookMs = performance.now() - began;
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => void this.#sample(), Math.max(SAMPLE_MS, tookMs * SHARE));
  }

  #hear(event: EventDocument): void {
    this.#lastEvent = event.id;
    this.#timeline.add(event);
    const link = linkOf(event);
    if (event.type === 'admin' && link !== null && event['end'] !== 'port') {
      this.#links.setUp(link, event['now'] === 'up' || event['now'] === true);
      this.#refresh();
    }
    clearTimeout(this.#soon);
    const isAnew = event.type === 'connected' || event.type === 'notice' || event.type === 'wanted';
    this.#soon = setTimeout(() => void (isAnew ? this.#lookAnew() : this.#sample()), PAUSE_MS);
  }

  async #lookAnew(): Promise<void> {
    await this.#look().catch(() => undefined);
    await this.#sample();
  }

  #refresh(): void {
    const { scene, view, whole } = this.#app;
    this.#links.paint(scene);
    // Those within a group have no edge.
    const tones = whole.edges.filter((edge) => ['down', 'failed'].includes(this.#links.toneOf(edge))).length;
    this.#entrance.tell(tones === 0 ? 'all links up' : `${tones} ${tones === 1 ? 'link' : 'links'} down`, tones > 0);
    this.#app.refreshPanel();
    view.settle();
  }

  #more(number: number): readonly HTMLElement[] {
    const { lab, edges } = this.#app.scene.picture;
    const edge = edges[number];
    return edge === undefined ? [] : livePanel(edge, lab, this.#links, (link, action) => void this.#act(link, action));
  }

  async #act(link: string, action: Action): Promise<void> {
    const path = `/links/${encodeURIComponent(link)}/${action === 'reset' ? 'reset' : 'set'}`;
    try {
      await this.#api.post(path, action === 'reset' ? {} : SETTINGS[action]);
      this.#app.say('');
      await this.#readLinks();
    } catch (error) {
      this.#app.say(`${link}: ${error instanceof Error ? error.message : error}`);
    }
  }

  #goTo(link: string): void {
    const { edges, nodes } = this.#app.scene.picture;
    const number = edges.findIndex((edge) =>
      endsOf(edge).some((end) => this.#links.of(end).some(({ document }) => document.link === link)),
    );
    if (number >= 0) return this.#app.goTo({ kind: 'edge', number });
    // It may be within a group.
    const box = this.#app.groups.boxOf(link.slice(0, link.lastIndexOf(':')));
    const at = nodes.findIndex(({ id }) => id === box);
    if (at >= 0) this.#app.goTo({ kind: 'box', number: at });
  }
}
