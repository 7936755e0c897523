/** Leads a proof of the wires between hosts: the rounds of a proof on one host, with each batch sent by all hosts together. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostName } from '../../cluster/names.ts';
import { LinkloomError } from '../../errors.ts';
import type { Closed, Explained, SentHere } from '../../lab/verify/part.ts';
import type { Absent } from '../../proof/end.ts';
import { type Findings, groupwise, type Sending } from '../../proof/groups.ts';
import type { Batch } from '../../proof/ledger.ts';
import { type HostEnd, type HostPart, type Joined, joinParts } from '../../proof/parts.ts';
import { ELSEWHERE } from '../../wire/probe.ts';
import type { HostsAsked } from './hosts-asked.ts';
import type { Step } from './messages.ts';

/** How long a host may take to look at its ends and to open its sockets: a pass that is under way is waited for. */
const LOOK_MS = 20_000;
/** The same of an answer beyond the time that it waits for probes. */
const ANSWER_MS = 10_000;
/** Hosts begin a batch not at the same moment; who waits for probes of another one waits for that, too. */
const SKEW_MS = 250;
const CLOSE_MS = 2000;

export interface Led {
  readonly joined: Joined;
  readonly found: Findings;
  /** By the number of the end. */
  readonly closed: ReadonlyMap<number, Closed>;
  readonly explained: ReadonlyMap<number, Explained>;
  /** Names devices that are no ends. */
  readonly nameOf: (device: { readonly place: number; readonly ifindex: number }) => string;
}

