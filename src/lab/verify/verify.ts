/**
 * `verify/` proves where the wires of a lab go: the network as it is → domains → probes → what has arrived → a verdict for each link.
 *
 * This file: on a session. Everything that proves a lab calls it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ProbeThread } from '../../engine/threads/prober.ts';
import { groupOf, ROLE } from '../../net/mark.ts';
import type { NsId } from '../../net/ns-id.ts';
import type { Observed } from '../../plan/observed.ts';
import { type Absence, notRunning } from '../../plan/pending/pending.ts';
import type { Evidence } from '../../proof/causes.ts';
import { type Domains, domainsOf } from '../../proof/domains.ts';
import type { End } from '../../proof/end.ts';
import { type Finding, findingsOf } from '../../proof/findings.ts';
import { countOf, isFault, type LinkProof, type Proof } from '../../proof/proof.ts';
import { memberships } from '../../proof/switching.ts';
import { pendingProofs, proofOfAbsent, proofsOf } from '../../proof/verdicts.ts';
import type { Link, Network } from '../../topology/topology.ts';
import { lookAgain, lookForProof } from '../look.ts';
import { wholeNetwork } from '../network.ts';
import type { Io } from '../request.ts';
import type { Session } from '../session.ts';
import { timed } from '../timed.ts';
import { linksToProve } from './choose.ts';
import { probe } from './probe.ts';

/** How often the devices are looked at, and how long between, while a port has no carrier yet. */
const LOOKS = 10;
const PAUSE_MS = 100;

export interface VerifyOptions {
  /** `NODE:DEV`, globs of it, and `bridge/NAME`. Empty: all links. */
  readonly links: readonly string[];
  /** How long to probe at most. What is in order takes a fraction of a second, what is not some two seconds, impairments longer. */
  readonly timeoutMs: number;
  /** A thread that was started early. It is used up. Default: one is started. */
  readonly thread?: ProbeThread;
}

/** What a proof needs of the lab: what is wanted, and eyes. */
export interface Subject {
  readonly network: Network;
  /** Observes the devices of the nodes and of the switch side. */
  readonly look: () => Promise<Observed>;
  /** Observes some namespaces again, with all that shows why frames do not pass. */
  readonly lookAgain: (observed: Observed, namespaces: ReadonlySet<NsId>) => Promise<Observed>;
  /** Says why a node counts as missing. */
  readonly absence: Absence;
}

/**
 * Proves the lab of a session as it is at this moment; changes nothing. Throws what `Session.containers` and `observe` throw,
 * E_NODE_MISSING where a name in `links` stands for nothing, and E_INTERRUPTED. Needs CAP_SYS_ADMIN, CAP_NET_ADMIN and CAP_NET_RAW.
 */
export async function verifyLab(session: Session, options: VerifyOptions, io: Io): Promise<Proof> {
  const network = wholeNetwork(session, await session.containers()).checked(io.emit);
  return await prove(
    {
      network,
      look: () => lookForProof(session, network),
      lookAgain: (observed, namespaces) => lookAgain(session.workers, network.lab, observed, namespaces),
      absence: notRunning(session.filter),
    },
    options,
    io,
  );
}

