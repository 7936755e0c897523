/** `verify` on a lab over several hosts: the wires between hosts are proved by all of them together, all others by each host alone. */
import type { HostName } from '../../cluster/names.ts';
import { type Recorded, readRecord } from '../../cluster/records.ts';
import type { HostView } from '../../cluster/state.ts';
import { readHosts } from '../../cluster/states.ts';
import { counted } from '../../counted.ts';
import { LinkloomError } from '../../errors.ts';
import { bridgeOf } from '../../kinds/links/link-kinds.ts';
import { linksMeant, type NamedLink } from '../../lab/links/words.ts';
import { loadTopology } from '../../lab/load.ts';
import type { Request } from '../../lab/request.ts';
import type { Absent } from '../../proof/end.ts';
import type { LinkProof, Proof } from '../../proof/proof.ts';
import { proofOfAbsent } from '../../proof/verdicts.ts';
import { type Domain, isAt, isCrossing, Whereabout } from '../../spread/spread.ts';
import { namesOfPending } from '../../topology/links.ts';
import type { LinkSpec, Topology } from '../../topology/topology.ts';
import { claimsOf, loadOf, spreadOf } from '../agent/requests.ts';
import { HostsAsked, silence } from '../proof/hosts-asked.ts';
import { judge, type Underlay, wholeBytes } from '../proof/judged.ts';
import { type Led, lead } from '../proof/leading.ts';
import { type Answered, askHost } from './ask.ts';
import { noSuchLab } from './status.ts';
import type { HostsIo } from './up.ts';

/** A host proves its own links within the time that is given, and a pass that is under way is waited for. */
const ANSWER_MS = 30_000;

export interface HowToVerify {
  /** As of `VerifyOptions`. */
  readonly links: readonly string[];
  readonly timeoutMs: number;
}

export interface HostsProof {
  readonly proof: Proof;
  /** Hosts that did not answer, and how that is said. Nothing is proved of their links. */
  readonly silent: ReadonlyMap<HostName, string>;
}

/**
 * Throws E_NODE_MISSING if the store knows no such lab, or a word stands for no link; E_INTERRUPTED; E_STORE; the error of a host that can't
 * prove its links.
 */
export async function verifyOnHosts(
  lab: string,
  base: Omit<Request, 'load' | 'cut'>,
  how: HowToVerify,
  io: HostsIo,
): Promise<HostsProof> {
  const { store } = io;
  const [recorded, views] = await Promise.all([readRecord(store, lab), readHosts(store)]);
  if (recorded === null || recorded.record.deleted) throw noSuchLab(lab);
  const { topology } = await loadTopology(
    { ...base, load: loadOf({ lab: recorded.lab, config: recorded.record.config }) },
    () => {},
  );
  const spread = spreadOf(recorded, claimsOf(views));
  const spreadLab = new SpreadLab(recorded, views, topology, new Whereabout(topology, spread));
  const crossing = await provedAcross(spreadLab, how, io);
  const own = await provedAlone(spreadLab, how, crossing.silent, io);
  return { proof: together(spreadLab, how, crossing, own), silent: own.silent };
}

/** A lab, and what is known of its hosts before any is asked. */
class SpreadLab {
  readonly lab: string;
  readonly hosts: readonly HostName[];
  /** Hosts for which nobody speaks. */
  readonly away: ReadonlyMap<HostName, string>;
  readonly underlays: ReadonlyMap<HostName, Underlay>;
  readonly crossing: readonly Domain[];
  readonly topology: Topology;
  readonly #where: Whereabout;

  constructor({ lab, record }: Recorded, views: readonly HostView[], topology: Topology, where: Whereabout) {
    this.lab = lab;
    this.hosts = Object.keys(record.hosts).sort();
    const alive = new Set(views.filter(({ lease }) => lease !== null).map(({ host }) => host));
    this.away = new Map(
      this.hosts.filter((host) => !alive.has(host)).map((host) => [host, `${silence(host)}: nobody speaks for it`]),
    );
    this.underlays = new Map(
      views.flatMap(({ host, info }) =>
        info === null
          ? []
          : [[host, { mtuBytes: info.underlayMtu, address: record.hosts[host]?.address ?? info.address }]],
      ),
    );
    this.topology = topology;
    this.#where = where;
    this.crossing = [...where.domains.values()].filter(isCrossing);
  }

