/** The order in which the steps of a link may come, as a small state machine. */
import assert from 'node:assert/strict';
import type { LinkEvent, LinkListener, LinkStep } from '../../../src/events.ts';
import { subjectText } from '../../../src/subject.ts';

/** What a link may do next, by what it did last in the pass. `none`: nothing yet. */
const NEXT: Readonly<Record<'none' | LinkStep, readonly LinkStep[]>> = {
  none: ['wanted', 'begun', 'removed'],
  wanted: ['begun', 'failed', 'waits', 'drifted'],
  drifted: ['begun', 'failed', 'waits'],
  begun: ['made', 'changed', 'failed', 'removed', 'waits'],
  made: ['mended', 'failed'],
  changed: ['mended', 'failed'],
  failed: [],
  removed: ['wanted'],
  waits: [],
  mended: [],
};

export const EACH_STEP: ReadonlySet<LinkStep> = new Set<LinkStep>([
  'wanted',
  'begun',
  'made',
  'changed',
  'failed',
  'waits',
  'drifted',
  'mended',
  'removed',
]);

/** Hears all, and fails at the first step that comes out of order. */
export class LinkMachine implements LinkListener {
  readonly hears = EACH_STEP;
  readonly events: LinkEvent[] = [];
  readonly #last = new Map<string, LinkStep>();
  #atMs = 0;

  readonly tell = (event: LinkEvent): void => {
    const link = subjectText(event.subject);
    const last = this.#last.get(link) ?? 'none';
    assert.ok(NEXT[last].includes(event.type), `${link}: ${event.type} after ${last}`);
    assert.ok(event.atMs >= this.#atMs, `${link}: ${event.type} goes back in time`);
    assert.equal(event.failure === undefined || event.type === 'failed', true);
    this.#atMs = event.atMs;
    this.#last.set(link, event.type);
    this.events.push(event);
  };

  /** A pass is over: nothing that was begun is left without an end. Returns the steps of each link in it. */
  endOfPass(): Readonly<Record<string, string>> {
    const open = [...this.#last].filter(([, step]) => step === 'begun' || step === 'drifted');
    assert.deepEqual(open, [], 'begun, and not ended');
    const steps: Record<string, string[]> = {};
    for (const { type, subject } of this.events) {
      const link = subjectText(subject);
      steps[link] = [...(steps[link] ?? []), type];
    }
    this.#last.clear();
    this.events.length = 0;
    return Object.fromEntries(Object.entries(steps).map(([link, all]) => [link, all.join(' ')]));
  }
}