/** As `verifyLab`, of any lab. */
export async function prove(subject: Subject, options: VerifyOptions, io: Io): Promise<Proof> {
  await using thread = options.thread ?? new ProbeThread();
  const { network } = subject;
  const isChosen = linksToProve(network, options.links);
  const { value } = await timed('observe', io.emit, () => settled(subject, ({ id }) => isChosen(id)));
  const { observed, domains } = value;
  const places = placesOf(domains.ends, observed);
  const { value: probed } = await timed('verify', io.emit, () =>
    probe(thread, { domains, places, observed, timeoutMs: options.timeoutMs }, io.signal),
  );
  const { ledger, sockets } = probed;
  const findings = domains.domains.flatMap((domain) => findingsOf(domain, ledger));
  const isClear = findings.every(({ state }) => state === 'ok' || state === 'not-proved');
  const seen = isClear ? observed : await subject.lookAgain(observed, namespacesOf(findings));
  const links = [
    ...proofsOf(findings, ledger, evidenceOf(network, seen), deviceNames(network, places, observed)),
    ...domains.domains.flatMap(({ absent, label }) => absent.map((one) => proofOfAbsent(one, label))),
    ...domains.alone.map((one) => proofOfAbsent(one, null)),
    ...pendingProofs(network.pending, subject.absence),
  ].filter(({ link }) => isChosen(link));
  const proofs = inOrder(network, links.map(probed.unlessClosed));
  tell(network, proofs, io);
  return {
    lab: network.lab,
    links: proofs,
    tunnels: options.links.length === 0 ? domains.tunnels : [],
    probes: { sockets, sent: ledger.sent, arrived: ledger.arrived },
  };
}

function tell(network: Network, links: readonly LinkProof[], { emit }: Io): void {
  const placeOf = (link: string) => network.links.find(({ id }) => id === link)?.spec.where();
  const faults = links.filter(({ state }) => isFault(state));
  emit({
    type: 'proved',
    lab: network.lab,
    ok: countOf(links, (state) => state === 'ok'),
    notProved: countOf(links, (state) => state === 'not-proved'),
    faults: faults.map(({ link, state, message, hint }) => ({ link, state, message, hint, where: placeOf(link) })),
  });
}

/** The domains as observed, once their ports have the carriers that the kernel passes on in the background. */
async function settled(
  { network, look }: Subject,
  isWanted: (link: Link) => boolean,
): Promise<{ readonly observed: Observed; readonly domains: Domains }> {
  for (let looks = 1; ; looks++) {
    const observed = await look();
    const domains = domainsOf(network, observed, isWanted);
    if (!domains.isUnsettled || looks === LOOKS) return { observed, domains };
    await sleep(PAUSE_MS);
  }
}

/** Namespaces that have ends, each once: some are reached by several names. */
function placesOf(ends: readonly End[], { namespaces }: Observed): readonly NsId[] {
  const byInode = new Map<number, NsId>();
  for (const { ns } of ends) {
    const inode = namespaces.get(ns)?.dump.inode;
    if (inode !== undefined && !byInode.has(inode)) byInode.set(inode, ns);
  }
  return [...byInode.values()];
}

/** The namespaces in which the reason for a fault may be. */
function namespacesOf(findings: readonly Finding[]): ReadonlySet<NsId> {
  const faulty = findings.filter(({ state }) => state !== 'ok' && state !== 'not-proved');
  const ends = faulty.flatMap(({ end, partners }) => [end, ...partners]);
  return new Set(ends.flatMap(({ ns, port }) => (port === null ? [ns] : [ns, port.ns])));
}

function evidenceOf(network: Network, observed: Observed): Evidence {
  return {
    observed,
    membershipOf: memberships(observed, groupOf(network.lab, ROLE.nodeEnd)),
    bridges: new Map(network.bridges.map((bridge) => [bridge.name, bridge])),
  };
}

/** Names devices that are no ends. */
function deviceNames(
  { nodes }: Network,
  places: readonly NsId[],
  { namespaces }: Observed,
): (device: { readonly place: number; readonly ifindex: number }) => string {
  return ({ place, ifindex }) => {
    const ns = places[place];
    const device = ns === undefined ? undefined : namespaces.get(ns)?.byIndex.get(ifindex)?.ifname;
    return `${nodes.find((node) => node.ns === ns)?.name ?? ns}:${device ?? `device ${ifindex}`}`;
  };
}

/** In the order of the configuration; what is not in it comes last. */
function inOrder({ links }: Network, proofs: readonly LinkProof[]): readonly LinkProof[] {
  const places = new Map(links.map(({ id }, at) => [id, at]));
  const placeOf = ({ link }: LinkProof): number => places.get(link) ?? links.length;
  return proofs.toSorted((a, b) => placeOf(a) - placeOf(b));
}
