/** Reads a timeline from a file: every fault is reported, with its position. */
import type { Diagnostic } from '../../errors.ts';
import type { Origin } from '../config.ts';
import { Diagnostics, didYouMean } from '../diagnose.ts';
import { parsed } from '../entry.ts';
import { isMap } from '../extract.ts';
import { quote } from '../text/excerpt.ts';
import { nearest } from '../text/nearest.ts';
import { type Format, readSources, type Source } from '../text/source.ts';
import { FlapsSchema, StepSchema, TimelineSchema, TopSchema, UntilSchema, type WrittenStep } from './schema.ts';
import { type StepPlace, stepsOf } from './steps.ts';
import { durationOf, type Timeline, type Until } from './timeline.ts';

/** A round that is repeated takes at least this long. */
const ROUND_MIN_MS = 10;
const UNTIL_EVERY_MS = 1000;

/** `timeline` null: there are errors among the diagnostics. */
export interface ReadTimeline {
  readonly timeline: Timeline | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a text. `file` is its name in messages, and says by its end whether it is JSON; else the text does. */
export async function readTimeline(file: string, source: string): Promise<ReadTimeline> {
  const [first] = await readSources(file, source, formatOf(file, source), false);
  return timelineOf(first);
}

function formatOf(file: string, source: string): Format {
  if (/\.ya?ml$/i.test(file)) return 'yaml';
  return /\.json$/i.test(file) || /^\s*\{\s*["}]/.test(source) ? 'json' : 'yaml';
}

function timelineOf(source: Source): ReadTimeline {
  const diagnostics = new Diagnostics();
  diagnostics.addAll(source.diagnostics);
  const { value } = source;
  const timeline = diagnostics.none || isMap(value) ? checked(source, value, diagnostics) : null;
  const hasErrors = diagnostics.list.some(({ severity }) => severity === 'error');
  return { timeline: hasErrors ? null : timeline, diagnostics: diagnostics.inOrder };
}

type Item = Readonly<Record<string, unknown>>;

/** A part of the file, as it is checked. */
interface Place {
  readonly origin: Origin;
  readonly label: string;
  readonly diagnostics: Diagnostics;
}

function checked(source: Source, value: unknown, diagnostics: Diagnostics): Timeline | null {
  const place: Place = { origin: { source, path: [] }, label: 'timeline', diagnostics };
  if (!isMap(value)) {
    diagnostics.add('wrong-type', `a timeline must be a map with steps:, not ${quote(value)}`, {
      where: () => source.locate([]),
      hint: 'see docs/play.md: `steps:` is a list of what happens, and when',
    });
    return null;
  }
  const { steps: list, until: written, ...rest } = known(value, TimelineSchema.entries, place);
  const { value: top } = parsedAt(TopSchema, rest, place);
  const until = untilOf(written, below(place, 'until'));
  const steps = stepsOf(writtenSteps(list, place));
  const ends = Math.max(0, ...steps.map((step) => step.atMs + durationOf(step)));
  const lengthMs = top.length ?? Math.max(ends, until?.everyMs ?? 0);
  const timeline: Timeline = {
    ...{ name: top.name ?? null, seed: top.seed ?? 1, lengthMs, until, steps },
    rounds: top.repeat ?? (until === null ? 1 : 'forever'),
  };
  checkLength(timeline, ends, place);
  return timeline;
}

function checkLength({ rounds, lengthMs }: Timeline, endsMs: number, { origin, diagnostics }: Place): void {
  const where = (key: string) => () => origin.source.locate([...origin.path, key]);
  if (lengthMs < endsMs) {
    diagnostics.add('timeline-step', `length is ${lengthMs} ms, and the last step ends only after ${endsMs} ms`, {
      where: where('length'),
      hint: 'make it longer, or leave it out',
    });
  } else if (rounds !== 1 && lengthMs < ROUND_MIN_MS) {
    diagnostics.add('timeline-step', `a round that is repeated must take at least ${ROUND_MIN_MS} ms`, {
      where: where('repeat'),
      hint: 'give length: how long a round takes',
    });
  }
}

function writtenSteps(list: unknown, top: Place): readonly StepPlace[] {
  if (!Array.isArray(list) || list.length === 0) {
    const message = list === undefined ? 'is missing' : `must be a list of steps, not ${quote(list)}`;
    const where = list === undefined ? [] : ['steps'];
    top.diagnostics.add(list === undefined ? 'missing-key' : 'wrong-type', `timeline: steps ${message}`, {
      where: () => top.origin.source.locate(where),
      hint: 'begin each step with a dash: `- {at: 5s, links: r1:eth1, down: true}`',
    });
    return [];
  }
  return list.flatMap((item, index): StepPlace[] => {
    const place = { ...below(below(top, 'steps'), index), label: `steps[${index}]` };
    if (!isMap(item)) {
      wrongMap(place, item);
      return [];
    }
    const before = place.diagnostics.list.length;
    const { flaps, ...rest } = known(item, StepSchema.entries, place);
    const inner = isMap(flaps) ? { flaps: known(flaps, FlapsSchema.entries, below(place, 'flaps')) } : {};
    const kept = flaps === undefined || isMap(flaps) ? inner : { flaps };
    const { value } = parsedAt(StepSchema, { ...rest, ...kept }, place);
    const isFaulty = place.diagnostics.list.length > before;
    return [{ step: value as WrittenStep, place, number: index + 1, isFaulty }];
  });
}

function untilOf(written: unknown, place: Place): Until | null {
  if (written === undefined) return null;
  if (!isMap(written)) {
    wrongMap(place, written);
    return null;
  }
  const { value } = parsedAt(UntilSchema, known(written, UntilSchema.entries, place), place);
  const [program, ...args] = value.command ?? [];
  if (program === undefined) return null;
  return { command: [program, ...args], node: value.node ?? null, everyMs: value.every ?? UNTIL_EVERY_MS };
}

function below(place: Place, key: string | number): Place {
  const { source, path } = place.origin;
  return { ...place, origin: { source, path: [...path, key] }, label: `${key}` };
}

function wrongMap({ origin, label, diagnostics }: Place, value: unknown): void {
  diagnostics.add('wrong-type', `${label} must be a map, not ${quote(value)}`, {
    where: () => origin.source.locate(origin.path),
  });
}

/**
 * The item without unknown keys, which are reported; those that begin with `x-` are left out silently. A slip is read as the key that it
 * is probably for, so that this one is not reported as missing, too.
 */
function known(item: Item, entries: Item, { origin, label, diagnostics }: Place): Item {
  const keys = Object.keys(entries);
  const kept = Object.fromEntries(Object.entries(item).filter(([key]) => Object.hasOwn(entries, key)));
  for (const [key, value] of Object.entries(item)) {
    if (Object.hasOwn(entries, key) || key.startsWith('x-')) continue;
    const meant = nearest(key, keys);
    if (meant !== undefined && !Object.hasOwn(kept, meant)) kept[meant] = value;
    diagnostics.add('unknown-key', `${label}: unknown key ${quote(key)}`, {
      where: () => origin.source.locate([...origin.path, key], 'key'),
      hint: didYouMean(key, keys) ?? `known are ${keys.join(', ')}; keys of your own begin with x-`,
    });
  }
  return kept;
}

function parsedAt<S extends Parameters<typeof parsed>[0]>(schema: S, item: Item, place: Place) {
  return parsed(schema, item, { ...place, service: null, incomplete: [] });
}
