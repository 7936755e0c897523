/**
 * Waits until new links can carry frames. A link is not up when the kernel acknowledges it. It is up once the kernel's link watcher
 * has seen the carrier of both ends and has given them their queues (linkwatch in net/core/link_watch.c). Until then the link drops
 * frames, and a bridge forwards nothing to the port (br_port_carrier_check).
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { NsId } from '../net/ns-id.ts';
import { peerOf } from '../wire/make.ts';
import type { Op } from '../wire/op.ts';
import { kernelIsAtLeast } from './machine/kernel.ts';
import type { Workers } from './workers.ts';

/**
 * The link watcher needs the kernel's RTNL lock, which everything that makes or deletes devices holds. So it can wait long while
 * namespaces are dismantled.
 */
const TIMEOUT_MS = 60_000;
/**
 * The first kernel (major, minor) in which a request for a carrier makes the watcher look at that device at once
 * (`linkwatch_sync_dev`).
 */
const WATCHER_ASKED_SINCE = [6, 8] as const;
const POLL_MIN_MS = 2;
const POLL_MAX_MS = 100;

interface Device {
  readonly ns: NsId;
  readonly dev: string;
}

/** An end of a veth whose carrier is awaited. */
interface End extends Device {
  readonly link: string;
}

/**
 * Waits until both ends of all veths that a plan made are up. Returns the links (`NODE:DEV`) that are still down after 60 s, or
 * when the signal aborts. An end in a namespace that has gone away counts as done.
 */
export async function awaitCarriers(
  workers: Workers,
  ops: readonly Op[],
  failed: ReadonlySet<string>,
  signal: AbortSignal | null,
): Promise<readonly string[]> {
  const deadlineMs = performance.now() + TIMEOUT_MS;
  let waiting = endsOf(ops).filter(({ link }) => !failed.has(link));
  let alsoAsked: readonly Device[] = bridgesOf(ops);
  for (let pauseMs = POLL_MIN_MS; waiting.length > 0; pauseMs = Math.min(pauseMs * 2, POLL_MAX_MS)) {
    waiting = await stillDown(workers, waiting, alsoAsked);
    alsoAsked = [];
    if (waiting.length === 0 || performance.now() > deadlineMs || signal?.aborted) break;
    await delay(pauseMs);
  }
  return [...new Set(waiting.map(({ link }) => link))];
}

/** The ends of those new veths that the plan raises on both sides. */
function endsOf(ops: readonly Op[]): End[] {
  const raised = new Set(ops.flatMap((op) => (op.op === 'link.set' && op.settings.up === true ? [op.link] : [])));
  const ends: End[] = [];
  for (const op of ops) {
    const peer = op.op === 'link.add' ? peerOf(op) : null;
    if (op.op !== 'link.add' || peer === null || op.link === null || op.settings.up !== true) continue;
    if (peer.link !== null && !raised.has(peer.link)) continue;
    ends.push({ link: op.link, ns: op.ns, dev: op.dev }, { link: op.link, ns: peer.ns, dev: peer.dev });
  }
  return ends;
}

/**
 * A bridge takes its carrier from its ports, and may have no port. So bridges are asked once, to make the watcher look at them, and
 * their answers are ignored.
 */
function bridgesOf(ops: readonly Op[]): Device[] {
  return ops.flatMap((op) => (op.op === 'bridge.add' || op.op === 'bridge.raise' ? [{ ns: op.ns, dev: op.dev }] : []));
}

async function stillDown(workers: Workers, ends: readonly End[], alsoAsked: readonly Device[]): Promise<End[]> {
  const devsOf = new Map<NsId, string[]>();
  for (const { ns, dev } of [...ends, ...alsoAsked]) {
    const devs = devsOf.get(ns) ?? [];
    devsOf.set(ns, devs);
    devs.push(dev);
  }
  const asked = [...devsOf].map(([ns, devs]) => ({ ns, devs }));
  const asksWatcher = kernelIsAtLeast(...WATCHER_ASKED_SINCE);
  const { down } = await workers.ask({ task: 'carriers', ends: asked, asksWatcher });
  const names = new Set(down.map(({ ns, dev }) => `${ns} ${dev}`));
  return ends.filter(({ ns, dev }) => names.has(`${ns} ${dev}`));
}
