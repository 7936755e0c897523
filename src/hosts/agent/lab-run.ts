/**
 * One lab on this host: it follows the lab's record, and tells how far it is. A record that is missing, older, too new or faulty changes
 * nothing: only a record that says so takes anything away.
 */
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type Identity, isNews } from '../../cluster/identity.ts';
import type { HostName } from '../../cluster/names.ts';
import type { Recorded } from '../../cluster/records.ts';
import type { Store } from '../../cluster/store.ts';
import { isOlder } from '../../cluster/version.ts';
import type { Serve } from '../../daemon/asked/answering.ts';
import type { LabControl } from '../../daemon/asked/control.ts';
import type { HostsFigures } from '../../daemon/asked/hosts-figures.ts';
import { followLab } from '../../daemon/follow-lab.ts';
import { LinkloomError } from '../../errors.ts';
import type { Emit, LinkListener, Summary } from '../../events.ts';
import { CommandHold } from '../../lab/commands/hold.ts';
import { EventLog } from '../../lab/live/log.ts';
import type { Request } from '../../lab/request.ts';
import { Tally } from '../../lab/tally.ts';
import { down } from '../../lab/verbs/down.ts';
import type { Part } from '../../spread/part.ts';
import type { Spread } from '../../spread/spread.ts';
import { dropNodeFiles, putNodeFiles } from './node-files.ts';
import { Progress } from './progress.ts';
import { RecordFollower, whyOf } from './record-follower.ts';
import { type AgentRequest, requestFor } from './requests.ts';
import { type Answer, serveToHosts } from './serving.ts';
import { StateWriter } from './state-writer.ts';

/** What could not be done is tried again after this. */
const AGAIN_MS = 5000;

export interface LabRunOptions {
  readonly store: Store;
  readonly host: HostName;
  readonly lab: string;
  /** Of this linkloom. */
  readonly version: string;
  readonly request: AgentRequest;
  readonly emit: Emit;
  readonly links?: LinkListener | undefined;
  /** Where containers run now, by what all hosts say. */
  readonly claims: () => Spread['claims'];
  /** Those of the hosts for which nobody speaks. */
  readonly lostOf: (hosts: readonly HostName[]) => ReadonlySet<HostName>;
  /** Whether another host has made its ends of this state of the lab. */
  readonly hasReached: (host: HostName, lab: string, wanted: Identity) => boolean;
  readonly answers: Readonly<Record<string, Answer>>;
  readonly serve: Serve | undefined;
}

export class LabRun {
  readonly #options: LabRunOptions;
  readonly #writer: StateWriter;
  readonly #ending = new AbortController();
  readonly #log = new EventLog();
  readonly #hold = new CommandHold();
  readonly #progress = new Progress();
  #latest: Recorded | null = null;
  #part: Part | null = null;
  #follower: RecordFollower | null = null;
  #control: LabControl | null = null;
  /** Resolves when the lab is not followed any more. */
  #followed: Promise<void> = Promise.resolve();
  #wake: () => void = () => {};
  /** The state of the lab for which held-back links rise. */
  #rising: Identity | null = null;
  readonly #working: Promise<void>;

  constructor(options: LabRunOptions) {
    this.#options = options;
    this.#writer = new StateWriter(options.store, options.host, options.lab, this.#ending.signal);
    this.#working = this.#work();
  }

  /** The newest record that was taken; null: none was. */
  get latest(): Recorded | null {
    return this.#latest;
  }