export interface Leading {
  readonly hosts: HostsAsked;
  /** The bridges of each host that lead to others. */
  readonly bridgesOf: ReadonlyMap<HostName, readonly string[]>;
  /** The links of a bridge that are on hosts which do not answer. */
  readonly absentOf: (bridge: string, silent: ReadonlyMap<HostName, string>) => readonly Absent[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Throws E_INTERRUPTED. */
export async function lead({ hosts, bridgesOf, absentOf, timeoutMs, signal }: Leading): Promise<Led> {
  const run = randomBytes(8).toString('hex');
  try {
    const looked = await hosts.all<HostPart>(
      (host) => ({ step: 'look', run, bridges: [...(bridgesOf.get(host) ?? [])] }),
      LOOK_MS,
    );
    const joined = joinParts(looked, (bridge) => absentOf(bridge, hosts.silent));
    const leader = new Leader(hosts, run, joined, signal);
    await leader.meet();
    return await leader.judged(await leader.probe(timeoutMs));
  } finally {
    await hosts.all(() => ({ step: 'close', run }), CLOSE_MS);
  }
}

class Leader {
  readonly #hosts: HostsAsked;
  readonly #run: string;
  readonly #joined: Joined;
  readonly #signal: AbortSignal;
  readonly #closed = new Map<number, Closed>();
  /** Devices that are no ends, by a number for each. */
  readonly #others: string[] = [];

  constructor(hosts: HostsAsked, run: string, joined: Joined, signal: AbortSignal) {
    this.#hosts = hosts;
    this.#run = run;
    this.#joined = joined;
    this.#signal = signal;
  }

  /** When all hosts have answered, all of them hear what is sent. */
  async meet(): Promise<void> {
    const { ends } = this.#joined;
    const columns = { mac: ends.map(({ mac }) => mac), address: ends.map(({ address }) => address) };
    const answers = await this.#hosts.all<readonly Closed[]>(
      (host) => ({
        ...{ step: 'meet', run: this.#run, ...columns },
        own: ends.map((end) => (end.host === host ? end.own : ELSEWHERE)),
      }),
      LOOK_MS,
    );
    for (const { number, host, own } of ends) {
      const closed = answers.get(host)?.find((one) => one.own === own);
      if (closed !== undefined) this.#closed.set(number, closed);
    }
  }

  async probe(timeoutMs: number): Promise<Findings> {
    const untilMs = performance.now() + timeoutMs;
    const leftMs = (): number => Math.max(0, untilMs - performance.now());
    const sendings = groupwise(this.#joined.ends, this.#joined.domains);
    let next = sendings.next(leftMs());
    while (!next.done) {
      this.#refuseInterrupt();
      const { pauseMs, batch, note } = next.value;
      if (pauseMs > 0) await sleep(Math.min(pauseMs, leftMs()));
      const waitMs = Math.min(batch.batch.waitMs + SKEW_MS, leftMs());
      const columns = { from: [...batch.batch.from], to: [...batch.batch.to], bytes: [...batch.batch.bytes] };
      const answers = await this.#hosts.all<SentHere>(
        (host): Step => ({
          ...{ step: 'send', run: this.#run, ...columns, pace: batch.batch.pace, waitMs },
          copies: this.#copiesAt(host, batch),
        }),
        waitMs + ANSWER_MS,
      );
      note(...this.#seen(batch, answers));
      next = sendings.next(leftMs());
    }
    this.#refuseInterrupt();
    return next.value;
  }

  async judged(found: Findings): Promise<Led> {
    const joined = this.#joined;
    const faulty = found.findings.filter(({ state }) => state !== 'ok' && state !== 'not-proved');
    const doubted = new Set(faulty.flatMap(({ end, partners }) => [end, ...partners]).map(({ number }) => number));
    const ends = joined.ends.filter(({ number }) => doubted.has(number));
    const ownOf = (host: HostName): number[] => ends.filter((end) => end.host === host).map(({ own }) => own);
    const answers = await this.#hosts.all<readonly Explained[]>((host) => {
      const own = ownOf(host);
      return own.length === 0 ? null : { step: 'explain', run: this.#run, own };
    }, LOOK_MS);
    const said = new Map<string, Explained>();
    for (const [host, list] of answers) for (const one of list) said.set(`${host} ${one.own}`, one);
    const explained = new Map<number, Explained>();
    for (const { number, host, own } of ends) {
      const one = said.get(`${host} ${own}`);
      if (one !== undefined) explained.set(number, one);
    }
    return {
      ...{ joined, found, explained, closed: this.#closed },
      nameOf: ({ ifindex }) => this.#others[ifindex] ?? '?',
    };
  }

  /** At how many ends of a host each probe is expected. */
  #copiesAt(host: HostName, { asks }: Batch): number[] {
    return asks.map((list) => list.filter(({ pair }) => (pair.to as HostEnd).host === host).length);
  }

  /** Joins what the hosts have seen of a batch. */
  #seen(batch: Batch, answers: ReadonlyMap<HostName, SentHere>): Parameters<Sending['note']> {
    const { ends } = this.#joined;
    const refused = batch.batch.from.map(
      (from, index) => answers.get(ends[from]?.host ?? '')?.refused[index] ?? UNSENT,
    );
    const [probe, at]: [number[], number[]] = [[], []];
    const others: { place: number; ifindex: number }[] = [];
    for (const answer of answers.values()) {
      const before = others.length;
      for (const name of answer.others) others.push({ place: 0, ifindex: this.#numberOf(name) });
      for (const [index, end] of answer.at.entries()) {
        probe.push(answer.probe[index] ?? 0);
        at.push(end < 0 ? end - before : end);
      }
    }
    const arrivals = { probe: Int32Array.from(probe), at: Int32Array.from(at), others };
    // Clocks of two hosts differ, so nothing is said of how long it took.
    return [refused, { ...arrivals, tookNs: new Float64Array(probe.length) }];
  }

  #numberOf(name: string): number {
    const known = this.#others.indexOf(name);
    return known >= 0 ? known : this.#others.push(name) - 1;
  }

  #refuseInterrupt(): void {
    if (this.#signal.aborted) throw new LinkloomError('E_INTERRUPTED', 'interrupted while the wires were proved');
  }
}

/** What is noted of a probe whose host did not answer: errno ETIMEDOUT (asm-generic/errno.h). */
const UNSENT = 110;
