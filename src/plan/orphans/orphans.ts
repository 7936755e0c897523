/**
 * `orphans/` handles a lab that several lists of files describe. The mark on `lo` of the lab's first switch namespace
 * notes in its word `files=…` which list made the lab. What another list made, and the current list does not describe,
 * is an orphan: it is reported and stays.
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

/**
 * The word's key. Once several lists have made a lab, the word has the value MIXED; then nothing is removed unless
 * `pruneOrphans` asks for it.
 */
const WORD = 'files';
const MIXED = 'mixed';

/** The index of `lo` in every network namespace (net/core/dev.c). */
const LOOPBACK_INDEX = 1;

/** What the plan removes, and what it leaves because other files made it. */
export interface Removals {
  /** `NODE:DEV`. */
  readonly removed: readonly string[];
  /** `NODE:DEV`, `bridge NAME`, `tunnel NAME`, `netns NAME`. */
  readonly orphans: readonly string[];
}

/**
 * The mark for a namespace that the plan makes. The mark of the first switch namespace notes which files made the lab.
 */
export function withFiles(context: Context, ns: NsId, alias: string): string {
  const { files } = context;
  return files === null || ns !== shardName(context.lab, 0) ? alias : withWord(alias, WORD, files);
}

/**
 * Plans the removal of what nothing wants, and brings the noted list of files up to date. If another list of files made
 * the lab, nothing is removed unless `pruneOrphans` is set. Valid only if the network is the whole lab and all of it
 * was observed.
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

/** The hash of the list of files that made the lab. null: no hash is noted, or the namespace does not exist. */
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

/**
 * Names of what an op would have removed, for people. Ports, rows and rules are removed with their link, and are not
 * named.
 */
function subjectOf(context: Context, op: Op): readonly string[] {
  if (op.op === 'netns.del') return [`netns ${netnsNameOf(op.ns)}`];
  if (op.op === 'ovs.del' && op.what === 'bridge') return [`bridge ${op.dev}`];
  if (op.op !== 'link.del' || isMade(op.ifindex)) return [];
  const mark = markOf(context.observed.namespaces.get(op.ns)?.byIndex.get(op.ifindex)?.alias ?? '');
  if (mark?.node === BRIDGE_NODE) return [`bridge ${mark.dev}`];
  if (mark?.node === TUNNEL_NODE) return [`tunnel ${mark.dev}`];
  // A device that has no mark of a link here is an end whose mark is on its other end.
  return mark !== null && isOfLink(mark) ? [`${mark.node}:${mark.dev}`] : [];
}

/** The most orphans that are reported one by one. */
const ORPHANS_TOLD = 20;

/** A warning for each orphan, up to ORPHANS_TOLD, then one with the number of the rest. */
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
