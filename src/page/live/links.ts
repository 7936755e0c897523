/** What is known of each link now, and what it was: which edge it belongs to, how that is drawn, its rates. */
import type { PictureEdge, PictureEnd } from '../../picture/picture.ts';
import type { Scene, Tone } from '../view/scene.ts';
import type { Counters, LinkDocument, OverrideDocument } from './api.ts';

/** Rates that are kept for the line in the panel. */
const MOST_RATES = 60;

export interface Rate {
  readonly rx: number;
  readonly tx: number;
}

export interface LiveLink {
  document: LinkDocument;
  /** Bits a second, the newest last. */
  readonly rates: Rate[];
  sampledMs: number;
}

const WORST_FIRST: readonly Tone[] = ['failed', 'down', 'waits', 'drift', 'impaired', 'plain'];

type End = Pick<PictureEnd, 'device'>;

/** The ends of each edge that was folded into this one; of a plain edge its own. */
function partsOf({ from, to, parts }: PictureEdge): readonly (readonly [from: End, to: End])[] {
  return parts?.map(([one, other]) => [{ device: one }, { device: other }] as const) ?? [[from, to]];
}

export function endsOf(edge: PictureEdge): readonly End[] {
  return partsOf(edge).flat();
}

/** Up, but no packet gets through: RFC 2863's states as `ip` names them. */
const NOT_CARRYING = ['DOWN', 'LOWERLAYERDOWN', 'NOTPRESENT'];

export class LiveLinks {
  readonly #links = new Map<string, LiveLink>();

  /** Takes a whole answer. `nowMs` is when it came. */
  take(documents: readonly LinkDocument[], nowMs: number): void {
    const left = new Set(this.#links.keys());
    for (const document of documents) {
      left.delete(document.link);
      const before = this.#links.get(document.link);
      if (before === undefined) {
        this.#links.set(document.link, { document, rates: [], sampledMs: nowMs });
        continue;
      }
      const rate = rateBetween(before, document, nowMs);
      if (rate !== null) before.rates.push(rate);
      if (before.rates.length > MOST_RATES) before.rates.shift();
      Object.assign(before, { document, sampledMs: nowMs });
    }
    for (const gone of left) this.#links.delete(gone);
  }

  /** An event has come before the next answer: the device is up or down at once. */
  setUp(link: string, isUp: boolean): void {
    const live = this.#links.get(link);
    if (live?.document.device == null) return;
    const device = { ...live.document.device, flags: isUp ? ['UP'] : [], operstate: isUp ? 'UNKNOWN' : 'DOWN' };
    live.document = { ...live.document, device };
  }

  /** The links of an end: none for a port, several for a service of several replicas. */
  of({ device }: End): readonly LiveLink[] {
    const [, kind = '', node = '', dev = ''] = /^([a-z]+)\/(.*):([^:]*)$/s.exec(device) ?? [];
    const exact =
      this.#links.get(`${node}:${dev}`) ??
      this.#links.get(device) ??
      (kind === 'host' ? this.#links.get(`host:${dev}`) : undefined);
    if (exact !== undefined) return [exact];
    if (kind !== 'service') return [];
    const replicas = [...this.#links].filter(([id]) => {
      const [, name = '', own] = /^(.*):([^:]*)$/s.exec(id) ?? [];
      return own === dev && (name === node || name.replace(/[-_]\d+$/, '').endsWith(node));
    });
    return replicas.map(([, link]) => link);
  }

  /** Colours all edges of a scene. */
  paint(scene: Scene): void {
    const loads = scene.picture.edges.map((edge) =>
      this.#linksOf(edge).reduce((most, link) => Math.max(most, loadOf(link)), 0),
    );
    const most = Math.max(...loads, 1);
    for (const [number, edge] of scene.picture.edges.entries()) {
      scene.tones[number] = this.toneOf(edge);
      // By the logarithm: a link of a thousandth of the busiest one's load still shows.
      scene.loads[number] =
        (loads[number] ?? 0) < 1000 ? 0 : Math.log10(loads[number] ?? 1) / Math.log10(Math.max(most, 10));
      scene.impairs.set(number, this.#impairOf(edge));
    }
  }

  toneOf(edge: PictureEdge): Tone {
    const tones = new Set(this.#linksOf(edge).map(({ document }) => toneOf(document)));
    return WORST_FIRST.find((tone) => tones.has(tone)) ?? 'plain';
  }

  /** Each link of an edge with the device at its other end; those that are amiss come first where several were folded into one. */
  ofEdge(edge: PictureEdge): readonly { readonly live: LiveLink; readonly other: string }[] {
    const found = partsOf(edge).flatMap(([from, to]) => [
      ...this.of(from).map((live) => ({ live, other: to.device })),
      ...this.of(to).map((live) => ({ live, other: from.device })),
    ]);
    const rank = ({ live }: { readonly live: LiveLink }): number => WORST_FIRST.indexOf(toneOf(live.document));
    return edge.parts === undefined ? found : found.sort((a, b) => rank(a) - rank(b));
  }

  #linksOf(edge: PictureEdge): readonly LiveLink[] {
    return endsOf(edge).flatMap((end) => this.of(end));
  }

  #impairOf(edge: PictureEdge): string {
    const texts = this.#linksOf(edge).map(({ document }) => impairsOf(document));
    const different = [...new Set(texts.flat())];
    if (edge.count === 1 || different.length <= 1) return different.join(' | ');
    return `${texts.filter((one) => one.length > 0).length} impaired`;
  }
}

/** What impairs a link: netem as the kernel has it, and what was set by hand. */
function impairsOf({ device, overrides = [] }: LinkDocument): readonly string[] {
  const netem = device?.netem ?? '';
  const byHand = overrides.flatMap((one) => (one.setting === 'state' ? [] : [overrideText(one)]));
  return [...new Set([...(netem === '' ? [] : [netem]), ...byHand.filter((text) => !netem.includes(text))])];
}

/** What was set by hand, in few words: `mtu 1400`. What impairs needs no name. */
export function overrideText({ end, setting, actual }: OverrideDocument): string {
  return `${end === 'port' ? 'port: ' : ''}${setting === 'impair' ? '' : `${setting} `}${actual}`;
}

function toneOf(document: LinkDocument): Tone {
  const { state, device } = document;
  if (state === 'waits') return 'waits';
  if (device === null) return 'failed';
  if (!device.flags.includes('UP') || NOT_CARRYING.includes(device.operstate)) return 'down';
  if (state !== 'ok') return 'drift';
  return impairsOf(document).length > 0 ? 'impaired' : 'plain';
}

function rateBetween({ document, sampledMs }: LiveLink, next: LinkDocument, nowMs: number): Rate | null {
  const [one, other] = [document.device?.stats64, next.device?.stats64];
  const seconds = (nowMs - sampledMs) / 1000;
  if (one === undefined || other === undefined || seconds <= 0.2) return null;
  const rate = (before: Counters, after: Counters): number => Math.max(0, ((after.bytes - before.bytes) * 8) / seconds);
  return { rx: rate(one.rx, other.rx), tx: rate(one.tx, other.tx) };
}

function loadOf({ rates }: LiveLink): number {
  const last = rates.at(-1);
  return last === undefined ? 0 : Math.max(last.rx, last.tx);
}
