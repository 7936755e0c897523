/** What other machines can ask of a lab on this host, and what they hear of it, by the network of the store. */
import { setMaxListeners } from 'node:events';
import type { HostName } from '../../cluster/names.ts';
import type { Store } from '../../cluster/store.ts';
import { askSubject, eventsSubject } from '../../cluster/subjects.ts';
import type { Serve, Served } from '../../daemon/asked/answering.ts';
import type { LabControl } from '../../daemon/asked/control.ts';
import { LinkloomError } from '../../errors.ts';
import type { EventLog } from '../../lab/live/log.ts';

/** Answers a question about a lab: takes and returns what is sent as JSON. Throws LinkloomError, which is sent instead. */
export type Answer = (control: LabControl, asked: unknown) => Promise<unknown>;

export interface ServingOptions {
  readonly store: Store;
  readonly host: HostName;
  readonly lab: string;
  readonly log: EventLog;
  /** By the last word of the subject. */
  readonly answers: Readonly<Record<string, Answer>>;
  /** Serves the lab on this host too. */
  readonly serve: Serve | undefined;
}

export async function serveToHosts(control: LabControl, options: ServingOptions): Promise<Served> {
  const { store, host, lab, log, answers, serve } = options;
  const local = await serve?.(control);
  const end = new AbortController();
  setMaxListeners(0, end.signal);
  const answering = store.answer(
    askSubject(host, lab, '>'),
    async ({ subject, data }) => bytes(await answered(control, answers[subject.split('.').at(-1) ?? ''], data)),
    end.signal,
  );
  const telling = tell(store, eventsSubject(lab, host), log, end.signal);
  return {
    stop: () => {
      end.abort();
      local?.stop();
    },
    finish: async () => {
      await Promise.all([answering, telling, local?.finish()]);
    },
  };
}

async function tell(store: Store, subject: string, log: EventLog, signal: AbortSignal): Promise<void> {
  for await (const event of log.follow({ after: 0, signal })) store.publish(subject, bytes(event));
}

async function answered(control: LabControl, answer: Answer | undefined, data: Uint8Array): Promise<unknown> {
  try {
    if (answer === undefined) throw new LinkloomError('E_USAGE', 'this agent does not know the question');
    return { answer: await answer(control, JSON.parse(new TextDecoder().decode(data))) };
  } catch (error) {
    const known = error instanceof LinkloomError ? error : new LinkloomError('E_INTERNAL', String(error));
    return { error: { code: known.code, message: known.message, hint: known.hint ?? null } };
  }
}

function bytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
