/**
 * `live/` follows a lab while it runs: what happens to it, and what passes through its links. It reads and never changes anything.
 *
 * This file: the last events of a lab, for any number of readers.
 */
import type { Emit, Event, LinkEvent, LinkListener, LinkStep } from '../../events.ts';
import type { Happening, LabEvent, LabEventSource, RunEventType } from '../../lab-events.ts';
import { isNotice, type Notice } from '../../notices.ts';
import { subjectText } from '../../subject.ts';
import type { Io } from '../request.ts';

/** How many events are kept: those of some 4,000 links that are made. */
const KEPT = 16_384;
/** Ids begin with the time at which the log was opened, so they grow over a restart: there are fewer than 1,000 events in a millisecond. */
const IDS_PER_MS = 1000;

const STEPS: ReadonlySet<LinkStep> = new Set<LinkStep>([
  ...(['wanted', 'begun', 'made', 'changed', 'failed'] as const),
  ...(['waits', 'drifted', 'mended', 'removed'] as const),
]);

const OF_RUN: ReadonlySet<string> = new Set<RunEventType>([
  ...(['container', 'connected', 'waiting', 'nodes'] as const),
  ...(['notice', 'diagnostic', 'failure'] as const),
]);

export interface FollowOptions {
  /** The id of the last event that the reader has; absent: only what comes is read. 0: also all that is kept. */
  readonly after?: number;
  /** Ends the reading. */
  readonly signal: AbortSignal;
}

export interface EventCount {
  readonly source: LabEventSource;
  readonly type: Happening['type'];
  readonly count: number;
}

/**
 * A ring of the last events. A reader has a place in it and no buffer of its own, so a slow one costs nothing; what it has missed
 * for good is told by `lost`.
 */
export class EventLog {
  readonly #kept: LabEvent[] = [];
  readonly #size: number;
  readonly #firstId: number;
  #nextId: number;
  #waiting: (() => void)[] = [];
  readonly #counts = new Map<string, EventCount>();
  /** The reading of the configuration that is in use, and the links (the text of their subjects) that were told to be wanted by it. */
  #revision: number | null = null;
  #wanted = new Set<string>();
  /** What a link last waited for, while it waits. */
  readonly #waits = new Map<string, string | null>();

  constructor({ size = KEPT, nowMs = Date.now() }: { readonly size?: number; readonly nowMs?: number } = {}) {
    this.#size = size;
    this.#firstId = nowMs * IDS_PER_MS;
    this.#nextId = this.#firstId;
  }

  /** The id of the newest event; before the first one, a number that is less than its id. */
  get lastId(): number {
    return this.#nextId - 1;
  }

  /** How many events there were, also those that are not kept any more. */
  get counts(): readonly EventCount[] {
    return [...this.#counts.values()];
  }

  /** Adds an event. Never throws and never blocks. */
  add(source: LabEventSource, event: Happening): void {
    this.#count(source, event.type);
    const id = this.#nextId;
    this.#nextId += 1;
    this.#kept[(id - this.#firstId) % this.#size] = { id, timeMs: Date.now(), source, event };
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** The same output for a run, whose events are also added here. */
  hearing(io: Pick<Io, 'emit' | 'links'>): { readonly emit: Emit; readonly links: LinkListener } {
    const { links } = io;
    const tell = (event: LinkEvent): void => {
      if (links?.hears.has(event.type)) links.tell(event);
      if (this.#isNews(event)) this.add('linkloom', event);
    };
    const emit = (event: Event): void => {
      io.emit(event);
      if (isOfRun(event)) this.add(event.type === 'container' ? 'engine' : 'linkloom', event);
    };
    return { emit, links: { hears: STEPS, tell } };
  }

  /**
   * The events after `after`, as they come, until `signal` aborts. Where some of them are not kept any more, or `after` is no id of
   * this log, it begins with `lost`, whose id is the one before the next event's.
   */
  async *follow({ after, signal }: FollowOptions): AsyncGenerator<LabEvent, void, void> {
    let next = after === undefined ? this.#nextId : after + 1;
    while (!signal.aborted) {
      const oldest = Math.max(this.#firstId, this.#nextId - this.#size);
      if (next < oldest || next > this.#nextId) {
        // A reader that begins anew has missed what is not kept, if there was anything.
        if (after !== 0 || oldest > this.#firstId) yield lostBefore(oldest);
        next = oldest;
      }
      const event = this.#kept[(next - this.#firstId) % this.#size];
      if (next < this.#nextId && event !== undefined) {
        next += 1;
        yield event;
      } else await this.#changed(signal);
    }
  }

  #count(source: LabEventSource, type: Happening['type']): void {
    const key = `${source} ${type}`;
    this.#counts.set(key, { source, type, count: (this.#counts.get(key)?.count ?? 0) + 1 });
  }

  async #changed(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.push(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  /** Each pass of a daemon tells what it wants and what waits: here that is said when it changes. */
  #isNews({ type, subject, cause, revision }: LinkEvent): boolean {
    const link = subjectText(subject);
    if (type === 'wanted') {
      if (revision !== this.#revision) this.#beginRevision(revision);
      const isNews = !this.#wanted.has(link);
      this.#wanted.add(link);
      return isNews;
    }
    if (type === 'waits') {
      const isNews = this.#waits.get(link) !== cause || !this.#waits.has(link);
      this.#waits.set(link, cause);
      return isNews;
    }
    this.#waits.delete(link);
    return true;
  }

  /** Forgets the links that the reading before did not want. */
  #beginRevision(revision: number | null): void {
    for (const link of this.#waits.keys()) if (!this.#wanted.has(link)) this.#waits.delete(link);
    this.#wanted = new Set();
    this.#revision = revision;
  }
}

function lostBefore(oldest: number): LabEvent {
  const event = { type: 'lost', why: 'earlier events are not kept any more' } as const;
  return { id: oldest - 1, timeMs: Date.now(), source: 'linkloom', event };
}

function isOfRun(event: Event): event is Notice | Extract<Event, { type: RunEventType }> {
  return OF_RUN.has(event.type) || isNotice(event);
}
