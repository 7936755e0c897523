/**
 * `capture/` captures packets of links: which devices, with which filter, until when; and what is said meanwhile. A thread of its own reads
 * the packets; where they go is the caller's business.
 *
 * This file: a capture from its beginning to its end. It takes no lock and changes nothing.
 */
import type { Direction } from '../../capture/filter.ts';
import { type CapturedInterface, ETHERNET, linkTypeOf } from '../../capture/pcapng.ts';
import { RING_LINKS_MAX, ringSize } from '../../capture/sizes.ts';
import { counted } from '../../counted.ts';
import { describe } from '../../engine/failure.ts';
import { kernelIsAtLeast } from '../../engine/machine/kernel.ts';
import { PacketCapture } from '../../engine/threads/capture.ts';
import { LinkloomError } from '../../errors.ts';
import { type NsId, OWN_NS } from '../../net/ns-id.ts';
import { type CaptureReport, type OpenedTaps, TAP_STATE, type TapGroup, type TapSettings } from '../../wire/capture.ts';
import { chooseLinks } from '../links/choose.ts';
import { LabLinks } from '../links/of-lab.ts';
import type { Io, Request } from '../request.ts';
import { Counts, type LinkCounts } from './counts.ts';
import { CaptureFrame, type CaptureOutput } from './frame.ts';
import { programOf } from './program.ts';
import { type FirstTaps, Recording } from './recording.ts';
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
  /** Packets that passed the filter, those of them that found no room, and those that were written. null: it is not known how many. */
  readonly received: number | null;
  readonly dropped: number | null;
  readonly delivered: number;
}

export interface Captured {
  readonly lab: string;
  /** Packets of all links that found no room. */
  readonly dropped: number;
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
  const targets = await lookFor(links, wanted, io);
  const settings = await settingsOf(links, targets, wanted);
  const start = { ...settings, groups: groupsOf(targets), interfaces: targets.length };
  await using thread = new PacketCapture({ ...start, packets: wanted.packets, readerFd: wanted.readerFd });
  const reports = thread.reports();
  const first = await firstOf(reports);
  const { opened } = first;
  refuseIfNone(first, targets);
  refuseOthers(opened, targets);
  const counts = new Counts(targets.length);
  const frame = new CaptureFrame(links.lab, counts, targets.length, interfacesOf(targets, opened, wanted));
  await using recording = new Recording({ links, targets, wanted, thread, frame, counts, output, emit: io.emit });
  const end = (): void => thread.end();
  io.signal?.addEventListener('abort', end);
  const timer = wanted.durationMs === null ? null : setTimeout(end, wanted.durationMs);
  try {
    if (io.signal?.aborted) end();
    await recording.run(first, reports);
  } finally {
    if (timer !== null) clearTimeout(timer);
    io.signal?.removeEventListener('abort', end);
  }
  io.emit({ type: 'notice', message: summaryOf(targets, counts) });
  const rows = targets.map(({ link }, id) => rowOf(link, counts.of(id)));
  return { lab: links.lab, dropped: counts.dropped(), links: rows };
}

function rowOf(link: string, { received, dropped, delivered }: LinkCounts): CapturedLink {
  return { link, received, dropped, delivered };
}

/** What was seen of the lab is needed for this alone, and goes with it. */
async function lookFor(links: LabLinks, { words, side }: CaptureRequest, { emit }: Io): Promise<readonly Target[]> {
  return targetsOf(chooseLinks(words, await links.look(emit), await links.services()), side);
}

/** As many links as a summary names. */
const NAMED_MAX = 8;

