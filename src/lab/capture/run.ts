/**
 * `capture/` captures packets of links: which devices, with which filter, until when; and what is said meanwhile. A thread of its own reads
 * the packets; where they go is the caller's business.
 *
 * This file: a capture from its beginning to its end. It takes no lock and changes nothing.
 */
import type { Direction } from '../../capture/filter.ts';
import { type CapturedInterface, ETHERNET, linkTypeOf } from '../../capture/pcapng.ts';
import { ringSize } from '../../capture/sizes.ts';
import { counted } from '../../counted.ts';
import { describe } from '../../engine/failure.ts';
import { PacketCapture } from '../../engine/threads/capture.ts';
import { LinkloomError } from '../../errors.ts';
import { OWN_NS } from '../../net/ns-id.ts';
import type { CaptureReport, OpenedTap, RefusedTap, Tap } from '../../wire/capture.ts';
import { chooseLinks } from '../links/choose.ts';
import { LabLinks } from '../links/of-lab.ts';
import type { Io, Request } from '../request.ts';
import { CaptureFrame, type CaptureOutput } from './frame.ts';
import { programOf } from './program.ts';
import { Recording } from './recording.ts';
import { type CaptureSide, type Target, targetsOf } from './targets.ts';

export interface CaptureRequest {
  /** As `chooseLinks` takes them. */
  readonly words: readonly string[];
  readonly side: CaptureSide;
  readonly direction: Direction;
  readonly filter: string | null;
  readonly snaplenBytes: number;
  /** null: there is no limit. */
  readonly packets: number | null;
  readonly durationMs: number | null;
  /** As of CaptureStart. */
  readonly readerFd: number | null;
}

export interface CapturedLink {
  readonly link: string;
  /** Packets that passed the filter, those of them that the kernel dropped for lack of room, and those that were written. */
  readonly received: number;
  readonly dropped: number;
  readonly delivered: number;
}

export interface Captured {
  readonly lab: string;
  readonly links: readonly CapturedLink[];
}

/**
 * Captures until a limit is reached, the signal aborts, the reader goes, or nothing of the lab is left. Throws what `LabLinks.open`,
 * `chooseLinks`, `targetsOf` and `programOf` throw; E_PRIVILEGE or E_KERNEL where no link can be captured on; and what the output throws.
 */
export async function capture(
  request: Request,
  wanted: CaptureRequest,
  output: CaptureOutput,
  io: Io,
): Promise<Captured> {
  await using links = await LabLinks.open(request, io.emit);
  const chosen = chooseLinks(wanted.words, await links.look(io.emit), await links.services());
  const targets = targetsOf(chosen, wanted.side);
  const taps = await tapsOf(links, targets, wanted);
  const start = { taps: taps.filter((tap) => tap !== null), packets: wanted.packets, readerFd: wanted.readerFd };
  await using thread = new PacketCapture(start);
  const reports = thread.reports();
  const opened = await firstOf(reports);
  refuseIfNone(opened, targets);
  refuseOthers(opened, targets);
  const frame = new CaptureFrame(links.lab, interfacesOf(targets, opened, wanted));
  await using recording = new Recording({ links, targets, wanted, thread, frame, output, emit: io.emit, taps });
  const end = (): void => thread.end();
  io.signal?.addEventListener('abort', end);
  const timer = wanted.durationMs === null ? null : setTimeout(end, wanted.durationMs);
  try {
    if (io.signal?.aborted) end();
    await recording.run(opened, reports);
  } finally {
    if (timer !== null) clearTimeout(timer);
    io.signal?.removeEventListener('abort', end);
  }
  const captured = targets.map(({ link }, id) => ({ link, ...frame.countsOf(id) }));
  io.emit({ type: 'notice', message: summaryOf(captured) });
  return { lab: links.lab, links: captured };
}

/** As many links as a summary names. */
const NAMED_MAX = 8;

function summaryOf(links: readonly CapturedLink[]): string {
  const sum = (what: 'delivered' | 'dropped'): number => links.reduce((total, link) => total + link[what], 0);
  const some = links.filter(({ delivered, dropped }) => delivered + dropped > 0);
  const named = some.map(
    ({ link, delivered, dropped }) => `${link} ${delivered}${dropped > 0 ? ` (${dropped} dropped)` : ''}`,
  );
  const list = links.length > 1 && some.length > 0 && some.length <= NAMED_MAX ? `: ${named.join(', ')}` : '';
  const dropped = sum('dropped') === 0 ? 'none dropped' : `${sum('dropped')} dropped by the kernel, for lack of room`;
  return `Captured ${counted(sum('delivered'), 'packet')} of ${counted(links.length, 'link')}${list}; ${dropped}`;
}

/** A tap for each target; null where the device is not there yet. */
async function tapsOf(
  { workers }: LabLinks,
  targets: readonly Target[],
  { filter, direction, snaplenBytes }: CaptureRequest,
): Promise<readonly (Tap | null)[]> {
  const first = targets.find(({ place }) => place !== null)?.place ?? { ns: OWN_NS, dev: 'lo' };
  const program = await programOf(workers, first, { expression: filter, direction, snaplenBytes });
  const size = ringSize(targets.length, snaplenBytes);
  return targets.map(({ place }, id) => (place === null ? null : { id, ...place, program, snaplenBytes, ...size }));
}

type Opened = OpenedTap | RefusedTap;

async function firstOf(reports: AsyncGenerator<CaptureReport>): Promise<readonly Opened[]> {
  const { value } = await reports.next();
  if (value?.report === 'ready') return value.taps;
  const failure = value?.report === 'failed' ? describe(value.failure, null, OWN_NS) : null;
  throw new LinkloomError(failure?.code ?? 'E_INTERNAL', failure?.message ?? 'the capturing thread ended at once');
}

/** What can't be opened now but may be later is said, and tried again; a capture of nothing is not begun. */
function refuseIfNone(opened: readonly Opened[], targets: readonly Target[]): void {
  const refused = opened.find((tap) => !tap.ok);
  if (refused === undefined || opened.some(({ ok }) => ok)) return;
  const target = targets[refused.id];
  const { code, message, hint } = describe(refused.failure, null, target?.place?.ns ?? OWN_NS);
  throw new LinkloomError(code, message, { where: target?.link ?? '', ...(hint !== undefined && { hint }) });
}

/** The file says one type of link for each interface. */
function refuseOthers(opened: readonly Opened[], targets: readonly Target[]): void {
  for (const tap of opened) {
    if (!tap.ok || linkTypeOf(tap.hardwareType) !== null) continue;
    const message = `its packets are not Ethernet frames (hardware type ${tap.hardwareType})`;
    throw new LinkloomError('E_FEATURE', message, { where: targets[tap.id]?.link ?? '' });
  }
}

function interfacesOf(
  targets: readonly Target[],
  opened: readonly Opened[],
  { side, filter, snaplenBytes }: CaptureRequest,
): readonly CapturedInterface[] {
  const byId = new Map(opened.map((tap) => [tap.id, tap]));
  return targets.map(({ link, place }, id) => {
    const tap = byId.get(id);
    const known = tap?.ok ? tap : null;
    const where = place === null ? '' : `: ${place.dev} in ${place.ns}`;
    return {
      name: link,
      description: `${side === 'node' ? 'node end' : 'port'}${where}`,
      linkType: ETHERNET,
      mac: known?.mac ?? null,
      ...{ snaplenBytes, filter },
    };
  });
}
