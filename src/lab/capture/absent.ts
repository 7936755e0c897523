import { setTimeout as delay } from 'node:timers/promises';
import type { LinkStatus } from '../../plan/status/status.ts';
import type { LabLinks } from '../links/of-lab.ts';

export interface AbsentTimes {
  /** Between two looks. */
  readonly lookMs: number;
  /** The lab counts as removed when nothing of it has been there for so long. */
  readonly removedMs: number;
}

const TIMES: AbsentTimes = { lookMs: 500, removedMs: 10_000 };

export interface AbsentListener {
  /** The link is there in some way. False: not in the way that is waited for. */
  readonly isBack: (link: LinkStatus) => boolean;
  /** Nothing of the lab is left. */
  readonly onRemoved: () => void;
}

/** Links that are not there: looks for them as long as there are any. */
export class Absent implements AsyncDisposable {
  readonly #links: LabLinks;
  readonly #listener: AbsentListener;
  readonly #times: AbsentTimes;
  readonly #names = new Set<string>();
  readonly #ended = new AbortController();
  #looking: Promise<void> | null = null;

  constructor(links: LabLinks, listener: AbsentListener, times = TIMES) {
    this.#times = times;
    this.#links = links;
    this.#listener = listener;
  }

  add(link: string): void {
    this.#names.add(link);
    this.#looking ??= this.#lookOn();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.#looking;
  }

  async #lookOn(): Promise<void> {
    let emptyMs = 0;
    while (this.#names.size > 0 && !this.#ended.signal.aborted) {
      const startedMs = performance.now();
      await delay(this.#times.lookMs, undefined, { signal: this.#ended.signal }).catch(() => {});
      if (this.#ended.signal.aborted) break;
      const found = await this.#look();
      if (found !== 'empty') emptyMs = 0;
      else emptyMs += performance.now() - startedMs;
      if (emptyMs >= this.#times.removedMs) {
        this.#listener.onRemoved();
        break;
      }
    }
    this.#looking = null;
  }

  /** What can't be looked at now (an engine does not answer) is looked at again. */
  async #look(): Promise<'empty' | 'unknown' | 'seen'> {
    try {
      const { links, bridges } = await this.#links.look(() => {});
      for (const link of links) {
        if (this.#names.has(link.link) && this.#listener.isBack(link)) this.#names.delete(link.link);
      }
      const isEmpty =
        links.every(({ observed }) => observed === null) && bridges.every(({ observed }) => observed === null);
      return isEmpty ? 'empty' : 'seen';
    } catch {
      return 'unknown';
    }
  }
}
