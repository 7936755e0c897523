/** A part of a proof over several hosts: this host's ends send and receive, and another one says what, and judges it. */
import { describe } from '../../engine/failure.ts';
import { ProbeThread } from '../../engine/threads/prober.ts';
import type { NsId } from '../../net/ns-id.ts';
import type { Observed } from '../../plan/observed.ts';
import { type Cause, type Narrow, type Reasons, reasonsOf } from '../../proof/causes.ts';
import type { Domains } from '../../proof/domains.ts';
import type { LocalEnd } from '../../proof/end.ts';
import type { HostPart } from '../../proof/parts.ts';
import type { Network } from '../../topology/topology.ts';
import { ELSEWHERE, type ProbeBatch, type ProbeEnd } from '../../wire/probe.ts';
import { lookAgain, lookForProof } from '../look.ts';
import { wholeNetwork } from '../network.ts';
import type { Session } from '../session.ts';
import { deviceNames, evidenceOf, namespacesOf, placesOf, probeEnds, settled } from './looking.ts';

/** All ends of the proof. */
export interface Meeting {
  /** 8 bytes that only the hosts of this proof have. */
  readonly run: Uint8Array;
  /** For each end its number at this host; ELSEWHERE: it is on another one. */
  readonly own: readonly number[];
  readonly mac: readonly string[];
  readonly address: readonly (string | null)[];
}

/** What became of a batch here. Numbers of probes are of the whole proof. */
export interface SentHere {
  /** By the place in the batch: the errno of each probe of this host that was not sent, else 0. */
  readonly refused: readonly number[];
  readonly probe: readonly number[];
  /** The number of the end that it arrived at; where that is none, -1 - its place in `others`. */
  readonly at: readonly number[];
  /** Devices that are no ends, as `NODE:DEV`. */
  readonly others: readonly string[];
}

/** An end of this host whose namespace could not be entered. */
export interface Closed {
  readonly own: number;
  readonly message: string;
  readonly hint: string | null;
}

/** Why frames may not pass an end of this host. */
export interface Explained {
  readonly own: number;
  readonly cause: Cause | null;
  readonly least: Narrow | null;
  readonly look: string;
}

export class LabPart implements AsyncDisposable {
  readonly part: HostPart;
  readonly #session: Session;
  readonly #network: Network;
  readonly #domains: Domains;
  readonly #observed: Observed;
  readonly #places: readonly NsId[];
  readonly #thread = new ProbeThread();

  private constructor(session: Session, network: Network, observed: Observed, domains: Domains) {
    this.#session = session;
    this.#network = network;
    this.#observed = observed;
    this.#domains = domains;
    // Also where no end of the proof is: a probe that goes astray is seen there.
    this.#places = placesOf(
      network.links.map(({ node }) => node),
      observed,
    );
    const { leastAt } = this.#reasons(observed);
    const domainOf = new Map(
      domains.domains.flatMap(({ ends }, at) => ends.map(({ number }) => [number, at] as const)),
    );
    this.part = {
      domains: domains.domains.map(({ key, label, bridge, below, manner, absent }) => ({
        ...{ key, label, bridge, below, manner },
        absent: absent.map(({ link, state, message, hint }) => ({ link: link.id, state, message, hint })),
      })),
      ends: domains.ends.map((end) => ({
        ...{ link: end.link.id, domain: domainOf.get(end.number) ?? -1, mac: end.mac, mtuBytes: end.mtuBytes },
        ...{ place: end.place, parent: end.parent, meetsSiblings: end.meetsSiblings, address: end.address },
        ...{ impairments: end.impairments, least: leastAt(end) },
      })),
    };
  }

  /** Looks at the ends of these bridges. Changes nothing. Throws as `verifyLab` does. */
  static async look(session: Session, crossing: readonly string[]): Promise<LabPart> {
    const network = wholeNetwork(session, await session.containers()).checked(() => {});
    const bridges = new Set(crossing);
    const isWanted = (_: unknown, bridge: string | null): boolean => bridge !== null && bridges.has(bridge);
    const look = (): Promise<Observed> => lookForProof(session, network);
    const { observed, domains } = await settled({ network, look }, isWanted, bridges);
    return new LabPart(session, network, observed, domains);
  }

  /** Opens what receives the probes. Once. Throws what the thread throws. */
  async meet({ run, own, mac, address }: Meeting): Promise<readonly Closed[]> {
    const inodeOf = (ns: NsId): number => this.#observed.namespaces.get(ns)?.dump.inode ?? 0;
    const here = probeEnds(this.#domains.ends, this.#places, inodeOf);
    const ends = own.map(
      (number, at): ProbeEnd =>
        here[number] ?? {
          ...{ place: ELSEWHERE, ifindex: 0, mac: mac[at] ?? '', isPort: false, address: address[at] ?? null },
        },
    );
    const places = this.#places.map((ns) => ({ ns, inode: inodeOf(ns) }));
    const { failures } = await this.#thread.open(places, ends, run);
    const whys = new Map(failures.map(({ place, failure }) => [place, failure]));
    return here.flatMap(({ place }, number) => {
      const failure = whys.get(place);
      if (failure === undefined) return [];
      const { message, hint } = describe(failure, null, this.#places[place] as NsId);
      return [{ own: number, message, hint: hint ?? null }];
    });
  }

  /** Sends what is to be sent from here, and waits for what is to arrive here. `waitMs` at most. */
  async send(batch: ProbeBatch): Promise<SentHere> {
    const { refused, arrivals } = await this.#thread.send(batch);
    const nameOf = deviceNames(this.#network, this.#places, this.#observed);
    return {
      refused: [...refused],
      ...{ probe: [...arrivals.probe], at: [...arrivals.at], others: arrivals.others.map(nameOf) },
    };
  }

  /** Looks again at these ends of this host. */
  async explain(own: readonly number[]): Promise<readonly Explained[]> {
    const ends = own.flatMap((number) => this.#domains.ends[number] ?? []);
    const { workers } = this.#session;
    const seen = await lookAgain(workers, this.#network.lab, this.#observed, namespacesOf(ends));
    const { causeAt, leastAt, whereToLook } = this.#reasons(seen);
    return ends.map((end) => ({
      ...{ own: end.number, cause: causeAt(end), least: leastAt(end), look: whereToLook(end) },
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread[Symbol.asyncDispose]();
  }

  #reasons(observed: Observed): Reasons {
    const bridgeOf = new Map(
      this.#domains.domains.flatMap(({ ends, bridge }) => ends.map(({ number }) => [number, bridge] as const)),
    );
    const ends: readonly LocalEnd[] = this.#domains.ends;
    return reasonsOf(evidenceOf(this.#network, observed), ends, ({ number }) => bridgeOf.get(number) ?? null);
  }
}
