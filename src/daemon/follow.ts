/** Follows the events of one engine for as long as the daemon runs, across restarts of the engine. */

import { setTimeout as delay } from 'node:timers/promises';
import { diagnosticOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { ContainerEngine } from '../runtime/engine.ts';
import { orAborted } from './or-aborted.ts';
import type { Registry } from './registry.ts';

export interface FollowOptions {
  readonly engine: ContainerEngine;
  readonly registry: Registry;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly timing: { readonly reconnectMinMs: number; readonly reconnectMaxMs: number };
}

export interface Following {
  /** Resolves when the engine has listed its running containers for the first time. */
  readonly ready: Promise<void>;
  /** Resolves after `signal` has aborted. Never rejects. */
  readonly ended: Promise<void>;
  readonly socketPath: string;
  /** Whether the engine answers, as far as is known. */
  readonly isListening: () => boolean;
}

/**
 * Subscribes to the engine's events, then lists its containers, so that no start is missed. A container that is seen twice does no
 * harm. When the stream ends, it subscribes again after growing pauses, and the list makes up for lost events. The pauses become
 * short again only after a stream that has lasted, because an engine may answer and then hang up at once.
 */
export function followEngine(options: FollowOptions): Following {
  let firstSeen: () => void = () => {};
  const ready = new Promise<void>((resolve) => {
    firstSeen = resolve;
  });
  const stream: Stream = { sinceMs: null };
  return {
    ready,
    ended: keepFollowing(options, firstSeen, stream),
    socketPath: options.engine.socketPath,
    isListening: () => stream.sinceMs !== null,
  };
}

/** The subscription of now. `sinceMs`: when it began (of `performance.now()`); null: there is none. */
interface Stream {
  sinceMs: number | null;
}

async function keepFollowing(options: FollowOptions, firstSeen: () => void, stream: Stream): Promise<void> {
  const { engine, emit, signal, timing } = options;
  let pauseMs = timing.reconnectMinMs;
  let lost = false;
  const onListening = (): void => {
    firstSeen();
    if (lost) emit({ type: 'listening', socketPath: engine.socketPath });
    lost = false;
    stream.sinceMs = performance.now();
  };
  while (!signal.aborted) {
    stream.sinceMs = null;
    const reason = await orAborted(follow(options, onListening), signal);
    if (reason === null || signal.aborted) return;
    if (stream.sinceMs !== null && performance.now() - stream.sinceMs >= timing.reconnectMaxMs) {
      pauseMs = timing.reconnectMinMs;
    }
    stream.sinceMs = null;
    if (!lost) {
      const message = `lost ${engine.kind} on ${engine.socketPath} (${reason}); trying again until it answers`;
      emit({ type: 'diagnostic', diagnostic: diagnosticOf('engine-lost', message) });
    }
    lost = true;
    await delay(pauseMs, undefined, { signal }).catch(() => {});
    pauseMs = Math.min(pauseMs * 2, timing.reconnectMaxMs);
  }
}

/** Runs one subscription. Returns why it ended. */
async function follow({ engine, registry, signal }: FollowOptions, onListening: () => void): Promise<string> {
  const attempt = new AbortController();
  const combined = AbortSignal.any([signal, attempt.signal]);
  try {
    const events = await engine.events(combined);
    await registry.compare(engine);
    onListening();
    for await (const event of events) {
      // The look is not awaited, so that containers do not wait for each other. If it fails, this subscription ends, and the next
      // one lists the containers.
      registry.look(engine, event.id).catch(() => attempt.abort());
    }
    return 'its event stream ended';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    attempt.abort();
  }
}
