/** The list of what has happened, the newest first. */
import { byId, h } from '../dom.ts';
import type { EventDocument } from './api.ts';

const MOST_LINES = 300;

export class Timeline {
  readonly #list = h('ol', {});
  readonly #onLink: (link: string) => void;

  /** `onLink` is told when the link of an event is chosen. */
  constructor(onLink: (link: string) => void) {
    this.#onLink = onLink;
    const element = byId('timeline', HTMLElement);
    element.hidden = false;
    element.append(this.#list);
  }

  add(event: EventDocument): void {
    const link = linkOf(event);
    const what =
      link === null
        ? h('span', {}, subjectOf(event))
        : h('button', { type: 'button', onclick: () => this.#onLink(link) }, link);
    const line = h(
      'li',
      { 'data-type': event.type },
      h('time', {}, new Date(event.time).toLocaleTimeString('en-GB')),
      h('span', { className: toneOf(event) }, event.type),
      what,
      h('span', {}, textOf(event)),
    );
    this.#list.prepend(line);
    while (this.#list.childElementCount > MOST_LINES) this.#list.lastElementChild?.remove();
  }
}

/** `NODE:DEV` of an event about a link; null: it is about something else. */
export function linkOf({ subject, link }: EventDocument): string | null {
  if (typeof link === 'string') return link;
  if (typeof subject !== 'object' || subject === null) return null;
  const { kind, node, dev } = subject as { kind?: unknown; node?: unknown; dev?: unknown };
  return kind === 'link' && typeof node === 'string' && typeof dev === 'string' ? `${node}:${dev}` : null;
}

function subjectOf({ subject }: EventDocument): string {
  if (typeof subject !== 'object' || subject === null) return '';
  const { kind, name, dev } = subject as { kind?: unknown; name?: unknown; dev?: unknown };
  return [kind, name ?? dev].filter((word) => word !== undefined).join(' ');
}

function toneOf({ type, now }: EventDocument): string {
  if (type === 'failed' || type === 'failure' || type === 'lost' || now === 'down' || now === 'DOWN' || now === false)
    return 'failed';
  if (type === 'drifted' || type === 'override' || type === 'impairment') return 'impair';
  return type === 'made' || type === 'mended' || type === 'connected' || now === 'up' || now === 'UP' ? 'up' : 'note';
}

function textOf(event: EventDocument): string {
  const { before, now, cause, message, change, settings, what, address, why } = event;
  if (now !== undefined) return `${before == null ? '' : `${before} → `}${now ?? 'none'}`;
  const words = [change, address, cause, message, why, what, Array.isArray(settings) ? settings.join(', ') : undefined];
  return words.filter((word): word is string => typeof word === 'string').join(' ');
}
