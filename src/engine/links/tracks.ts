/** What a pass knows of each link that it does something to. An operation costs one look-up, however large the lab is. */
import type { LinkChange } from '../../events.ts';
import { type Subject, servedSubject } from '../../subject.ts';
import type { Link } from '../../topology/topology.ts';
import { peerOf } from '../../wire/make.ts';
import type { Op } from '../../wire/op.ts';

/** What the pass does to a link. */
interface Fate {
  readonly change: LinkChange;
  readonly cause: string;
}

/** One link or tunnel. */
export interface Track {
  /** The text of its subject. */
  readonly link: string;
  readonly subject: Extract<Subject, { kind: 'link' | 'tunnel' }>;
  /** null: it is not in the configuration, or a tunnel. */
  readonly described: Link | null;
  /** null: the pass does nothing to it. */
  fate: Fate | null;
  /** Operations of the plan that are not acknowledged. */
  left: number;
  /** The link at the other end of its wire: operations of either serve both, which are made and fail together. null: there is none. */
  partner: Track | null;
  hasBegun: boolean;
  hasEnded: boolean;
}

export class Tracks {
  readonly #tracks = new Map<string, Track>();

  /** `links`: of the configuration. */
  constructor(links: readonly Link[]) {
    for (const described of links) this.#add(described.id, described);
  }

  /** Of a link, by the text of its subject. */
  of(link: string): Track {
    return this.#tracks.get(link) ?? this.#add(link, null);
  }

  #add(link: string, described: Link | null): Track {
    const track: Track = {
      link,
      subject: servedSubject(link),
      described,
      fate: null,
      left: 0,
      partner: null,
      hasBegun: false,
      hasEnded: false,
    };
    this.#tracks.set(link, track);
    return track;
  }

  /** Those of the configuration first. */
  all(): Iterable<Track> {
    return this.#tracks.values();
  }

  /** The links that operations of the plan serve, as often as they do. */
  served(ops: readonly Op[]): readonly Track[] {
    const served: Track[] = [];
    for (const { link } of ops) {
      if (link === null) continue;
      const track = this.of(link);
      served.push(track);
      if (track.partner !== null) served.push(track.partner);
    }
    return served;
  }

  /** A plan is about to be carried out: counts what it has for each link. Counts of an earlier plan do not matter any more. */
  count(ops: readonly Op[]): void {
    for (const track of this.#tracks.values()) {
      track.left = 0;
      track.partner = null;
    }
    for (const op of ops) this.#join(op);
    for (const op of ops) {
      if (op.link === null) continue;
      const track = this.of(op.link);
      countFor(track, op);
      if (track.partner !== null) countFor(track.partner, op);
    }
  }

  #join(op: Op): void {
    const other = otherEnd(op);
    if (op.link === null || other === null) return;
    const [a, b] = [this.of(op.link), this.of(other)];
    a.partner = b;
    b.partner = a;
  }
}

function countFor(track: Track, op: Op): void {
  track.left += 1;
  // Tunnels have no verdicts.
  if (track.subject.kind !== 'tunnel') return;
  const change = op.op === 'tunnel.add' || op.op === 'trunk.add' ? (track.fate === null ? 'make' : 'remake') : 'change';
  if (change !== 'change' || track.fate === null) track.fate = { change, cause: op.cause };
}

function otherEnd(op: Op): string | null {
  if (op.op === 'wire.patch') return op.otherLink;
  return op.op === 'link.add' ? (peerOf(op)?.link ?? null) : null;
}
