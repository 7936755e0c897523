/** What other machines can ask of a lab on this host, and what they hear of it, by the network of the store. */
import { setMaxListeners } from 'node:events';
import type { HostName } from '../../cluster/names.ts';
import type { Store } from '../../cluster/store.ts';
import { askSubject, eventsSubject } from '../../cluster/subjects.ts';
import type { Serve, Served } from '../../daemon/asked/answering.ts';
import type { LabControl } from '../../daemon/asked/control.ts';
import type { HostsFigures } from '../../daemon/asked/hosts-figures.ts';
import { LinkloomError } from '../../errors.ts';
import type { EventLog } from '../../lab/live/log.ts';
import { PROBE, packMessage, unpackMessage } from '../proof/messages.ts';
import { Proving } from '../proof/proving.ts';

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
  readonly figures: () => HostsFigures;
}

export async function serveToHosts(control: LabControl, options: ServingOptions): Promise<Served> {
  const { store, host, lab, log, answers, serve, figures } = options;
  const local = await serve?.(control, figures);
  const end = new AbortController();
  setMaxListeners(0, end.signal);
  const proving = new Proving(control);
  const answering = store.answer(
    askSubject(host, lab, '>'),
    async ({ subject, data }) => {
      const word = subject.split('.').at(-1) ?? '';
      if (word === PROBE)
        return await packMessage(await answered(async () => proving.answer(await unpackMessage(data))));
      const answer = answers[word];
      if (answer === undefined) return bytes(await answered(refuseUnknown));
      return bytes(await answered(() => answer(control, JSON.parse(new TextDecoder().decode(data)))));
    },
    end.signal,
  );
  const telling = tell(store, eventsSubject(lab, host), log, end.signal);
  return {
    stop: () => {
      end.abort();
      proving.leave();
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

async function refuseUnknown(): Promise<never> {
  throw new LinkloomError('E_USAGE', 'this agent does not know the question');
}

async function answered(answer: () => Promise<unknown>): Promise<unknown> {
  try {
    return { answer: await answer() };
  } catch (error) {
    const known = error instanceof LinkloomError ? error : new LinkloomError('E_INTERNAL', String(error));
    return { error: { code: known.code, message: known.message, hint: known.hint ?? null } };
  }
}

function bytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
