/** Plays a timeline for as long as the asker stays: each step is a line of the answer when it is through. */
import type { FastifyReply } from 'fastify';
import { readTimeline } from '../../config/play/read.ts';
import type { Timeline } from '../../config/play/timeline.ts';
import type { LabControl } from '../../daemon/asked/control.ts';
import { LinkloomError } from '../../errors.ts';
import { asLinkloomError, errorJson } from '../../report/errors.ts';
import { playJson, stepJson } from '../../report/play/play.ts';
import type { PlayAsked, PlayEndAsked } from '../answers/playing.ts';
import { refuseOthers } from './own-files.ts';

/** An empty line this often, so that what is in between does not take the answer for dead, and it is noticed when the asker has gone. */
const KEEP_ALIVE_MS = 15_000;
/** An asker that leaves so much unread has gone. */
const UNREAD_MOST_BYTES = 4 * 1024 * 1024;

/**
 * `written` is the timeline as it was sent. Throws, before anything is touched, E_CONFIG and what `Plays.play` throws; what goes wrong
 * later is the last line.
 */
export async function streamPlay(
  control: LabControl,
  reply: FastifyReply,
  written: unknown,
  files: PlayAsked['files'],
): Promise<void> {
  const timeline = await timelineIn(written);
  // What is reset is as the daemon has it configured.
  const isReset = timeline.steps.some(({ action }) => action.kind === 'reset');
  if (isReset) refuseOthers(control, files, 'play')(control.session());
  const response = reply.raw;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const write = (document: object): void => {
    response.write(`${JSON.stringify(document)}\n`);
    if (response.writableLength > UNREAD_MOST_BYTES) response.destroy();
  };
  const { lab } = control;
  let alive: NodeJS.Timeout | undefined;
  const begin = (play: number): void => {
    reply.hijack();
    response.writeHead(200, {
      'content-type': 'application/x-ndjson',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-accel-buffering': 'no',
    });
    response.socket?.setKeepAlive(true, KEEP_ALIVE_MS);
    write({ schemaVersion: 1, type: 'begin', lab, play });
    alive = setInterval(() => response.write('\n'), KEEP_ALIVE_MS);
  };
  try {
    const asker = { onBegin: begin, onStep: (step: Parameters<typeof stepJson>[0]) => write(stepJson(step)) };
    write(playJson(await control.plays.play(timeline, { ...asker, signal: gone.signal })));
  } catch (error) {
    if (alive === undefined) throw error;
    write({ ...errorJson(asLinkloomError(error)), type: 'error' });
  } finally {
    clearInterval(alive);
    if (alive !== undefined) response.end();
  }
}

/** The document of the last line, when the links are as they were found. Throws E_NODE_MISSING. */
export async function endPlay(control: LabControl, { play, reason }: PlayEndAsked): Promise<object> {
  return playJson(await control.plays.end(play ?? null, reason));
}

/** The schema has checked each value; what they say together is checked as of a file. */
async function timelineIn(written: unknown): Promise<Timeline> {
  const { timeline, diagnostics } = await readTimeline('timeline.json', JSON.stringify(written));
  if (timeline !== null) return timeline;
  const [first] = diagnostics.filter(({ severity }) => severity === 'error');
  const hint = first?.hint;
  throw new LinkloomError('E_CONFIG', first?.message ?? 'it is no timeline', {
    ...(hint !== undefined && { hint }),
    // Its lines are nobody's.
    diagnostics: diagnostics.map(({ where: _, ...diagnostic }) => diagnostic),
  });
}
