/** Asks the hosts of a lab. */
import type { HostName } from '../../cluster/names.ts';
import { readRecord } from '../../cluster/records.ts';
import type { Store } from '../../cluster/store.ts';
import { askSubject } from '../../cluster/subjects.ts';
import { type ErrorCode, LinkloomError } from '../../errors.ts';
import { noSuchLab } from './status.ts';

/** What a host has answered: its answer, or the error that it gave, or that it gave none. */
export interface Answered {
  readonly host: HostName;
  readonly answer: unknown;
  readonly error: LinkloomError | null;
}

/** Asks each host that has a part of the lab: all the same, or each its own question. Throws E_NODE_MISSING if the store knows no such lab, and E_STORE. */
export async function askHosts(
  store: Store,
  lab: string,
  what: string,
  asked: object | ((host: HostName) => object),
  timeoutMs: number,
): Promise<readonly Answered[]> {
  const recorded = await readRecord(store, lab);
  if (recorded === null || recorded.record.deleted) throw noSuchLab(lab);
  return await Promise.all(
    Object.keys(recorded.record.hosts).map((host) =>
      askHost(store, host, lab, what, typeof asked === 'function' ? asked(host) : asked, timeoutMs),
    ),
  );
}

/** Asks one host. Never throws. */
export async function askHost(
  store: Store,
  host: HostName,
  lab: string,
  what: string,
  asked: unknown,
  timeoutMs: number,
): Promise<Answered> {
  const data = new TextEncoder().encode(JSON.stringify(asked));
  try {
    const text = new TextDecoder().decode(await store.ask(askSubject(host, lab, what), data, timeoutMs));
    const { answer, error } = JSON.parse(text) as { answer?: unknown; error?: Refused };
    return { host, answer, error: error === undefined ? null : errorOf(error) };
  } catch (error) {
    return { host, answer: undefined, error: error as LinkloomError };
  }
}

interface Refused {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | null;
}

function errorOf({ code, message, hint }: Refused): LinkloomError {
  return new LinkloomError(code, message, hint === null ? {} : { hint });
}

/**
 * Asks for each word apart, since its link is on some hosts and not on others. The answers of those that have it. Throws E_NODE_MISSING
 * for a word that is nowhere, and the error of a host that could have it and does not answer.
 */
export async function askForEach(
  store: Store,
  lab: string,
  what: string,
  words: readonly string[],
  questionOf: (word: string) => object,
  timeoutMs: number,
): Promise<readonly Answered[]> {
  const found: Answered[] = [];
  for (const word of words) {
    const answers = await askHosts(store, lab, what, questionOf(word), timeoutMs);
    const failed = answers.find(({ error }) => error !== null && error.code !== 'E_NODE_MISSING');
    if (failed?.error) {
      throw new LinkloomError(failed.error.code, `host ${failed.host}: ${failed.error.message}`, {
        cause: failed.error,
      });
    }
    const have = answers.filter(({ error }) => error === null);
    if (have.length === 0) throw answers[0]?.error ?? noSuchLab(lab);
    found.push(...have);
  }
  return found;
}
