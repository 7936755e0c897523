/** Tries a call again while the store does not answer: while there is no leader, requests fail or time out. */
import { setTimeout as delay } from 'node:timers/promises';
import { LinkloomError } from '../../errors.ts';
import { commandLine } from '../../verb-names.ts';
import type { Endurance } from './endurance.ts';
import { type Fault, faultOf, textOf } from './faults.ts';

const PAUSE_MS = 250;
const PAUSE_MAX_MS = 2000;

export interface Patience {
  /** What is said to be out of reach: the servers. */
  readonly where: string;
  /** What is left of it bounds all tries together. */
  readonly endurance: Endurance;
  readonly signal: AbortSignal | null;
  /** Called where the bucket does not exist; the call is tried again then. */
  readonly onMissing?: () => Promise<void>;
}

/** What a try is told. */
export interface Try {
  /** Whether an earlier try may have been carried out. */
  readonly isAgain: boolean;
  /** How long it may take. */
  readonly leftMs: number;
}

/**
 * The result of `call`. A conflict is thrown as it is. Throws E_STORE when the endurance is over or if waiting does not help, E_INTERRUPTED
 * if the signal aborts.
 */
export async function patiently<T>(call: (how: Try) => Promise<T>, patience: Patience): Promise<T> {
  const { endurance } = patience;
  let isAgain = false;
  for (let pauseMs = PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS)) {
    const begunMs = performance.now();
    try {
      const result = await call({ isAgain, leftMs: endurance.leftMs(begunMs) });
      endurance.answered(performance.now());
      return result;
    } catch (error) {
      const fault = faultOf(error);
      endurance.failed(begunMs);
      const leftMs = endurance.leftMs(performance.now());
      refuseLasting(error, fault, patience, leftMs <= pauseMs);
      if (fault === 'missing') await patience.onMissing?.();
      else isAgain = true;
      await delay(pauseMs, undefined, patience.signal === null ? {} : { signal: patience.signal }).catch(() => {});
    }
  }
}

/** Throws what ends the trying. */
function refuseLasting(error: unknown, fault: Fault, { where, endurance, signal }: Patience, isOver: boolean): void {
  if (fault === 'conflict' || error instanceof LinkloomError) throw error;
  if (signal?.aborted) throw new LinkloomError('E_INTERRUPTED', 'interrupted while the store did not answer');
  if (fault === 'lasting') throw refused(where, error);
  if (isOver) throw unanswered(where, endurance.limitMs, error);
}

function refused(where: string, cause: unknown): LinkloomError {
  return new LinkloomError('E_STORE', `the store at ${where} refused: ${textOf(cause)}`, {
    hint: `see the account and the permissions of this key: ${commandLine('hosts', 'permissions')} prints what is needed`,
    cause,
  });
}

function unanswered(where: string, limitMs: number, cause: unknown): LinkloomError {
  if (faultOf(cause) === 'missing') {
    return new LinkloomError('E_STORE', `the store at ${where} has no buckets yet`, {
      hint: `the first verb of somebody who may change labs makes them: ${commandLine('hosts')}`,
      cause,
    });
  }
  const seconds = Math.round(limitMs / 1000);
  return new LinkloomError('E_STORE', `the store at ${where} did not answer within ${seconds} s: ${textOf(cause)}`, {
    hint: 'do most of its servers run, with JetStream on? The links stay as they are meanwhile',
    cause,
  });
}
