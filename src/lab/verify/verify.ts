/**
 * `verify/` proves where the wires of a lab go: the network as it is → domains → probes → what has arrived → a verdict for each link.
 *
 * This file: on a session. Everything that proves a lab calls it.
 */
import { ProbeThread } from '../../engine/threads/prober.ts';
import type { NsId } from '../../net/ns-id.ts';
import type { Observed } from '../../plan/observed.ts';
import { type Absence, notRunning } from '../../plan/pending/pending.ts';
import { reasonsOf } from '../../proof/causes.ts';
import type { LocalEnd } from '../../proof/end.ts';
import type { Finding } from '../../proof/findings.ts';
import { countOf, isFault, type LinkProof, type Proof } from '../../proof/proof.ts';
import { pendingProofs, proofOfAbsent, proofsOf } from '../../proof/verdicts.ts';
import type { Network } from '../../topology/topology.ts';
import { lookAgain, lookForProof } from '../look.ts';
import { wholeNetwork } from '../network.ts';
import type { Io } from '../request.ts';
import type { Session } from '../session.ts';
import { timed } from '../timed.ts';
import { linksToProve } from './choose.ts';
import { deviceNames, evidenceOf, namespacesOf, placesOf, settled } from './looking.ts';
import { probe } from './probe.ts';

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
  const { found, sockets } = probed;
  const { findings, sent, arrived } = found;
  const isClear = findings.every(({ state }) => state === 'ok' || state === 'not-proved');
  const seen = isClear ? observed : await subject.lookAgain(observed, namespacesOf(faultyEnds(domains.ends, findings)));
  const bridges: (string | null)[] = [];
  for (const { end, domain } of findings) bridges[end.number] = domain.bridge;
  const reasons = reasonsOf(evidenceOf(network, seen), domains.ends, ({ number }) => bridges[number] ?? null);
  const links = [
    ...proofsOf(found, reasons, deviceNames(network, places, observed)),
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
    probes: { sockets, sent, arrived },
  };
}

/** The ends at which a fault may be. */
function faultyEnds(ends: readonly LocalEnd[], findings: readonly Finding[]): readonly LocalEnd[] {
  const faulty = findings.filter(({ state }) => state !== 'ok' && state !== 'not-proved');
  return faulty.flatMap(({ end, partners }) => [end, ...partners]).flatMap(({ number }) => ends[number] ?? []);
}

function tell(network: Network, links: readonly LinkProof[], { emit }: Io): void {
  const faults = links.filter(({ state }) => isFault(state));
  const faulty = new Set(faults.map(({ link }) => link));
  const specs = new Map(network.links.flatMap(({ id, spec }) => (faulty.has(id) ? [[id, spec] as const] : [])));
  emit({
    type: 'proved',
    lab: network.lab,
    ok: countOf(links, (state) => state === 'ok'),
    notProved: countOf(links, (state) => state === 'not-proved'),
    faults: faults.map(({ link, state, message, hint }) => ({
      link,
      state,
      message,
      hint,
      where: specs.get(link)?.where(),
    })),
  });
}

/** In the order of the configuration; what is not in it comes last. */
function inOrder({ links }: Network, proofs: readonly LinkProof[]): readonly LinkProof[] {
  const places = new Map(links.map(({ id }, at) => [id, at]));
  const placeOf = ({ link }: LinkProof): number => places.get(link) ?? links.length;
  return proofs.toSorted((a, b) => placeOf(a) - placeOf(b));
}
