/** What `events` prints: a line for each event, or a JSON document. */
import type { LinkEvent } from '../events.ts';
import type { DeviceEvent, Happening, LabEvent } from '../lab-events.ts';
import { isNotice } from '../notices.ts';
import { type Subject, subjectText } from '../subject.ts';
import { printable } from './escape.ts';
import { eventText } from './lines.ts';
import type { Format, Sink } from './output.ts';
import { plainEvent } from './reporters/json.ts';
import { noticeText } from './reporters/notices.ts';

/** One line of `events --json`. */
export function labEventJson({ id, timeMs, source, event }: LabEvent): object {
  return { schemaVersion: 1, id, time: new Date(timeMs).toISOString(), source, ...plainEvent(event) };
}

/** Lines with their line breaks: `20:15:03.120 n1:eth0 operstate UP → DOWN`. */
export function labEventText({ timeMs, source, event }: LabEvent, paint: Sink['paint']): string {
  const time = paint('dim', timeText(new Date(timeMs)));
  const lines = linesOf(event, source, paint);
  return lines.map((line) => `${time} ${line}\n`).join('');
}

function linesOf(event: Happening, source: LabEvent['source'], paint: Sink['paint']): readonly string[] {
  if (isNotice(event)) return [printable(noticeText(event))];
  switch (event.type) {
    case 'wanted':
    case 'begun':
    case 'made':
    case 'changed':
    case 'failed':
    case 'waits':
    case 'drifted':
    case 'mended':
    case 'removed':
      return [stepLine(event, source, paint)];
    case 'address':
      return [line(event.subject, `${endText(event)}address ${event.address} ${event.change}`, paint)];
    case 'override': {
      const what = event.settings.join(', ');
      const words = { set: 'overridden', reset: 'no longer overridden', lost: 'override lost with its device' };
      return [line(event.subject, paint('yellow', `${words[event.change]}: ${printable(what)}`), paint)];
    }
    case 'lost':
      return [paint('red', `lost events: ${printable(event.why)}`)];
    case 'host-lost':
      return [paint('red', `host ${printable(event.host)} is lost: nobody speaks for it`)];
    case 'host-back':
      return [paint('green', `host ${printable(event.host)} is back`)];
    case 'revision': {
      const what = event.deleted ? ', which removes the lab' : '';
      return [`revision ${event.revision} by ${printable(event.writer)}${what}`];
    }
    case 'container':
      return [`container ${paint('bold', printable(event.name))} ${event.change}`];
    case 'connected':
    case 'waiting':
    case 'nodes':
    case 'notice':
    case 'diagnostic':
    case 'failure':
      return eventText(event, paint).trimEnd().split('\n');
    default:
      return [line(event.subject, deviceWords(event), paint)];
  }
}

function line(subject: Subject, words: string, paint: Sink['paint']): string {
  return `${paint('bold', printable(subjectText(subject)))} ${words}`;
}

/** What linkloom does itself is told as such; of what is only seen it is said what is there. */
const WORDS: Readonly<Record<LinkEvent['type'], readonly [done: string, seen: string]>> = {
  wanted: ['wanted', 'wanted'],
  begun: ['begun', 'begun'],
  made: ['made', 'is there'],
  changed: ['changed', 'changed'],
  failed: ['failed', 'failed'],
  waits: ['waits', 'waits'],
  drifted: ['drifted', 'differs from the configuration'],
  mended: ['mended', 'is as wanted again'],
  removed: ['removed', 'is gone'],
};

const COLOURS: Readonly<Partial<Record<LinkEvent['type'], Format>>> = {
  ...{ made: 'green', changed: 'green', mended: 'green', failed: 'red', drifted: 'yellow', removed: 'yellow' },
};

function stepLine(
  { type, subject, cause, change }: LinkEvent,
  source: LabEvent['source'],
  paint: Sink['paint'],
): string {
  const [done, seen] = WORDS[type];
  const words = source === 'linkloom' ? done : seen;
  const colour = COLOURS[type];
  const what = type === 'begun' && change !== undefined ? `${words}: ${change}` : words;
  const why = cause === null ? '' : `${type === 'begun' ? ',' : ':'} ${printable(cause)}`;
  return line(subject, `${colour === undefined ? what : paint(colour, what)}${why}`, paint);
}

function deviceWords(event: DeviceEvent): string {
  const text = (value: DeviceEvent['now']): string => {
    if (event.type === 'carrier') return value ? 'on' : 'off';
    return value === null ? 'none' : printable(String(value));
  };
  return `${endText(event)}${event.type} ${text(event.before)} → ${text(event.now)}`;
}

/** A link is called by its node end; what its other end shows is said to be of that. */
function endText({ end, ifname }: Pick<DeviceEvent, 'end' | 'ifname'>): string {
  return end === 'port' ? `port ${printable(ifname)} ` : '';
}

/** The time of day, in the zone of this process, with milliseconds. */
function timeText(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${day}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
