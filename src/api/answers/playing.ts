/** What plays a timeline and ends that: bodies of requests, and the lines of the answer. */
import * as v from 'valibot';
import { StepSchema, TopSchema } from '../../config/play/schema.ts';
import { verb } from '../../verb-names.ts';
import { DaemonsFiles, LinkPattern } from './asked.ts';
import { FailureAnswer, SCHEMA_VERSION, says } from './documents.ts';

const PlayedStep = v.strictObject({
  ...StepSchema.entries,
  links: says(
    v.union([LinkPattern, v.pipe(v.array(LinkPattern), v.minLength(1))]),
    'NODE:DEV, globs of it, bridge/NAME: all links on it',
  ),
});

export const PlayBody = v.strictObject({
  timeline: says(
    v.strictObject({
      ...TopSchema.entries,
      steps: says(v.pipe(v.array(PlayedStep), v.minLength(1)), 'what happens, and when'),
    }),
    `what a file of ${verb('play')} says, without until: who asks ends it (POST /play/end)`,
  ),
  files: DaemonsFiles,
});

export const PlayEndBody = v.strictObject({
  play: v.optional(
    says(v.pipe(v.number(), v.integer(), v.minValue(1)), 'the number of the play; the one that runs if left out'),
  ),
  reason: v.optional(
    says(
      v.picklist(['until', 'interrupted']),
      'until: what was waited for has happened; interrupted: it is not wanted any more',
    ),
    'interrupted',
  ),
});

/** The last line of a play. */
export const PlayAnswer = v.looseObject({
  schemaVersion: SCHEMA_VERSION,
  type: v.literal('end'),
  lab: v.string(),
  end: v.picklist(['finished', 'until', 'interrupted', 'failed']),
  steps: says(v.number(), 'that were carried out'),
  lastedMs: v.number(),
  restored: says(v.array(v.string()), 'links that the end has put back'),
  failures: v.array(FailureAnswer),
});

export type PlayAsked = v.InferOutput<typeof PlayBody>;
export type PlayEndAsked = v.InferOutput<typeof PlayEndBody>;
