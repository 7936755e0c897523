/**
 * The agent of a host: it speaks for the host in the store, and has a LabRun for each lab. It never writes what is wanted. There is no
 * leader among agents: the store's order of records is all that they share.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Identity } from '../../cluster/identity.ts';
import { HostLease } from '../../cluster/lease.ts';
import type { HostName } from '../../cluster/names.ts';
import { isNote, labOfKey, type Recorded, unpackRecord, wholeRecord } from '../../cluster/records.ts';
import type { HostInfo } from '../../cluster/state.ts';
import { bytesOf, infoKey } from '../../cluster/states.ts';
import type { Change, Store } from '../../cluster/store.ts';
import { HOST_NAME } from '../../config/nodes/host-name.ts';
import type { Serve } from '../../daemon/asked/answering.ts';
import { LinkloomError } from '../../errors.ts';
import type { Io } from '../../lab/request.ts';
import { enginesWithin } from '../../runtime/connect.ts';
import type { ContainerEngine } from '../../runtime/engine.ts';
import { LabRun } from './lab-run.ts';
import { Living } from './living.ts';
import { Others } from './others.ts';
import { answerRecall } from './recall.ts';
import type { AgentRequest } from './requests.ts';
import { featuresHere, hostInfo, isRunning, ownLease, type SelfOptions } from './self.ts';
import type { Answer } from './serving.ts';

/** How often it is looked whether other containers run on the host. */
const LOOK_MS = 2000;
/** Pieces of a record that could not be read are tried again after this. */
const AGAIN_MS = 2000;

export interface AgentOptions extends SelfOptions {
  readonly store: Store;
  readonly host: HostName;
  readonly request: AgentRequest;
  readonly answers: Readonly<Record<string, Answer>>;
  /** Serves each lab on this host too; absent: it is served to other hosts only. */
  readonly serve: Serve | undefined;
}

/**
 * Runs until the signal aborts; links stay then. Throws E_LOCKED if another agent speaks for the host, E_USAGE, and E_STORE before
 * anything is begun. Needs what `followLab` needs.
 */
export async function runAgent(options: AgentOptions, io: Io & { readonly signal: AbortSignal }): Promise<void> {
  const { store, host } = options;
  if (!HOST_NAME.test(host)) throw badName(host);
  const lease = { store, host, own: ownLease(), isRunning };
  const engines = await enginesWithin(options.request.sockets);
  const features = await featuresHere();
  const info = await hostInfo(options, engines, features);
  await using held = await HostLease.take(lease, io.signal);
  await store.write('state', infoKey(host), bytesOf(info), 'any');
  io.emit({ type: 'notice', message: `Agent of the host ${host} at ${info.address}: following the store` });
  const broken = new AbortController();
  const signal = AbortSignal.any([io.signal, broken.signal]);
  const living = await Living.begin(store, () => labs.hostsChanged());
  const labs = new Labs({ ...options, living }, { ...io, signal });
  const work = [
    held.keep(signal),
    store.follow('state', '', (change) => labs.told(change), { signal }),
    store.follow('lease', '', (change) => living.take(change), { signal }),
    store.follow('desired', 'lab.', (change) => labs.changed(change), { signal, onLost: (why) => labs.lost(why) }),
    keepTelling(options, engines, features, signal),
    answerRecall(store, host, labs, signal),
  ];
  try {
    await Promise.all(work);
  } finally {
    broken.abort();
    await Promise.allSettled(work);
    living.end();
    await labs.leave();
  }
}

interface LabsOptions extends AgentOptions {
  readonly living: Living;
}

/** The labs of this host. */
class Labs {
  readonly #options: LabsOptions;
  readonly #io: Io & { readonly signal: AbortSignal };
  readonly #runs = new Map<string, LabRun>();
  readonly #others = new Others();
  /** Of each lab, the newest record that was seen. */
  readonly #newest = new Map<string, Identity>();
  /** Records of a lab are unpacked in the order in which they come. */
  readonly #taking = new Map<string, Promise<void>>();

  constructor(options: LabsOptions, io: Io & { readonly signal: AbortSignal }) {
    this.#options = options;
    this.#io = io;
  }

