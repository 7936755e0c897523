/** One try of a check, from one node to one target. */
import { whyNot } from '../../check/words.ts';
import { describe } from '../../engine/failure.ts';
import type { CheckThread } from '../../engine/threads/checker.ts';
import type { Limiter } from '../../runtime/nodes/limiter.ts';
import type { CheckSpec, PingTry } from '../../topology/check/spec.ts';
import type { CheckOutcome } from '../../wire/check.ts';
import { askByHttp } from './http.ts';
import type { Placed } from './nodes.ts';
import { runProgram } from './program.ts';

/** What trying needs. */
export interface Means {
  readonly thread: CheckThread;
  /** For what takes a process or a descriptor. */
  readonly limiter: Limiter;
  readonly signal: AbortSignal | null;
}

/** `address` empty: a program needs none. Returns why it did not come to what is wanted; null: it did. */
export async function attempt(spec: CheckSpec, node: Placed, address: string, means: Means): Promise<string | null> {
  const { try: what, timeoutMs } = spec;
  const { thread, limiter, signal } = means;
  const to = { ns: node.ns, to: address, timeoutMs };
  switch (what.kind) {
    case 'ping':
      return judged(spec, whyOf(await pinged(what, to, thread), node, timeoutMs));
    case 'tcp': {
      const outcomes = await thread.try([{ kind: 'connect', ...to, port: what.port, isKept: false }]);
      return judged(spec, whyOf(outcomes, node, timeoutMs));
    }
    case 'http':
      return await limiter.run(async () => {
        const begunMs = performance.now();
        const [outcome] = await thread.try([{ kind: 'connect', ...to, port: what.port, isKept: true }]);
        const why = outcome === undefined ? 'not tried' : whyOf([outcome], node, timeoutMs);
        if (why !== null || outcome?.outcome !== 'answered' || outcome.fd === null) return judged(spec, why);
        const leftMs = Math.max(1, timeoutMs - (performance.now() - begunMs));
        return judged(spec, await askByHttp(outcome.fd, address, what, { leftMs, timeoutMs }));
      });
    case 'run':
      return await limiter.run(() => runProgram(node, what, timeoutMs, signal));
  }
}

function judged({ isReachable }: CheckSpec, why: string | null): string | null {
  if (isReachable) return why;
  return why === null ? 'it is reached' : null;
}

async function pinged(
  { count, dataBytes, dontFragment }: PingTry,
  to: Pick<Parameters<CheckThread['try']>[0][number], 'ns' | 'to' | 'timeoutMs'>,
  thread: CheckThread,
): Promise<readonly CheckOutcome[]> {
  const one = { kind: 'echo' as const, ...to, source: null, dataBytes, dontFragment };
  return await thread.try(Array.from({ length: count }, () => one));
}

/** Of several tries, the first that failed says why. */
function whyOf(outcomes: readonly CheckOutcome[], { ns }: Placed, timeoutMs: number): string | null {
  const whys = outcomes.map((outcome) =>
    whyNot(outcome, timeoutMs, ({ failure }) => describe(failure, null, ns).message),
  );
  const [first, ...others] = whys.filter((why) => why !== null);
  if (first === undefined) return null;
  return outcomes.length === 1 ? first : `${1 + others.length} of ${outcomes.length} failed: ${first}`;
}