  /** The links that words stand for, as far as the configuration shows it: containers of a service are known to their hosts alone. */
  meant(words: readonly string[]): ReadonlySet<LinkSpec> {
    const { links } = this.topology;
    if (words.length === 0) return new Set(links);
    const known = links.map((spec): NamedLink & { spec: LinkSpec } => ({
      ...{ id: idOf(spec), names: namesOfPending(spec.selector, spec.dev), bridge: bridgeOf(spec), spec },
    }));
    return new Set(words.flatMap((word) => meantBy(word, this.lab, known)).map(({ spec }) => spec));
  }

  isOn(spec: LinkSpec, host: HostName): boolean {
    const where = this.#where.ofLink(spec);
    return where !== 'anywhere' && isAt(where, host);
  }
}

function idOf({ selector, dev }: LinkSpec): string {
  return `${selector.name}:${dev}`;
}

function meantBy<T extends NamedLink>(word: string, lab: string, known: readonly T[]): readonly T[] {
  try {
    return linksMeant([word], lab, known);
  } catch (error) {
    if (error instanceof LinkloomError && error.code === 'E_NODE_MISSING') return [];
    throw error;
  }
}

interface Part {
  readonly links: readonly LinkProof[];
  readonly probes: Proof['probes'];
  readonly silent: ReadonlyMap<HostName, string>;
}

async function provedAcross(lab: SpreadLab, { links: words, timeoutMs }: HowToVerify, io: HostsIo): Promise<Part> {
  const meant = lab.meant(words);
  const wanted = lab.crossing.filter(({ links }) => links.some((link) => meant.has(link)));
  const none = { links: [], probes: { sockets: 0, sent: 0, arrived: 0 }, silent: lab.away };
  if (wanted.length === 0) return none;
  const bridgesOf = new Map<HostName, string[]>();
  for (const { bridge, hosts } of wanted)
    for (const host of hosts) bridgesOf.set(host, [...(bridgesOf.get(host) ?? []), bridge.name]);
  const hosts = new HostsAsked(io.store, lab.lab, [...bridgesOf.keys()], lab.away);
  const led = await lead({ hosts, bridgesOf, timeoutMs, signal: io.signal, absentOf: absentees(lab, wanted) });
  const links = judge({ led, silent: hosts.silent, underlays: lab.underlays });
  tellFragments(lab, led, links, io);
  const { sent, arrived } = led.found;
  return { links, probes: { sockets: 0, sent, arrived }, silent: hosts.silent };
}

/** Says which links of a bridge are on hosts that do not answer. */
function absentees(
  lab: SpreadLab,
  wanted: readonly Domain[],
): (bridge: string, silent: ReadonlyMap<HostName, string>) => readonly Absent[] {
  const linksOf = new Map(wanted.map(({ bridge, links }) => [bridge.name, links]));
  return (bridge, silent) =>
    (linksOf.get(bridge) ?? []).flatMap((spec) => {
      const host = [...silent.keys()].find((one) => lab.isOn(spec, one));
      if (host === undefined) return [];
      return [{ link: { id: idOf(spec) }, state: 'not-proved', message: silent.get(host) ?? '', hint: null }];
    });
}

/** Larger packets pass between hosts, but not in one piece. */
function tellFragments(lab: SpreadLab, { joined }: Led, links: readonly LinkProof[], { emit }: HostsIo): void {
  const bytes = wholeBytes([...lab.underlays.values()]);
  const isOk = new Set(links.filter(({ state }) => state === 'ok').map(({ link }) => link));
  const large = joined.ends.filter(({ link, mtuBytes }) => isOk.has(link.id) && mtuBytes > bytes).length;
  if (large === 0) return;
  const what = counted(large, 'link between hosts carries', 'links between hosts carry');
  emit({ type: 'notice', message: `${what} packets of more than ${bytes} bytes in fragments` });
}

