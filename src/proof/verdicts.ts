/** Findings, and the state of the devices → what is proved of each link. */
import { bridgeOf } from '../kinds/links/link-kinds.ts';
import type { Absence } from '../plan/pending/pending.ts';
import type { Network } from '../topology/topology.ts';
import { type Cause, narrowest, type Reasons, twinCause } from './causes.ts';
import type { Absent, End } from './end.ts';
import type { Finding } from './findings.ts';
import type { Findings } from './groups.ts';
import type { Stray } from './ledger.ts';
import type { LinkProof, ProofState } from './proof.ts';

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
  { findings, strays }: Pick<Findings, 'findings' | 'strays'>,
  reasons: Reasons,
  nameOf: (device: { readonly place: number; readonly ifindex: number }) => string,
): readonly LinkProof[] {
  const astray = astrayOf(findings, strays, nameOf);
  return findings.map((finding) => proofOf(finding, reasons, astray.get(finding.end) ?? NOTHING));
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
  strays: readonly Stray[],
  nameOf: (device: { readonly place: number; readonly ifindex: number }) => string,
): ReadonlyMap<End, Astray> {
  if (strays.length === 0) return new Map();
  const stateOf = new Map(findings.map(({ end, state }) => [end, state]));
  const isSound = (end: End): boolean => stateOf.get(end) === 'ok';
  const found = new Map<End, Astray>();
  const of = (end: End): Astray => {
    const known = found.get(end) ?? { hears: [], heardBy: [] };
    found.set(end, known);
    return known;
  };
  for (const { from, at, device } of strays) {
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

function proofOf(finding: Finding, reasons: Reasons, { hears, heardBy }: Astray): LinkProof {
  const { end, domain, text, measured } = finding;
  const { mtuBytes, latencyNs } = measured;
  const said = (state: ProofState, message: string | null, hint: string | null): LinkProof => {
    // Written out: of objects that are spread into others each takes twice the memory.
    return { link: end.link.id, state, domain: domain.label, message, hint, hears, heardBy, mtuBytes, latencyNs };
  };
  const state = stateOf(finding, { hears, heardBy });
  if (state === 'ok') {
    const narrow = narrowest(reasons, [end], end.mtuBytes);
    if (narrow === null) return said(state, null, null);
    return said('mtu', `${narrow.text}, not ${end.mtuBytes}`, narrow.hint);
  }
  if (state === 'not-proved') return said(state, text, null);
  if (!finding.isAsked) return said(state, text, 'see to that link first');
  const cause = causeOf(reasons, finding);
  const told = textOf(finding, { hears, heardBy });
  return said(state, cause === null ? told : `${told}: ${cause.text}`, cause?.hint ?? reasons.whereToLook(end));
}

function stateOf({ state }: Finding, { hears, heardBy }: Astray): LinkProof['state'] {
  const isAstray = hears.length + heardBy.length > 0;
  return isAstray && (state === 'nothing' || state === 'ok') ? 'miswired' : state;
}

function causeOf(reasons: Reasons, { end, domain, state, partners }: Finding): Cause | null {
  if (state === 'mtu') {
    const mtuBytes = Math.max(...partners.map((one) => Math.min(one.mtuBytes, end.mtuBytes)));
    return narrowest(reasons, [end, ...partners], mtuBytes) ?? reasons.between?.(end, partners, mtuBytes) ?? null;
  }
  const causeAt = (one: End): Cause | null => reasons.causeAt(one) ?? twinCause(domain, one);
  const own = causeAt(end);
  const [partner] = partners;
  return own !== null || partner === undefined || partners.length > 1 ? own : causeAt(partner);
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
