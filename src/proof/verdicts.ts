/** Findings, and the state of the devices → what is proved of each link. */
import { bridgeOf } from '../kinds/links/link-kinds.ts';
import type { Absence } from '../plan/pending/pending.ts';
import type { Network } from '../topology/topology.ts';
import { type Cause, causeAt, type Evidence, narrowest, whereToLook } from './causes.ts';
import type { Absent, End } from './end.ts';
import type { Finding } from './findings.ts';
import type { Ledger } from './ledger.ts';
import type { LinkProof } from './proof.ts';

/** The most links that a sentence names. */
const NAMED_MAX = 3;

const UNMEASURED = { hears: [], heardBy: [], mtuBytes: null, latencyNs: { out: null, in: null } } as const;

/** What is proved of a link that was not probed. `domain`: for people. */
export function proofOfAbsent({ link, state, message, hint }: Absent, domain: string | null): LinkProof {
  return { link: link.id, state, domain, message, hint, ...UNMEASURED };
}

/** Links of nodes that do not run. `absence` says why for people. */
export function pendingProofs(pending: Network['pending'], absence: Absence): readonly LinkProof[] {
  return pending.flatMap((missing) =>
    missing.links.map((spec) => ({
      ...{ link: `${missing.selector.name}:${spec.dev}`, state: 'not-running' as const, domain: bridgeOf(spec) },
      ...{ message: absence(missing), hint: 'start what is missing, and try again' },
      ...UNMEASURED,
    })),
  );
}

/** What is proved of the links that were probed. `nameOf` names a device that is no end. */
export function proofsOf(
  findings: readonly Finding[],
  ledger: Ledger,
  evidence: Evidence,
  nameOf: (device: { readonly place: number; readonly ifindex: number }) => string,
): readonly LinkProof[] {
  const astray = astrayOf(findings, ledger, nameOf);
  return findings.map((finding) => proofOf(finding, ledger, evidence, astray.get(finding.end) ?? NOTHING));
}

/** Whose probes came to an end, and where its own went, beyond its domain. */
interface Astray {
  readonly hears: string[];
  readonly heardBy: string[];
}
const NOTHING: Astray = { hears: [], heardBy: [] };

/** Of a link that is wrong in its own domain, what went astray is its own doing; it is told of others only where they are wrong too. */
function astrayOf(
  findings: readonly Finding[],
  ledger: Ledger,
  nameOf: (device: { readonly place: number; readonly ifindex: number }) => string,
): ReadonlyMap<End, Astray> {
  const stateOf = new Map(findings.map(({ end, state }) => [end, state]));
  const isSound = (end: End): boolean => stateOf.get(end) === 'ok';
  const found = new Map<End, Astray>();
  const of = (end: End): Astray => {
    const known = found.get(end) ?? { hears: [], heardBy: [] };
    found.set(end, known);
    return known;
  };
  for (const { from, at, device } of ledger.strays) {
    if (at === null) {
      if (device !== null && !isSound(from)) of(from).heardBy.push(nameOf(device));
      continue;
    }
    const isJoined = isSound(from) && isSound(at);
    if (isJoined || !isSound(from)) of(from).heardBy.push(at.link.id);
    if (isJoined || !isSound(at)) of(at).hears.push(from.link.id);
  }
  return found;
}

function proofOf(finding: Finding, ledger: Ledger, evidence: Evidence, astray: Astray): LinkProof {
  const { end, domain, text } = finding;
  const state = stateOf(finding, astray);
  const base = { link: end.link.id, domain: domain.label, ...astray, ...measuredOf(finding, ledger) };
  if (state === 'ok') {
    const narrow = narrowest(evidence, [end], end.mtuBytes);
    if (narrow === null) return { ...base, state, message: null, hint: null };
    return { ...base, state: 'mtu', message: `${narrow.text}, not ${end.mtuBytes}`, hint: narrow.hint };
  }
  if (state === 'not-proved') return { ...base, state, message: text, hint: null };
  if (finding.asks.length === 0) return { ...base, state, message: text, hint: 'see to that link first' };
  const cause = causeOf(evidence, finding);
  const told = textOf(finding, astray);
  const message = cause === null ? told : `${told}: ${cause.text}`;
  return { ...base, state, message, hint: cause?.hint ?? whereToLook(end) };
}

function stateOf({ state }: Finding, { hears, heardBy }: Astray): LinkProof['state'] {
  const isAstray = hears.length + heardBy.length > 0;
  return isAstray && (state === 'nothing' || state === 'ok') ? 'miswired' : state;
}

function causeOf(evidence: Evidence, { end, domain, state, partners }: Finding): Cause | null {
  if (state === 'mtu') {
    const mtuBytes = Math.max(...partners.map((one) => Math.min(one.mtuBytes, end.mtuBytes)));
    return narrowest(evidence, [end, ...partners], mtuBytes);
  }
  const own = causeAt(evidence, domain, end);
  const [partner] = partners;
  return own !== null || partner === undefined || partners.length > 1 ? own : causeAt(evidence, domain, partner);
}

/** What does not pass, and what goes astray. */
function textOf({ text }: Finding, { hears, heardBy }: Astray): string {
  const few = (names: readonly string[]): string =>
    names.length > NAMED_MAX
      ? `${names.slice(0, NAMED_MAX).join(', ')} and ${names.length - NAMED_MAX} more`
      : names.join(', ');
  const parts = [
    ...(text === '' ? [] : [text]),
    ...(hears.length > 0 ? [`probes of ${few(hears)} arrive here, where they do not belong`] : []),
    ...(heardBy.length > 0 ? [`its own arrive at ${few(heardBy)}`] : []),
  ];
  return parts.join('; ');
}

/** The MTU that is proved, and the least times. */
function measuredOf({ end, asks }: Finding, ledger: Ledger): Pick<LinkProof, 'mtuBytes' | 'latencyNs'> {
  let mtuBytes: number | null = null;
  const latencyNs: { out: number | null; in: number | null } = { out: null, in: null };
  for (const { pair, kind, hasArrived } of asks) {
    const isOut = pair.from === end;
    if (kind === 'full' && hasArrived && isOut) mtuBytes = Math.max(mtuBytes ?? 0, pair.mtuBytes);
    if (kind === 'small' && pair.isTimed) latencyNs[isOut ? 'out' : 'in'] ??= ledger.leastNs(pair.from, pair.to);
  }
  return { mtuBytes, latencyNs };
}
