/** The lines of `status --watch`: a screen of a terminal, or one line for each link. */
import { counted } from '../../counted.ts';
import type { LiveLink, LiveReport } from '../../lab/live/rates.ts';
import { printable } from '../escape.ts';
import type { Sink } from '../output.ts';
import { headline, stateOf } from '../status.ts';
import { type Column, cut, table } from '../table.ts';
import { rowsOf, type View } from './view.ts';

/** Of so many cells there is room for the bridge, too. */
const WIDE_CELLS = 100;

const LINK: Column = { title: 'LINK', shrink: true };
const BRIDGE: Column = { title: 'BRIDGE', shrink: true };
const FIGURES: readonly Column[] = [
  { title: 'STATE' },
  ...['RXb/s', 'TXb/s', 'RXp/s', 'TXp/s', 'DROP', 'ERR'].map((title) => ({ title, align: 'right' }) as const),
  { title: 'DRIFT', shrink: true },
];

/** Lines that are not rows: the headline, the keys, the column titles, and the last line. */
const OTHER_LINES = 4;

export interface ScreenOptions {
  readonly intervalMs: number;
  /** The last thing that happened, as one line; '' for none. */
  readonly news: string;
}

export interface Screen {
  /** As many as the terminal has, none wider than it. */
  readonly lines: readonly string[];
  /** How many rows there are, and how many of them a screen shows. */
  readonly rows: number;
  readonly page: number;
}

/** A whole screen. */
export function screenOf(live: LiveReport, view: View, sink: Sink, { intervalMs, news }: ScreenOptions): Screen {
  const [width, height] = [Math.max(1, sink.columns()), Math.max(OTHER_LINES + 1, sink.rows())];
  const rows = rowsOf(live.links, view);
  const page = height - OTHER_LINES;
  const top = Math.max(0, Math.min(view.top, rows.length - page));
  const shown = rows.slice(top, top + page);
  const isWide = width >= WIDE_CELLS;
  const columns = [LINK, ...(isWide ? [BRIDGE] : []), ...FIGURES];
  const cells = shown.map((link) => cellsOf(link, isWide));
  const [titles = '', ...lines] = table(columns, cells, { ...sink, isTTY: true, paint: plain })
    .trimEnd()
    .split('\n');
  const configured = live.report.configured;
  const body = lines.map((line, at) => painted(cut(line, width), shown[at], configured, sink.paint));
  const place = rows.length === 0 ? 'no link' : `${top + 1}–${top + shown.length} of ${counted(rows.length, 'link')}`;
  const time = new Date(live.timeMs).toTimeString().slice(0, 8);
  const foot = `${place} · ${time}, every ${(intervalMs / 1000).toFixed(1)} s${news === '' ? '' : ` · ${news}`}`;
  const blank = Array.from({ length: page - body.length }, () => '');
  return {
    lines: [
      headOf(live, width, sink.paint),
      sink.paint('dim', cut(keysText(view), width)),
      sink.paint('bold', cut(titles, width)),
      ...body,
      ...blank,
      sink.paint('dim', cut(foot, width)),
    ],
    rows: rows.length,
    page,
  };
}

const plain: Sink['paint'] = (_format, text) => text;

/** One line for each link: where there is no terminal. */
export function linesOf(live: LiveReport, view: View): string {
  const time = new Date(live.timeMs).toISOString();
  return rowsOf(live.links, view)
    .map(({ status, rates }) => {
      const per = rates?.perSecond ?? null;
      const total = rates?.total ?? null;
      const words = [
        `${time} ${status.link} ${stateWord({ status, rates })}`,
        per === null ? 'rx - tx -' : `rx ${bitsText(per.rxBytes)}bit/s ${siText(per.rxPackets)}p/s`,
        per === null ? '' : `tx ${bitsText(per.txBytes)}bit/s ${siText(per.txPackets)}p/s`,
        total === null ? '' : `drops ${total.rxDropped + total.txDropped} errors ${total.rxErrors + total.txErrors}`,
        status.drift.length === 0 ? '' : `drift: ${status.drift.join('; ')}`,
      ];
      return `${printable(words.filter((word) => word !== '').join(' '))}\n`;
    })
    .join('');
}