/** Each host proves its own links. What leads to other hosts is left out of it there. */
async function provedAlone(
  lab: SpreadLab,
  { links: words, timeoutMs }: HowToVerify,
  before: ReadonlyMap<HostName, string>,
  { store }: HostsIo,
): Promise<Part & { readonly proofs: readonly Proof[] }> {
  const silent = new Map(before);
  const proofs: Proof[] = [];
  for (const word of words.length > 0 ? words : [null]) {
    const asked = { links: word === null ? [] : [word], timeoutMs };
    const live = lab.hosts.filter((host) => !silent.has(host));
    const answers = await Promise.all(
      live.map((host) => askHost(store, host, lab.lab, 'verify', asked, timeoutMs + ANSWER_MS)),
    );
    const found = answers.filter(({ error }) => error === null);
    for (const { host, error } of answers) if (error?.code === 'E_STORE') silent.set(host, silence(host));
    const failed = answers.find(({ error }) => error !== null && !['E_STORE', 'E_NODE_MISSING'].includes(error.code));
    if (failed !== undefined) throw ofHost(failed);
    const isNowhere = word !== null && found.length === 0 && lab.meant([word]).size === 0;
    if (isNowhere) throw answers[0]?.error ?? noSuchLab(lab.lab);
    proofs.push(...found.map(({ answer }) => answer as Proof));
  }
  const sum = (of: keyof Proof['probes']): number => proofs.reduce((total, { probes }) => total + probes[of], 0);
  const probes = { sockets: sum('sockets'), sent: sum('sent'), arrived: sum('arrived') };
  return { proofs, links: proofs.flatMap(({ links }) => links), probes, silent };
}

function ofHost({ host, error }: Answered): LinkloomError {
  const { code = 'E_INTERNAL', message = '', hint } = error ?? {};
  return new LinkloomError(code, `host ${host}: ${message}`, hint === undefined ? {} : { hint });
}

/** Of a link that a host could only prove in part, what was proved together counts. In the order of the configuration. */
function together(
  lab: SpreadLab,
  { links: words }: HowToVerify,
  crossing: Part,
  own: Part & { readonly proofs: readonly Proof[] },
): Proof {
  const meant = lab.meant(words);
  const across = new Map(crossing.links.map((proof) => [proof.link, proof]));
  const found = new Map<string, LinkProof>();
  for (const proof of own.links) {
    const known = found.get(proof.link);
    // Every host waits for a container that runs nowhere yet, also where it runs on another one by now.
    if (known === undefined || known.state === 'not-running') found.set(proof.link, across.get(proof.link) ?? proof);
  }
  const bridges = new Set(lab.crossing.map(({ bridge }) => bridge.name));
  for (const spec of meant) {
    const id = idOf(spec);
    if (found.has(id)) continue;
    const host = [...own.silent.keys()].find((one) => lab.isOn(spec, one));
    const message = host === undefined ? undefined : own.silent.get(host);
    if (message === undefined) continue;
    const absent = { link: { id }, state: 'not-proved', message, hint: null } as const;
    found.set(id, across.get(id) ?? proofOfAbsent(absent, bridgeOf(spec)));
  }
  const order = new Map(lab.topology.links.map((spec, at) => [idOf(spec), at]));
  const placeOf = ({ link }: LinkProof): number => order.get(link) ?? order.size;
  const sum = (of: keyof Proof['probes']): number => crossing.probes[of] + own.probes[of];
  return {
    lab: lab.lab,
    links: [...found.values()].sort((a, b) => placeOf(a) - placeOf(b)),
    tunnels: own.proofs.flatMap(({ tunnels }) => tunnels).filter(({ bridge }) => !bridges.has(bridge)),
    probes: { sockets: sum('sockets'), sent: sum('sent'), arrived: sum('arrived') },
  };
}
