/**
 * `orphans/`: a lab that several lists of files describe. Which list made it is told by a word of the mark on `lo` of its first
 * switch namespace, `files=…`; what another list made, and this one does not describe, is an orphan: told and kept.
 */

import { type Diagnostic, diagnosticOf } from '../../errors.ts';
import { BRIDGE_NODE, isOfLink, markOf, TUNNEL_NODE, withWord, wordOf } from '../../net/mark.ts';
import { type NsId, netnsNameOf } from '../../net/ns-id.ts';
import { isMade } from '../../wire/device-ref.ts';
import type { Op } from '../../wire/op.ts';
import { type Context, remark } from '../context.ts';
import { pruneExtras } from '../extras/extras.ts';
import { planPrune } from '../prune.ts';
import { shardName } from '../switch/placement.ts';

/** The key of the word, and its value once several lists have made a lab: then nothing is removed unless that is asked for. */
const WORD = 'files';
const MIXED = 'mixed';

/** In every network namespace (net/core/dev.c). */
const LOOPBACK_INDEX = 1;

/** What goes, and what stays since other files made it. */
export interface Removals {
  /** `NODE:DEV`. */
  readonly removed: readonly string[];
  /** `NODE:DEV`, `bridge NAME`, `tunnel NAME`, `netns NAME`. */
  readonly orphans: readonly string[];
}

/** The mark with which a namespace is made: that of the first switch namespace says whose files made it. */
export function withFiles(context: Context, ns: NsId, alias: string): string {
  const { files } = context;
  return files === null || ns !== shardName(context.lab, 0) ? alias : withWord(alias, WORD, files);
}

/**
 * Plan the removal of what nothing wants. Where another list of files made the lab that is planned only if `pruneOrphans`; else
 * nothing goes. The mark is brought up to date. Only with the whole network and all of the lab observed.
 */
export function planRemovals(context: Context, pruneOrphans: boolean): Removals {
  const made = filesThatMade(context);
  if (made === null || made === context.files || context.filesBefore.includes(made) || pruneOrphans) {
    note(context, context.files);
    return { removed: prune(context), orphans: [] };
  }
  const { ops, kept, deleted, deletedRows } = context.draft;
  const from = ops.length;
  const before = [kept, deleted, deletedRows].map((set) => ({ set, values: [...set] }));
  const removed = prune(context);
  const withdrawn = ops.splice(from);
  for (const { set, values } of before) {
    set.clear();
    for (const value of values) set.add(value);
  }
  if (withdrawn.length > 0) note(context, MIXED);
  else if (made !== MIXED) note(context, context.files);
  const orphans = new Set([...removed, ...withdrawn.flatMap((op) => subjectOf(context, op))]);
  return { removed: [], orphans: [...orphans] };
}

function prune(context: Context): readonly string[] {
  const removed = planPrune(context);
  pruneExtras(context);
  return removed;
}

/** null: it does not say, or there is no such namespace. */
function filesThatMade(context: Context): string | null {
  return context.files === null ? null : wordOf(markedLo(context)?.alias ?? '', WORD);
}

function markedLo({ observed, lab }: Context) {
  const lo = observed.namespaces.get(shardName(lab, 0))?.byIndex.get(LOOPBACK_INDEX);
  return lo !== undefined && markOf(lo.alias)?.lab === lab ? lo : undefined;
}

function note(context: Context, files: string | null): void {
  const lo = markedLo(context);
  if (files === null || lo === undefined || wordOf(lo.alias, WORD) === files) return;
  const cause = files === MIXED ? 'several lists of files make this lab' : 'another list of files makes this lab now';
  remark(context, { ns: shardName(context.lab, 0), link: lo }, withWord(lo.alias, WORD, files), cause);
}

/** What an op would have removed, for people; ports, rows and rules go with their link. */
function subjectOf(context: Context, op: Op): readonly string[] {
  if (op.op === 'netns.del') return [`netns ${netnsNameOf(op.ns)}`];
  if (op.op === 'ovs.del' && op.what === 'bridge') return [`bridge ${op.dev}`];
  if (op.op !== 'link.del' || isMade(op.ifindex)) return [];
  const mark = markOf(context.observed.namespaces.get(op.ns)?.byIndex.get(op.ifindex)?.alias ?? '');
  if (mark?.node === BRIDGE_NODE) return [`bridge ${mark.dev}`];
  if (mark?.node === TUNNEL_NODE) return [`tunnel ${mark.dev}`];
  // The other end has the mark.
  return mark !== null && isOfLink(mark) ? [`${mark.node}:${mark.dev}`] : [];
}

/** Most orphans that are told one by one. */
const ORPHANS_TOLD = 20;

/** A warning for each orphan; of very many, how many more there are. */
export function orphanWarnings(lab: string, orphans: readonly string[]): readonly Diagnostic[] {
  const hint = '--prune removes what these files do not describe; or name all files of the lab at once';
  const told = orphans
    .slice(0, ORPHANS_TOLD)
    .map((orphan) =>
      diagnosticOf('orphan', `${orphan} of lab ${lab} is not in these files; others made it, so it stays`),
    );
  const more = orphans.length - told.length;
  const rest: readonly Diagnostic[] =
    more > 0 ? [diagnosticOf('orphan', `${more} more of lab ${lab} are not in these files, and stay`)] : [];
  return [...told, ...rest].map((warning, at, all) => (at === all.length - 1 ? { ...warning, hint } : warning));
}
