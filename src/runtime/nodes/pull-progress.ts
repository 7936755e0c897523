/** Sums up the lines of JSON that an engine sends while it pulls an image. No I/O. */
import type { PullProgress } from './node-runtime.ts';

interface Line {
  readonly id?: unknown;
  readonly status?: unknown;
  readonly error?: unknown;
  readonly progressDetail?: { readonly current?: unknown; readonly total?: unknown } | null;
}

/** The statuses, in Docker's words, of a layer that is complete. */
const WHOLE: ReadonlySet<unknown> = new Set(['Download complete', 'Pull complete', 'Already exists']);

export class PullMeter {
  readonly #image: string;
  readonly #layers = new Map<string, { done: number; total: number }>();

  constructor(image: string) {
    this.#image = image;
  }

  /** Takes one line. Returns the reason if the pull has failed, the progress so far, or null if the line has nothing new. */
  take(text: string): { readonly error: string } | PullProgress | null {
    const line = parse(text);
    if (line === null) return null;
    if (typeof line.error === 'string') return { error: line.error };
    const { id, status, progressDetail } = line;
    if (typeof id !== 'string') return null;
    const layer = this.#layers.get(id) ?? { done: 0, total: 0 };
    const { current, total } = progressDetail ?? {};
    if (status === 'Downloading' && typeof current === 'number') {
      this.#layers.set(id, { done: current, total: typeof total === 'number' ? total : layer.total });
    } else if (WHOLE.has(status)) this.#layers.set(id, { done: layer.total, total: layer.total });
    else return null;
    return this.#sum();
  }

  #sum(): PullProgress {
    let doneBytes = 0;
    let totalBytes = 0;
    for (const { done, total } of this.#layers.values()) {
      doneBytes += done;
      totalBytes += total;
    }
    return { image: this.#image, doneBytes, totalBytes };
  }
}

function parse(text: string): Line | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    return null;
  }
}
