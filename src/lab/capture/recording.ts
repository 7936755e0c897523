import { counted } from '../../counted.ts';
import { describe } from '../../engine/failure.ts';
import type { PacketCapture } from '../../engine/threads/capture.ts';
import { LinkloomError } from '../../errors.ts';
import type { Emit } from '../../events.ts';
import { OWN_NS } from '../../net/ns-id.ts';
import type { LinkStatus } from '../../plan/status/status.ts';
import { type CaptureReport, type OpenedTap, type OpenedTaps, type RefusedTap, TAP_STATE } from '../../wire/capture.ts';
import type { LabLinks } from '../links/of-lab.ts';
import { Absent } from './absent.ts';
import type { Counts } from './counts.ts';
import type { CaptureFrame, CaptureOutput } from './frame.ts';
import { type CaptureSide, placeOf, type Target } from './targets.ts';

/** Between two messages on what is dropped. */
const TELL_MS = 5_000;

export interface RecordingParts {
  readonly links: LabLinks;
  readonly targets: readonly Target[];
  readonly wanted: { readonly side: CaptureSide };
  readonly thread: PacketCapture;
  readonly frame: CaptureFrame;
  readonly counts: Counts;
  readonly output: CaptureOutput;
  readonly emit: Emit;
}

/** What the first taps have become. */
export interface FirstTaps {
  readonly opened: OpenedTaps;
  readonly refused: readonly RefusedTap[];
}

/** A capture while it runs: writes what the thread reports, says what happens, and takes up devices that are made anew. */
export class Recording implements AsyncDisposable {
  readonly #parts: RecordingParts;
  readonly #absent: Absent;
  readonly #refusals = new Map<string, string>();
  /** The ids of links by their names; empty before one is looked for. */
  readonly #ids = new Map<string, number>();
  #isReaderGone = false;
  #toldDropped = 0;
  #tellMs = 0;

  constructor(parts: RecordingParts) {
    this.#parts = parts;
    this.#absent = new Absent(parts.links, {
      isBack: (link) => this.#takeUp(link),
      onRemoved: () => {
        this.#say(`nothing of lab ${parts.links.lab} is left: the capture ends`);
        parts.thread.end();
      },
    });
  }

  /** Throws LinkloomError where the thread or the output fails. What was written until then is complete. */
  async run({ opened, refused }: FirstTaps, reports: AsyncIterable<CaptureReport>): Promise<void> {
    const { output, frame, targets } = this.#parts;
    if (!(await output.begin(frame))) this.#readerGone();
    try {
      this.#say(`Capturing on ${counted(opened.state.filter((bits) => bits !== 0).length, 'link')}`);
      for (const tap of refused) this.#opened(tap, false);
      targets.forEach(({ link, place }, id) => {
        const state = opened.state[id] ?? 0;
        if (state === TAP_STATE.isOpen) this.#sayDown(link);
        if (place === null) this.#await(link, 'is not there yet: it is captured once it is');
      });
      for await (const report of reports) await this.#hear(report);
    } finally {
      await output.end();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#absent[Symbol.asyncDispose]();
  }

  async #hear(report: CaptureReport): Promise<void> {
    const { counts } = this.#parts;
    switch (report.report) {
      case 'packets':
        return await this.#write(report.blocks);
      case 'counts':
      case 'ended':
        counts.take(report.counts);
        return this.#tellDropped(counts.dropped());
      case 'gone':
        return this.#await(this.#linkOf(report.id), 'is gone: it is captured again once it is there');
      case 'opened':
        return this.#opened(report.tap, true);
      case 'readerGone':
        return this.#readerGone();
      case 'failed': {
        const { code, message, hint } = describe(report.failure, null, OWN_NS);
        throw new LinkloomError(code, `the capture can not go on: ${message}`, { ...(hint !== undefined && { hint }) });
      }
      case 'ready':
        return;
      default:
        return report satisfies never;
    }
  }

  async #write(blocks: Uint8Array): Promise<void> {
    const { thread, output } = this.#parts;
    if (!this.#isReaderGone && !(await output.write(blocks))) this.#readerGone();
    thread.written(blocks.length);
  }

  /** Who reads has seen enough. */
  #readerGone(): void {
    this.#isReaderGone = true;
    this.#parts.thread.end();
  }

  #opened(tap: OpenedTap | RefusedTap, isAgain: boolean): void {
    const link = this.#linkOf(tap.id);
    if (!tap.ok) {
      const { message } = describe(tap.failure, null, this.#parts.targets[tap.id]?.place?.ns ?? OWN_NS);
      return this.#refused(link, message);
    }
    if (isAgain) this.#say(`${link} is there again`);
    if (!tap.isUp) this.#sayDown(link);
  }

  #sayDown(link: string): void {
    this.#say(`${link} is down: nothing passes it until it is up`);
  }

  /** Told once, however often it is tried. */
  #refused(link: string, message: string): void {
    if (this.#refusals.get(link) === message) return this.#absent.add(link);
    this.#refusals.set(link, message);
    this.#await(link, `can not be captured on now, and is tried again: ${message}`);
  }

  #await(link: string, why: string): void {
    this.#say(`${link} ${why}`);
    this.#absent.add(link);
  }

  #takeUp(link: LinkStatus): boolean {
    const { targets, wanted, thread } = this.#parts;
    const place = placeOf(link, wanted.side);
    if (this.#ids.size === 0) for (const [id, target] of targets.entries()) this.#ids.set(target.link, id);
    const id = this.#ids.get(link.link);
    if (place === null || id === undefined) return false;
    thread.open({ id, ...place });
    return true;
  }

  #tellDropped(dropped: number): void {
    const nowMs = performance.now();
    if (dropped === this.#toldDropped || nowMs < this.#tellMs) return;
    const more = dropped - this.#toldDropped;
    this.#tellMs = nowMs + TELL_MS;
    this.#toldDropped = dropped;
    this.#say(`dropped ${counted(more, 'packet')}: they came faster than they could be written`);
  }

  #linkOf(id: number): string {
    return this.#parts.targets[id]?.link ?? '';
  }

  #say(message: string): void {
    this.#parts.emit({ type: 'notice', message });
  }
}
