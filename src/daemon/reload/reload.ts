/** Reads the configuration again while the lab runs. A configuration with faults changes nothing; its faults are reported. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { diagnosticOf, LinkloomError } from '../../errors.ts';
import type { Emit } from '../../events.ts';
import { wholeNetwork } from '../../lab/network.ts';
import type { Request } from '../../lab/request.ts';
import type { Session } from '../../lab/session.ts';
import { Turns } from '../asked/turns.ts';
import { changesBetween } from './difference.ts';
import { FollowedFiles } from './files.ts';

/** How long a file may be missing or empty before that counts as its new state. Editors replace a file in several steps. */
const HALFWAY_MS = 1000;
const LOOK_MS = 50;

export interface ReloadOptions {
  readonly request: Request;
  /** The session of the configuration that is in use. */
  readonly session: Session;
  /** The earliest time at which its files were read, in milliseconds since the epoch. */
  readonly readAtMs: number;
  readonly emit: Emit;
  /** Takes the events of loading. */
  readonly emitLoading: Emit;
  readonly signal: AbortSignal;
  /** Called when the files are about to be read because they have changed, or because of SIGHUP. */
  readonly onReading?: () => void;
  /** Called after that. `isNew`: `adopt` was called. */
  readonly onRead?: (isNew: boolean) => void;
  /** Called with the session of a configuration that differs from the one in use. */
  readonly adopt: (session: Session) => void;
}

export class Reload implements Disposable {
  readonly #options: ReloadOptions;
  readonly #files: FollowedFiles | null;
  #session: Session;
  readonly #reads = new Turns();
  #isReading = false;
  #isAsked = false;
  #byHand = false;

  constructor(options: ReloadOptions) {
    this.#options = options;
    this.#session = options.session;
    this.#files = this.#follow(options.session.sources);
  }

  /** Reads the files again even if no change was noticed, as SIGHUP asks. */
  ask(): void {
    this.#byHand = true;
    void this.#read();
  }

  /**
   * Reads the files now, for somebody who waits for it and has the daemon use the session. `isSame`: it says what the one in use does.
   * Throws what is also told: E_CONFIG.
   */
  async now(): Promise<{ readonly session: Session; readonly isSame: boolean }> {
    let isSame = true;
    const adopt = (): void => {
      isSame = false;
    };
    const failure = await this.#reads.take(() => this.#readOnce(adopt));
    if (failure !== null) throw failure;
    return { session: this.#session, isSame };
  }

  [Symbol.dispose](): void {
    this.#files?.[Symbol.dispose]();
  }

  /** Follows the files; null if the configuration has none. */
  #follow(sources: readonly string[]): FollowedFiles | null {
    if (sources.length === 0) return null;
    const { emit } = this.#options;
    return new FollowedFiles({
      paths: sources,
      readAtMs: this.#options.readAtMs,
      onChange: () => void this.#read(),
      onDeaf: (why) => {
        const message = `changes of the configuration are found every few seconds, or by SIGHUP: ${why}`;
        emit({ type: 'diagnostic', diagnostic: diagnosticOf('files-not-watched', message) });
      },
    });
  }

  /** Reads the files. Reads never overlap; if another is asked for meanwhile, it follows. */
  async #read(): Promise<void> {
    this.#isAsked = true;
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      while (this.#isAsked && !this.#options.signal.aborted) {
        this.#isAsked = false;
        await this.#readForItself();
      }
    } finally {
      this.#isReading = false;
    }
  }

  async #readForItself(): Promise<void> {
    const { adopt, onReading, onRead } = this.#options;
    let isAdopted = false;
    onReading?.();
    await this.#reads.take(() =>
      this.#readOnce((session) => {
        isAdopted = true;
        adopt(session);
      }),
    );
    onRead?.(isAdopted);
  }

  /** Returns why the files can't be used; null: they can. */
  async #readOnce(adopt: ReloadOptions['adopt']): Promise<LinkloomError | null> {
    const { request, emit, emitLoading, signal } = this.#options;
    const byHand = this.#byHand;
    this.#byHand = false;
    const sources: string[] = [];
    try {
      await this.#untilWhole();
      this.#refuseUnreadable();
      const next = await this.#session.renewed(request, emitLoading, (paths) => sources.push(...paths));
      wholeNetwork(next, []).checked(() => {});
      if (signal.aborted) return interrupted();
      const changes = changesBetween(this.#session.topology, next.topology);
      emit({ type: 'reloaded', files: next.fileNames, changes, isAsked: byHand });
      this.#session = next;
      if (changes.length > 0 || byHand) adopt(next);
      this.#followAlso(sources);
      return null;
    } catch (error) {
      const known = error instanceof LinkloomError ? error : new LinkloomError('E_INTERNAL', String(error));
      if (!signal.aborted) this.#tell(known);
      this.#followAlso(sources);
      return known;
    }
  }

  /** Follows the files that the edited configuration has. */
  #followAlso(sources: readonly string[]): void {
    if (sources.length > 0) this.#files?.follow([...new Set([...this.#session.sources, ...sources])]);
  }

  /** Waits while a file is missing or empty, as it is for a moment while it is replaced. */
  async #untilWhole(): Promise<void> {
    for (let waitedMs = 0; waitedMs < HALFWAY_MS && this.#isHalfway(); waitedMs += LOOK_MS) {
      await delay(LOOK_MS, undefined, { signal: this.#options.signal }).catch(() => {});
    }
  }

  #named(): readonly string[] {
    const { cwd } = this.#options.request.load;
    return this.#session.fileNames.filter((file) => file !== '<stdin>').map((file) => resolve(cwd, file));
  }

  #isHalfway(): boolean {
    return this.#named().some((path) => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0);
  }

  /**
   * Throws E_CONFIG if a file can't be read again or is empty. An empty file may come from an interrupted editor, and must not
   * remove the lab.
   */
  #refuseUnreadable(): void {
    const named = new Set(this.#named());
    for (const path of this.#session.sources) {
      const stat = statSync(path, { throwIfNoEntry: false });
      if (stat?.isFIFO() || stat?.isSocket() || stat?.isCharacterDevice()) {
        throw new LinkloomError('E_CONFIG', `${path} is a pipe or a device, which can't be read again`);
      }
      if (stat?.size === 0 && named.has(path)) {
        throw new LinkloomError('E_CONFIG', `${path} is empty`, { hint: '`links: []` says that there are none' });
      }
    }
  }

  #tell(known: LinkloomError): void {
    const { emit } = this.#options;
    for (const diagnostic of known.diagnostics) emit({ type: 'diagnostic', diagnostic });
    const message = `not reloaded, the lab stays as it was: ${known.message}`;
    emit({ type: 'diagnostic', diagnostic: diagnosticOf('not-reloaded', message, { hint: known.hint }) });
  }
}

function interrupted(): LinkloomError {
  return new LinkloomError('E_INTERRUPTED', 'the daemon ends, and reads no files any more');
}