function summaryOf(targets: readonly Target[], counts: Counts): string {
  const named: string[] = [];
  for (let id = 0; id < targets.length && named.length <= NAMED_MAX; id++) {
    const { delivered, dropped } = counts.of(id);
    if (delivered + (dropped ?? 0) === 0) continue;
    const lost = dropped === null ? ' (and some dropped)' : ` (${dropped} dropped)`;
    named.push(`${targets[id]?.link} ${delivered}${dropped === 0 ? '' : lost}`);
  }
  const list = targets.length > 1 && named.length > 0 && named.length <= NAMED_MAX ? `: ${named.join(', ')}` : '';
  const dropped = counts.dropped() === 0 ? 'none dropped' : `${counts.dropped()} dropped, for lack of room`;
  return `Captured ${counted(counts.delivered(), 'packet')} of ${counted(targets.length, 'link')}${list}; ${dropped}`;
}

/** In Linux 6.15 and later a socket that is bound to no device costs the packets of its own namespace alone. Before, those of all namespaces. */
const SHARED_SINCE = [6, 15] as const;

async function settingsOf(
  { workers }: LabLinks,
  targets: readonly Target[],
  { filter, direction, snaplenBytes }: CaptureRequest,
): Promise<TapSettings> {
  const first = targets.find(({ place }) => place !== null)?.place ?? { ns: OWN_NS, dev: 'lo' };
  const program = await programOf(workers, first, { expression: filter, direction, snaplenBytes });
  const ring = targets.length > RING_LINKS_MAX ? null : ringSize(targets.length, snaplenBytes);
  return { program, snaplenBytes, ring, isShared: kernelIsAtLeast(...SHARED_SINCE) };
}

/** The devices that are there, by their namespaces. */
function groupsOf(targets: readonly Target[]): readonly TapGroup[] {
  const groups = new Map<NsId, { ns: NsId; ids: number[]; devs: string[] }>();
  targets.forEach(({ place }, id) => {
    if (place === null) return;
    const group = groups.get(place.ns) ?? { ns: place.ns, ids: [], devs: [] };
    groups.set(place.ns, group);
    group.ids.push(id);
    group.devs.push(place.dev);
  });
  return [...groups.values()];
}

async function firstOf(reports: AsyncGenerator<CaptureReport>): Promise<FirstTaps> {
  const { value } = await reports.next();
  if (value?.report === 'ready') return value;
  if (value?.report !== 'failed') throw new LinkloomError('E_INTERNAL', 'the capturing thread ended at once');
  const { code, message, hint } = describe(value.failure, null, OWN_NS);
  throw new LinkloomError(code, message, { ...(hint !== undefined && { hint }) });
}

/** What can't be opened now but may be later is said, and tried again; a capture of nothing is not begun. */
function refuseIfNone({ opened, refused: [refused] }: FirstTaps, targets: readonly Target[]): void {
  if (refused === undefined || opened.state.some((bits) => bits !== 0)) return;
  const target = targets[refused.id];
  const { code, message, hint } = describe(refused.failure, null, target?.place?.ns ?? OWN_NS);
  throw new LinkloomError(code, message, { where: target?.link ?? '', ...(hint !== undefined && { hint }) });
}

/** The file says one type of link for each interface. */
function refuseOthers({ state, hardwareType }: OpenedTaps, targets: readonly Target[]): void {
  const id = state.findIndex((bits, index) => bits !== 0 && linkTypeOf(hardwareType[index] ?? 0) === null);
  if (id < 0) return;
  const message = `its packets are not Ethernet frames (hardware type ${hardwareType[id]})`;
  throw new LinkloomError('E_FEATURE', message, { where: targets[id]?.link ?? '' });
}

function interfacesOf(
  targets: readonly Target[],
  { state, mac }: OpenedTaps,
  { side, filter, snaplenBytes }: CaptureRequest,
): (id: number) => CapturedInterface {
  return (id) => {
    const { link, place } = targets[id] ?? { link: '', place: null };
    const where = place === null ? '' : `: ${place.dev} in ${place.ns}`;
    return {
      name: link,
      description: `${side === 'node' ? 'node end' : 'port'}${where}`,
      linkType: ETHERNET,
      mac: (state[id] ?? 0) & TAP_STATE.isOpen ? mac.subarray(id * 6, id * 6 + 6) : null,
      ...{ snaplenBytes, filter },
    };
  };
}
