/** Two looks at a lab → what differs now from its configuration, and what does not any more. Pure. */
import type { LinkEvent } from '../../events.ts';
import type { LinkStatus, StatusReport, TunnelStatus } from '../../plan/status/status.ts';
import { linkSubject, type Subject } from '../../subject.ts';

interface State {
  readonly subject: Subject;
  /** `odd`: it differs, but this was seen only once, of a link that has not been in order yet: it may be about to be made. */
  readonly is: 'ok' | 'differs' | 'odd' | 'waits' | 'gone';
  readonly cause: string | null;
}

type Step = Pick<LinkEvent, 'type' | 'subject' | 'cause'>;

/** Remembers what each look found. */
export class Differences {
  #before: ReadonlyMap<string, State> | null = null;

  /** The events of one more look, in the order of the configuration. The first look tells what is wanted, and what of it is not as wanted. */
  look(report: StatusReport): readonly Step[] {
    const before = this.#before;
    const now = new Map<string, State>();
    const steps: Step[] = [];
    for (const [key, found] of statesOf(report)) {
      const earlier = before?.get(key);
      const state = settled(earlier, found, before === null);
      now.set(key, state);
      if (earlier === undefined) steps.push({ type: 'wanted', subject: state.subject, cause: null });
      steps.push(...stepsOf(earlier, state));
    }
    this.#before = now;
    return steps;
  }

  /** Whether one more look has to tell what is only odd so far. */
  get isUnsure(): boolean {
    return [...(this.#before?.values() ?? [])].some(({ is }) => is === 'odd');
  }
}

/** A link that was never in order is given the time of one more look. At the first one nothing has just begun. */
function settled(earlier: State | undefined, now: State, isFirst: boolean): State {
  if (now.is !== 'differs' || isFirst) return now;
  const wasTold = earlier?.is === 'ok' || earlier?.is === 'differs' || earlier?.is === 'odd';
  return wasTold ? now : { ...now, is: 'odd' };
}

function stepsOf(earlier: State | undefined, { subject, is, cause }: State): readonly Step[] {
  const isSame = earlier?.is === is && earlier.cause === cause;
  if (isSame || is === 'odd') return [];
  if (is === 'differs' || is === 'gone') return [{ type: 'drifted', subject, cause }];
  if (is === 'waits') return [{ type: 'waits', subject, cause }];
  // What was missing and is there is told by the kernel.
  return earlier?.is === 'differs' ? [{ type: 'mended', subject, cause: earlier.cause }] : [];
}

function statesOf({ links, tunnels, pending }: StatusReport): ReadonlyMap<string, State> {
  const states = new Map<string, State>();
  for (const link of links) if (link.desired !== null) states.set(link.link, stateOfLink(link));
  for (const tunnel of tunnels) if (tunnel.desired) states.set(`tunnel ${tunnel.name}`, stateOfTunnel(tunnel));
  for (const { subject, links: waiting, why } of pending) {
    if (subject.kind !== 'node') continue;
    for (const link of waiting) states.set(link, { subject: linkSubject(link), is: 'waits', cause: why });
  }
  return states;
}

function stateOfLink({ link, observed, waits, drift }: LinkStatus): State {
  const subject = linkSubject(link);
  const cause = drift.join('; ') || null;
  if (waits) return { subject, is: 'waits', cause };
  if (observed === null) return { subject, is: 'gone', cause: cause ?? 'missing' };
  return { subject, is: cause === null ? 'ok' : 'differs', cause };
}

function stateOfTunnel({ name, observed, drift }: TunnelStatus): State {
  const subject = { kind: 'tunnel', dev: name } as const;
  const cause = drift.join('; ') || null;
  if (observed === null) return { subject, is: 'gone', cause: cause ?? 'missing' };
  return { subject, is: cause === null ? 'ok' : 'differs', cause };
}
