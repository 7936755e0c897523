/** `status --watch`: the links of a lab and what passes through them, again and again. */
import { setTimeout as delay } from 'node:timers/promises';
import { patternOf } from '../../config/nodes/pattern.ts';
import { EXIT, LinkloomError } from '../../errors.ts';
import type { Emit } from '../../events.ts';
import { LabWatch } from '../../lab/live/follow.ts';
import { type LiveReport, RateMeter } from '../../lab/live/rates.ts';
import type { LinkStatus, StatusReport } from '../../plan/status/status.ts';
import { labEventText } from '../../report/lab-events.ts';
import { linesOf, liveJson, screenOf } from '../../report/live/table.ts';
import { keyed, keysIn, type View } from '../../report/live/view.ts';
import { commandLine } from '../../verb-names.ts';
import type { Options } from '../flags.ts';
import { onInterrupt } from '../interrupt.ts';
import { OutputReader } from '../reader.ts';
import { requestOf } from '../request.ts';
import { Terminal } from '../terminal.ts';
import type { Context } from '../verb.ts';

/** From one look to the next, in seconds. */
const INTERVAL_S = 2;
/** A look is followed by a pause that is at least so many times as long. */
const PAUSE_FACTOR = 4;

/** Until `q`, a signal, or the end of who reads it. */
export async function watchStatus(context: Context, options: Options, emit: Emit): Promise<number> {
  using interrupt = onInterrupt(context, () => {}, '');
  const stop = new AbortController();
  await using reader = new OutputReader(context);
  const signal = AbortSignal.any([interrupt.signal, reader.signal, stop.signal]);
  let report: StatusReport | null = null;
  const onReport = (next: StatusReport): void => {
    report = next;
  };
  await using watch = await LabWatch.open(requestOf(options, context), { emit, signal, onReport });
  if (watch.isEmpty) {
    const hint = `${commandLine('status', '--all')} lists the labs of this host`;
    throw new LinkloomError('E_NODE_MISSING', `nothing of a lab ${watch.lab} is there`, { where: watch.lab, hint });
  }
  const meter = new RateMeter(watch.workers);
  const isShown = filterOf(options);
  using display = displayOf(context, options, () => stop.abort());
  const news = followNews(watch, signal, display.onNews);
  const intervalMs = (options.interval ?? INTERVAL_S) * 1000;
  while (!signal.aborted) {
    const seen: StatusReport | null = report;
    let pauseMs = Math.min(intervalMs, 100);
    if (seen !== null) {
      const live = await meter.look(seen, (seen as StatusReport).links.filter(isShown));
      pauseMs = Math.max(intervalMs, live.costMs * PAUSE_FACTOR);
      display.show(live, pauseMs);
    }
    await delay(pauseMs, undefined, { signal }).catch(() => {});
  }
  await news;
  return EXIT.done;
}

function filterOf({ onlyNode, onlyBridge }: Options): (link: LinkStatus) => boolean {
  const [nodes, bridges] = [patternOf(onlyNode), patternOf(onlyBridge)];
  return ({ link, bridge }) => {
    const node = link.slice(0, link.lastIndexOf(':'));
    const isOfNode = onlyNode.length === 0 || nodes.test(node);
    return isOfNode && (onlyBridge.length === 0 || bridges.test(bridge ?? ''));
  };
}

async function followNews(watch: LabWatch, signal: AbortSignal, onNews: (line: string) => void): Promise<void> {
  for await (const event of watch.log.follow({ signal })) {
    const [line] = labEventText(event, (_format, text) => text).split('\n');
    if (line) onNews(line);
  }
}

interface Display extends Disposable {
  readonly show: (live: LiveReport, intervalMs: number) => void;
  readonly onNews: (line: string) => void;
}

function displayOf(context: Context, options: Options, quit: () => void): Display {
  const { out, env } = context;
  const view: View = { sort: options.sort ?? 'rate', filter: '', typed: null, onlyDrift: options.onlyDrift, top: 0 };
  if (options.json) return linesDisplay((live) => out.write(`${JSON.stringify(liveJson(live, view))}\n`));
  if (!out.isTTY || env['TERM'] === 'dumb') return linesDisplay((live) => out.write(linesOf(live, view)));
  return screenDisplay(context, view, quit);
}

/** The first look has no rates yet. */
function linesDisplay(write: (live: LiveReport) => void): Display {
  let isFirst = true;
  const show = (live: LiveReport): void => {
    if (!isFirst) write(live);
    isFirst = false;
  };
  return { show, onNews: () => {}, [Symbol.dispose]: () => {} };
}

function screenDisplay({ out }: Context, first: View, quit: () => void): Display {
  let view = first;
  let shown: { readonly live: LiveReport; readonly intervalMs: number } | null = null;
  let news = '';
  let size = { page: 1, rows: 0 };
  const draw = (): void => {
    if (shown === null) {
      terminal.draw(['looking…']);
      return;
    }
    const { lines, page, rows } = screenOf(shown.live, view, out, { intervalMs: shown.intervalMs, news });
    size = { page, rows };
    terminal.draw(lines);
  };
  const terminal = new Terminal(out, {
    onRedraw: draw,
    onKeys: (text) => {
      for (const key of keysIn(text)) {
        const next = keyed(view, key, size);
        if (next === 'quit') return quit();
        view = next;
      }
      draw();
    },
  });
  draw();
  return {
    show: (live, intervalMs) => {
      shown = { live, intervalMs };
      draw();
    },
    onNews: (line) => {
      news = line;
    },
    [Symbol.dispose]: () => terminal[Symbol.dispose](),
  };
}
