/** The text of events that have lines, the same for all reporters. */
import { counted } from '../counted.ts';
import type { Event, Failure, LinkCounts, NodeCounts } from '../events.ts';
import { isNotice } from '../notices.ts';
import { waitingFor } from '../plan/pending/text.ts';
import { subjectText } from '../subject.ts';
import { diagnosticText, hintLine } from './diagnostics.ts';
import { printable, printableLines } from './escape.ts';
import { linkText } from './links.ts';
import type { Sink } from './output.ts';
import { noticeText } from './reporters/notices.ts';
import { STAGE_NOW } from './reporters/stages.ts';

/** conlink's words. */
const CONTAINER_WORDS = { started: 'start', ended: 'die', paused: 'pause', unpaused: 'unpause' } as const;

/** The event's lines, each with its line break; '' for an event that only changes a counter. */
export function eventText(event: Event, paint: Sink['paint']): string {
  if (isNotice(event)) return `${printableLines(noticeText(event))}\n`;
  switch (event.type) {
    case 'begun':
    case 'removed':
    case 'mended':
      return linkText(event);
    case 'wanted':
    case 'made':
    case 'changed':
    case 'failed':
    case 'waits':
    case 'drifted':
    case 'stage':
    case 'progress':
    case 'proved':
      return '';
    case 'ran':
      return event.status === 0 ? '' : `The program has ended with status ${event.status}\n`;
    case 'connected':
      // conlink's words: programs that start it look for them.
      return 'All links connected\n';
    case 'container':
      return `${printable(`Event: ${CONTAINER_WORDS[event.change]} ${event.name} ${event.containerId}`)}\n`;
    case 'override':
      return overrideLine(event);
    case 'waiting':
      return `${printableLines(waitingText(event))}\n`;
    case 'notice':
    case 'detail':
      return `${printableLines(event.message)}\n`;
    case 'diagnostic':
      return diagnosticText(event.diagnostic, paint);
    case 'failure':
      return failureText(event.failure, paint);
    case 'commandOutput':
      return outputText(event.node, event.text);
    case 'nodes':
      return `lab ${paint('bold', printable(event.lab))}: ${nodesText(event.counts, true, paint)}\n`;
    case 'summary':
      return summaryLine(event, paint);
    default:
      return event satisfies never;
  }
}

const OVERRIDE_WORDS = { set: 'set by hand', reset: 'as configured again', lost: 'no longer as set by hand' } as const;

function overrideLine({ step, link, end, what }: Extract<Event, { type: 'override' }>): string {
  const port = end === 'port' ? ' (its port)' : '';
  return `${printable(link)}${port}: ${OVERRIDE_WORDS[step]}: ${printable(what)}\n`;
}

function waitingText({ pending, leftMs }: Extract<Event, { type: 'waiting' }>): string {
  const limit = leftMs === null ? '' : ` (at most ${Math.ceil(leftMs / 1000)} s)`;
  return `${waitingFor(pending)}${limit}`;
}

/** `ERROR: n1:eth0: …` and the hint below it. */
export function failureText(failure: Failure, paint: Sink['paint']): string {
  const line = `${paint('red', 'ERROR: ')}${printable(subjectText(failure.subject))}: ${printableLines(failure.message)}\n`;
  return failure.hint ? `${line}${hintLine(failure.hint, paint)}\n` : line;
}

/** The lines of a command's output, each after the name of its node, as conlink prints them. */
function outputText(node: string, text: string): string {
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  return lines.map((line) => `  ${printable(node)}: ${printableLines(line)}\n`).join('');
}

const COUNTED = ['created', 'changed', 'removed', 'unchanged', 'pending', 'failed'] as const;

/**
 * `lab web up: 8 links wanted: 8 created; 2 nodes wanted: 2 created (12 ms)`. Counts of 0 are left out. Nodes are left out where
 * nothing became of them, and links where the lab has nodes alone.
 */
function summaryLine({ verb, summary, slowest }: SummaryEvent, paint: Sink['paint']): string {
  const { links, nodes, timings, lab } = summary;
  const hasLinks = links.desired > 0 || COUNTED.some((name) => links[name] > 0);
  const { desired, unchanged, ...done } = nodes;
  const hasNews = Object.values(done).some((count) => count > 0);
  const parts = [
    ...(hasLinks ? [partText(links, 'link', verb === 'up', paint)] : []),
    ...(hasNews || (!hasLinks && desired > 0) ? [nodesText(nodes, verb === 'up', paint)] : []),
  ];
  const what = parts.length > 0 ? parts.join('; ') : verb === 'up' ? '0 links wanted: nothing to do' : 'nothing to do';
  return `lab ${paint('bold', printable(lab))} ${verb}: ${what} (${durationText(timings.totalMs)}${slowestText(slowest, timings.totalMs)})\n`;
}

function nodesText(counts: NodeCounts, isWanted: boolean, paint: Sink['paint']): string {
  return partText({ ...counts, pending: 0 }, 'node', isWanted, paint);
}

/** `8 links wanted: 7 created, 1 failed`; of a removal `links: 7 removed, 1 failed`. */
function partText(counts: LinkCounts, what: 'link' | 'node', isWanted: boolean, paint: Sink['paint']): string {
  const texts = COUNTED.filter((name) => counts[name] > 0).map((name) => countText(name, counts, paint));
  const done = texts.length > 0 ? texts.join(', ') : 'nothing to do';
  return `${isWanted ? `${counted(counts.desired, what)} wanted` : `${what}s`}: ${done}`;
}

function countText(name: (typeof COUNTED)[number], counts: LinkCounts, paint: Sink['paint']): string {
  const text = `${counts[name]} ${name}`;
  if (name === 'failed') return paint('red', text);
  if (name === 'pending') return paint('yellow', text);
  return name === 'unchanged' ? paint('dim', text) : paint('green', text);
}

/** `12 ms`, `3.4 s`, `2 min 05 s`. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

type SummaryEvent = Extract<Event, { type: 'summary' }>;

/** From so long a run on it is told what of it took longest. */
const LONG_RUN_MS = 1000;

function slowestText(slowest: SummaryEvent['slowest'], totalMs: number): string {
  if (slowest === undefined || totalMs < LONG_RUN_MS) return '';
  return `, slowest: ${STAGE_NOW[slowest.stage]}, ${durationText(slowest.elapsedMs)}`;
}
