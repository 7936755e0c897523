/** What the daemon of a lab plays, for whoever follows the lab without being the daemon. */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { EVENT_GROUPS, type Happening } from '../../lab-events.ts';
import { apiSocketPath } from '../../net/run-directory.ts';
import { daemonOf } from './daemon.ts';

/** A daemon that comes later is noticed so soon. */
const LOOK_EVERY_MS = 1000;

/**
 * Gives each event of a play, of this daemon of the lab and of any that comes after it, until `signal` aborts. Where this user may not ask
 * the daemon, none is given. Never rejects.
 */
export async function followPlays(lab: string, signal: AbortSignal, tell: (event: Happening) => void): Promise<void> {
  while (!signal.aborted) {
    try {
      const daemon = existsSync(apiSocketPath(lab)) ? await daemonOf(lab) : null;

      const lines = daemon?.follow('GET', '/events', undefined, signal) ?? [];
      for await (const line of lines) if (isOfPlay(line)) tell(eventIn(line));
    } catch {
      // It has ended, or is not to be asked.
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal, ref: false }).catch(() => {});
  }
}

type Line = { readonly type: (typeof EVENT_GROUPS.play)[number] };

function isOfPlay(line: object): line is Line {
  return 'type' in line && (EVENT_GROUPS.play as readonly unknown[]).includes(line.type);
}

/** Without what the line has around it. */
function eventIn(line: Line): Happening {
  const { schemaVersion: _1, id: _2, time: _3, source: _4, message: _5, ...event } = line as Record<string, unknown>;
  return event as unknown as Happening;
}
