/**
 * Address translation: `nat` in the node's namespace, `forward` in linkloom's own. Linkloom finds its rules by their
 * comments.
 */

import { bridgeOf } from '../../kinds/links/link-kinds.ts';
import type { NsId } from '../../net/ns-id.ts';
import { ownerOf, ruleComment, ruleMarkOf } from '../../net/rule-mark.ts';
import type { Link } from '../../topology/topology.ts';
import type { NatSet, Translation } from '../../wire/ops/extras.ts';
import type { Context } from '../context.ts';
import type { NsView } from '../ns-view.ts';
import type { Planned } from './planned.ts';
import { FORWARD_NS, UPLINK_DEV } from './uplink.ts';

/** Each translation is two rules: one for packets that arrive, one for packets that leave. */
const RULES = 2;

interface Wanted {
  readonly ns: NsId;
  readonly comment: string;
  readonly translation: Translation;
  /** The translation as people are told of it. */
  readonly text: string;
}

/** The IPv4 address that a link's ports are forwarded to; null if there is none. */
export function forwardAddress(link: Link): string | null {
  return addressOf(link, 4);
}

function addressOf({ addresses }: Link, family: 4 | 6): string | null {
  const prefix = addresses.find((one) => one.includes(':') === (family === 6));
  return prefix === undefined ? null : prefix.slice(0, prefix.indexOf('/'));
}

function wantedOf(lab: string, link: Link): readonly Wanted[] {
  const wanted = new Map<string, Wanted>();
  const want = (ns: NsId, text: string, translation: Translation): void => {
    const comment = ruleComment({ lab, owner: ownerOf(link.id), text });
    // The configuration may name the same port twice.
    if (!wanted.has(comment)) wanted.set(comment, { ns, text, translation, comment });
  };
  const { nat } = link.spec;
  const bridge = bridgeOf(link.spec);
  const from = nat === null ? null : addressOf(link, nat.includes(':') ? 6 : 4);
  if (nat !== null && from !== null) {
    want(link.node.ns, `nat ${nat} ${from}`, { kind: 'nat', dev: link.dev, to: nat, from });
  }
  const to = forwardAddress(link);
  if (to === null || bridge === null) return [...wanted.values()];
  for (const { outerPort, innerPort, protocol } of link.forwards) {
    const text = `forward ${outerPort}:${to}:${innerPort}/${protocol} ${encodeURIComponent(bridge)}`;
    want(FORWARD_NS, text, { kind: 'forward', uplink: UPLINK_DEV, bridge, protocol, outerPort, to, innerPort });
  }
  return [...wanted.values()];
}

export function planTranslations(context: Context, { link, differs }: Planned): void {
  const isPlain = link.spec.nat === null && link.spec.forwards.length === 0;
  if (isPlain && !hasRules(context, link.node.ns) && !hasRules(context, FORWARD_NS)) return;
  const wanted = wantedOf(context.lab, link);
  for (const ns of new Set([link.node.ns, FORWARD_NS])) {
    const here = wanted.filter((one) => one.ns === ns);
    const seen = context.observed.namespaces.get(ns)?.translations;
    const missing = here.filter(({ comment }) => seen?.get(comment) !== RULES);
    const comments = new Set(here.map(({ comment }) => comment));
    const outdated = ofOwners(seen, new Set([ownerOf(link.id)])).filter((comment) => !comments.has(comment));
    if (missing.length === 0 && outdated.length === 0) continue;
    const cause = causeOf(missing, outdated);
    differs(cause);
    context.draft.ops.push(natSet(context.lab, ns, link.id, cause, missing, outdated));
  }
}

function hasRules({ observed }: Context, ns: NsId): boolean {
  return (observed.namespaces.get(ns)?.translations.size ?? 0) > 0;
}

function causeOf(missing: readonly Wanted[], outdated: readonly string[]): string {
  return [
    ...missing.map(({ text }) => `${text} missing`),
    ...outdated.map((comment) => `${ruleMarkOf(comment)?.text} not in the configuration`),
  ].join(', ');
}

/** Plans the removal of rules that serve no link of the network, in those observed namespaces that stay. */
export function pruneTranslations(context: Context): void {
  let owners: ReadonlySet<string> | null = null;
  const isWanted = (comment: string): boolean => {
    owners ??= new Set(context.network.links.map((link) => ownerOf(link.id)));
    return owners.has(ruleMarkOf(comment)?.owner ?? '');
  };
  const going = new Set<NsId>(context.draft.ops.flatMap((op) => (op.op === 'netns.del' && !op.shared ? [op.ns] : [])));
  for (const [ns, { translations }] of context.observed.namespaces) {
    if (going.has(ns)) continue;
    const strays = [...translations.keys()].filter((comment) => !isWanted(comment));
    const cause = 'not in the configuration';
    if (strays.length > 0) context.draft.ops.push(natSet(context.lab, ns, null, cause, [], strays));
  }
}

/** The op that removes the forwarded ports of links that are gone. null: there are none. */
export function forgetForwards(lab: string, links: readonly Link[], own: NsView | undefined): NatSet | null {
  const comments = ofOwners(own?.translations, new Set(links.map((link) => ownerOf(link.id))));
  return comments.length === 0 ? null : natSet(lab, FORWARD_NS, null, 'its node has ended', [], comments);
}

function ofOwners(translations: NsView['translations'] | undefined, owners: ReadonlySet<string>): readonly string[] {
  if (translations === undefined || translations.size === 0) return [];
  const byOwner = commentsByOwner(translations);
  return [...owners].flatMap((owner) => byOwner.get(owner) ?? []);
}

/** The comments of each namespace's rules, by the link that they serve. A cache, since a node can have many links. */
const known = new WeakMap<NsView['translations'], Map<string, string[]>>();

function commentsByOwner(translations: NsView['translations']): ReadonlyMap<string, readonly string[]> {
  const sorted = known.get(translations);
  if (sorted) return sorted;
  const byOwner = new Map<string, string[]>();
  known.set(translations, byOwner);
  for (const comment of translations.keys()) {
    const owner = ruleMarkOf(comment)?.owner ?? '';
    const comments = byOwner.get(owner);
    if (comments) comments.push(comment);
    else byOwner.set(owner, [comment]);
  }
  return byOwner;
}

/** The op that adds and removes rules. `down` uses it to remove all of them. */
export function natSet(
  lab: string,
  ns: NsId,
  link: string | null,
  cause: string,
  add: readonly Pick<Wanted, 'comment' | 'translation'>[],
  del: readonly string[],
): NatSet {
  const rules = add.map(({ comment, translation }) => ({ comment, translation }));
  return { op: 'nat.set', ns, link, cause, lab, add: rules, del };
}