  /** Takes a record, if it is news. */
  take(recorded: Recorded): void {
    if (!isNews(this.#latest?.identity ?? null, recorded.identity)) return;
    this.#latest = recorded;
    this.#wake();
  }

  /** Has the newest record carried out once more: containers run elsewhere now, or what followed it has ended. */
  retake(): void {
    if (this.#latest === null || this.#latest.record.deleted) return;
    this.#latest = { ...this.#latest };
    this.#wake();
  }

  /** A host is lost, or back: wires that lead there may fall or rise. */
  hostsChanged(): void {
    if (this.#part?.topology.links.some(({ fallsWithHost }) => fallsWithHost)) this.retake();
  }

  /** Other hosts may be further now. */
  look(): void {
    const { waiting } = this.#progress;
    const { hasReached, lab } = this.#options;
    if (waiting === null || this.#part?.peers.some((host) => !hasReached(host, lab, waiting))) return;
    this.#hold.release();
    void this.#rise(waiting);
  }

  /** The links that were held back rise, then the lab is whole here. */
  async #rise(made: Identity): Promise<void> {
    const isLate = this.#part?.topology.links.some((link) => link.isLate) ?? false;
    if (isLate && this.#rising === made) return;
    this.#rising = made;
    const pass = { rerunCommands: false, prune: false, reset: false };
    // A pass that fails is made again by the loop.
    if (isLate) await this.#control?.lookOver(pass).catch(() => {});
    if (this.#progress.waiting !== made) return;
    this.#progress.whole();
    this.#tell();
  }

  /** Ends the work; links stay. */
  async leave(): Promise<void> {
    this.#ending.abort();
    this.#wake();
    await Promise.all([this.#working, this.#followed, this.#writer.flush()]);
  }

  async #work(): Promise<void> {
    const { signal } = this.#ending;
    let done: Recorded | null = null;
    while (!signal.aborted) {
      if (this.#latest === null || this.#latest === done) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      const recorded: Recorded = this.#latest;
      try {
        await this.#carryOut(recorded);
        done = recorded;
      } catch (error) {
        this.#keep(recorded, whyOf(knownOf(error)));
        await delay(AGAIN_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  async #carryOut(recorded: Recorded): Promise<void> {
    const { version, host } = this.#options;
    const { record } = recorded;
    if (isOlder(version, record.needs)) {
      this.#keep(recorded, `the record needs linkloom ${record.needs}, and this is ${version}`);
      return;
    }
    if (record.deleted || !Object.hasOwn(record.hosts, host)) return await this.#remove(recorded);
    putNodeFiles(recorded.lab, record, host);
    if (this.#follower === null) await this.#begin(recorded);
    else await this.#follower.use(recorded);
  }

  /** Resolves when the lab is followed. Throws what kept it from that. */
  async #begin(recorded: Recorded): Promise<void> {
    const { emit, links } = this.#options;
    const { signal } = this.#ending;
    const ended = this.#followed;
    await ended;
    let attended: () => void = () => {};
    const following = new Promise<void>((resolve) => {
      attended = resolve;
    });
    const running = followLab(
      this.#requestOf(recorded),
      { emit, signal, links },
      {
        ...{ atEnd: 'leave', reload: false, onHangup: () => {}, log: this.#log, hold: this.#hold },
        serve: (control) => this.#serve(control, recorded),
        tally: () => this.#progress.tally,
        follow: (given) => {
          this.#follower = new RecordFollower(given, {
            requestOf: (of) => this.#requestOf(of),
            emit,
            onAdopted: (of, tally) => this.#adopted(of, tally),
          });
          attended();
          return { [Symbol.dispose]: () => {} };
        },
      },
    ).finally(() => {
      this.#follower = null;
      this.#control = null;
    });
    this.#followed = running.catch(() => {});
    await Promise.race([following, running]);
    running.catch((error: unknown) => this.#begunAnew(error));
  }

  /** What followed the lab has ended by itself. */
  #begunAnew(error: unknown): void {
    if (this.#ending.signal.aborted) return;
    const { emit, lab } = this.#options;
    emit({ type: 'notice', message: `Lab ${lab} is begun anew: ${knownOf(error).message}` });
    setTimeout(() => this.retake(), AGAIN_MS).unref();
  }

  #requestOf(recorded: Recorded): Request {
    const { request, host, claims, lostOf } = this.#options;
    const now = { claims, lost: () => lostOf(Object.keys(recorded.record.hosts)) };
    return requestFor(request, recorded, host, now, (part) => this.#cut(part));
  }

  async #serve(control: LabControl, recorded: Recorded) {
    this.#control = control;
    this.#adopted(recorded, new Tally(control.session()));
    control.observe((reconciled) => {
      this.#progress.passed(reconciled);
      this.look();
      this.#tell();
    });
    return await serveToHosts(control, { ...this.#options, log: this.#log, figures: () => this.#figures() });
  }

  /** Removes this host's part, because the record says so. */
  async #remove(recorded: Recorded): Promise<void> {
    const { lab, emit, links, request } = this.#options;
    const { signal } = this.#ending;
    let removed: Summary | null = null;
    if (this.#control !== null) removed = await this.#control.end();
    else if (recorded.record.deleted || existsSync(`/run/netns/linkloom-${lab}`))
      removed = await down(lab, request, { emit, links, signal });
    await this.#followed;
    dropNodeFiles(lab);
    const [failure] = removed?.failures ?? [];
    if (failure !== undefined) throw new LinkloomError('E_LINKS_FAILED', failure.message);
    this.#part = null;
    this.#hold.release();
    this.#progress.removed(recorded.identity, removed?.links.removed ?? 0);
    this.#tell();
  }

  #cut(part: Part): void {
    this.#part = part;
    if (part.untied.length === 0) return;
    const { emit, lab } = this.#options;
    emit({
      type: 'notice',
      message: `Lab ${lab}: the wires of ${part.untied.slice(0, 3).join(', ')} have no number yet`,
    });
  }

  /** Passes work on this record from now on. */
  #adopted(recorded: Recorded, tally: Tally): void {
    if (this.#progress.adopted(recorded, tally)) this.#hold.hold();
  }

  /** The lab stays as it is, though there is a newer record. */
  #keep({ identity }: Recorded, why: string): void {
    if (this.#ending.signal.aborted) return;
    const { emit, lab } = this.#options;
    if (this.#progress.held !== why) {
      emit({ type: 'notice', message: `Lab ${lab} stays as it is, without revision ${identity.revision}: ${why}` });
    }
    this.#progress.held = why;
    this.#tell();
  }

  #figures(): HostsFigures {
    const { calls, retries } = this.#options.store.counts;
    const seen = this.#latest?.identity.revision ?? 0;
    const { crossing = new Set<string>(), peers = [] } = this.#part ?? {};
    return {
      host: this.#options.host,
      crossing,
      peers,
      seen,
      ...this.#progress.figures,
      storeCalls: calls,
      storeRetries: retries,
    };
  }

  #tell(): void {
    this.#writer.write(this.#progress.state());
  }
}

function knownOf(error: unknown): LinkloomError {
  return error instanceof LinkloomError ? error : new LinkloomError('E_INTERNAL', String(error));
}