  /** A record has changed. Its absence is no news. */
  changed({ key, value, epoch, revision }: Change): void {
    const lab = labOfKey(key);
    if (lab === null || value === null) return;
    const identity = { epoch, revision };
    this.#newest.set(lab, identity);
    const before = this.#taking.get(lab) ?? Promise.resolve();
    this.#taking.set(
      lab,
      before.then(() => this.#take(lab, value, identity)),
    );
  }

  /** A record in pieces is tried again while they can't be read, until a newer one comes. */
  async #take(lab: string, value: Uint8Array, identity: Identity): Promise<void> {
    const { store } = this.#options;
    const { signal } = this.#io;
    for (let told = ''; !signal.aborted && this.#newest.get(lab) === identity; ) {
      let isInPieces = false;
      try {
        const found = await unpackRecord(lab, value);
        isInPieces = isNote(found);
        const record = await wholeRecord(store, lab, found);
        if (record !== null) return this.#runOf(lab).take({ lab, record, identity });
      } catch (error) {
        const message = `Lab ${lab} stays as it is: ${(error as Error).message}`;
        if (message !== told) this.#io.emit({ type: 'notice', message });
        told = message;
        if (!isInPieces) return;
      }
      await delay(AGAIN_MS, undefined, { signal }).catch(() => {});
    }
  }

  /** Another host has told something. */
  told(change: Change): void {
    const about = this.#others.take(change);
    if (about === 'claims') for (const run of this.#runs.values()) run.retake();
    else if (about !== null) this.#runs.get(about.lab)?.look();
  }

  /** A host is lost, or back. */
  hostsChanged(): void {
    for (const run of this.#runs.values()) run.hostsChanged();
  }

  /** The newest record of a lab that was ever taken; null: none was. */
  latest(lab: string): Recorded | null {
    return this.#runs.get(lab)?.latest ?? null;
  }

  /** The blocks of VNIs in these records. Some may not be carried out yet. */
  blocks(): readonly number[] {
    const records = [...this.#runs.values()].flatMap(({ latest }) => latest?.record ?? []);
    return records.flatMap(({ deleted, block }) => (deleted ? [] : block));
  }

  lost(why: string | null): void {
    const message =
      why === null ? 'The store answers again' : `The store does not answer, links stay as they are: ${why}`;
    this.#io.emit({ type: 'notice', message });
  }

  async leave(): Promise<void> {
    await Promise.all(this.#taking.values());
    await Promise.all([...this.#runs.values()].map((run) => run.leave()));
  }

  #runOf(lab: string): LabRun {
    const known = this.#runs.get(lab);
    if (known !== undefined) return known;
    const run = new LabRun({
      ...this.#options,
      ...this.#io,
      lab,
      claims: () => this.#others.claims,
      lostOf: (hosts) => this.#options.living.lostOf(hosts),
      hasReached: (host, of, wanted) => this.#others.hasReached(host, of, wanted),
    });
    this.#runs.set(lab, run);
    return run;
  }
}

/** Tells what the host is whenever that changes, and again after the store was wiped. */
async function keepTelling(
  options: AgentOptions,
  engines: readonly ContainerEngine[],
  features: HostInfo['features'],
  signal: AbortSignal,
): Promise<void> {
  const { store, host } = options;
  let told = '';
  let epoch = '';
  while (!signal.aborted) {
    try {
      const info = await hostInfo(options, engines, features);
      const now = JSON.stringify(info);
      if (now !== told || (await store.epoch('state')) !== epoch) {
        epoch = (await store.write('state', infoKey(host), bytesOf(info), 'any')).epoch;
        told = now;
      }
    } catch {
      // The store is away: told when it is back.
    }
    await delay(LOOK_MS, undefined, { signal }).catch(() => {});
  }
}

function badName(host: string): LinkloomError {
  return new LinkloomError('E_USAGE', `'${host}' can't be the name of a host`, {
    hint: 'lower-case letters, digits and -, at most 63, the first a letter or digit; by default it is the machine’s name',
  });
}