/** One document for each look. */
export function liveJson(live: LiveReport, view: View): object {
  return {
    schemaVersion: 1,
    time: new Date(live.timeMs).toISOString(),
    lab: live.report.lab,
    configured: live.report.configured,
    links: rowsOf(live.links, view).map(({ status, rates }) => ({
      link: status.link,
      namespace: status.ns,
      bridge: status.bridge,
      state: stateOf(status, live.report.configured),
      operstate: rates?.operstate ?? null,
      drift: status.drift,
      perSecond: rates?.perSecond ?? null,
      total: rates?.total ?? null,
    })),
  };
}

function headOf(live: LiveReport, width: number, paint: Sink['paint']): string {
  let [rx, tx] = [0, 0];
  for (const { rates } of live.links) {
    rx += rates?.perSecond?.rxBytes ?? 0;
    tx += rates?.perSecond?.txBytes ?? 0;
  }
  const words = headline(live.report, plain);
  const tail = `rx ${bitsText(rx)} tx ${bitsText(tx)}`;
  // The figures are told in any case, the words as far as there is room.
  return paint('bold', cut(`${cut(words, Math.max(1, width - tail.length - 3))} · ${tail}`, width));
}

function keysText({ sort, filter, typed, onlyDrift }: View): string {
  if (typed !== null) return `/${printable(typed)}_   (Enter: keep, Esc: drop)`;
  const chosen = [filter === '' ? '' : ` "${printable(filter)}"`, onlyDrift ? ' (only drift)' : ''];
  return `q quit  s sort: ${sort}  / filter${chosen[0]}  d drift${chosen[1]}  ↑↓ scroll`;
}

function cellsOf({ status, rates }: LiveLink, isWide: boolean): readonly string[] {
  const per = rates?.perSecond ?? null;
  const total = rates?.total ?? null;
  return [
    status.link,
    ...(isWide ? [status.bridge ?? '-'] : []),
    stateWord({ status, rates }),
    per === null ? '-' : bitsText(per.rxBytes),
    per === null ? '-' : bitsText(per.txBytes),
    per === null ? '-' : siText(per.rxPackets),
    per === null ? '-' : siText(per.txPackets),
    total === null ? '-' : siText(total.rxDropped + total.txDropped),
    total === null ? '-' : siText(total.rxErrors + total.txErrors),
    status.drift.join('; '),
  ].map(printable);
}

/** RFC 2863's states, in at most seven letters. */
const SHORT: Readonly<Record<string, string>> = { LOWERLAYERDOWN: 'NO-PEER', NOTPRESENT: 'ABSENT' };

function stateWord({ status, rates }: LiveLink): string {
  if (rates !== null) return SHORT[rates.operstate] ?? rates.operstate;
  return status.waits ? 'waits' : 'missing';
}

function painted(line: string, link: LiveLink | undefined, configured: boolean, paint: Sink['paint']): string {
  if (link === undefined) return line;
  const { status, rates } = link;
  const per = rates?.perSecond;
  const isLosing = per ? per.rxDropped + per.txDropped + per.rxErrors + per.txErrors > 0 : false;
  if (rates === null || isLosing) return paint('red', line);
  return stateOf(status, configured) === 'ok' && rates.operstate !== 'DOWN' ? line : paint('yellow', line);
}

const SI = ['', 'k', 'M', 'G', 'T', 'P'] as const;

/** `0`, `950`, `1.2k`, `12M`: powers of 1000, in at most four characters. */
export function siText(value: number): string {
  let scaled = value;
  let unit = 0;
  while (scaled >= 999.5 && unit < SI.length - 1) {
    scaled /= 1000;
    unit += 1;
  }
  const hasFraction = scaled < 9.95 && (unit > 0 || (scaled > 0 && scaled < 1));
  return `${hasFraction ? scaled.toFixed(1) : Math.round(scaled)}${SI[unit]}`;
}

/** Bytes as bits. */
function bitsText(bytes: number): string {
  return siText(bytes * 8);
}
