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
  of({ device }: PictureEnd): readonly LiveLink[] {
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
    const loads = scene.picture.edges.map(({ from, to }) =>
      Math.max(...[from, to].flatMap((end) => this.of(end)).map(loadOf), 0),
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

  toneOf({ from, to }: PictureEdge): Tone {
    const order: readonly Tone[] = ['failed', 'down', 'waits', 'drift', 'impaired', 'plain'];
    const tones = [from, to].flatMap((end) => this.of(end)).map(({ document }) => toneOf(document));
    return order.find((tone) => tones.includes(tone)) ?? 'plain';
  }

  #impairOf({ from, to }: PictureEdge): string {
    const texts = [from, to].flatMap((end) => this.of(end)).flatMap(({ document }) => impairsOf(document));
    return [...new Set(texts)].join(' | ');
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
