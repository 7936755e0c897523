/** `answers/` is what the API takes and gives, in valibot: what is checked, the types, and what OpenAPI says come from it. */
import * as v from 'valibot';

/** Whatever a document has beside what is named here may grow. */
export const SCHEMA_VERSION = v.pipe(v.literal(1), v.description('1; grows when a field changes its meaning'));

export const nullableText = v.nullable(v.string());

/** A description as OpenAPI shows it. */
export const says = <T extends v.GenericSchema>(schema: T, description: string) =>
  v.pipe(schema, v.description(description));

export const ErrorAnswer = v.looseObject({
  schemaVersion: SCHEMA_VERSION,
  error: v.looseObject({
    code: says(v.string(), 'kind of failure, as E_CONFIG'),
    summary: v.string(),
    message: v.string(),
    where: says(nullableText, 'file:line:column, or NODE:DEV'),
    hint: says(nullableText, 'what to do'),
    diagnostics: says(v.array(v.looseObject({})), 'faults of the configuration, each with its place'),
  }),
});

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const LinkCountsAnswer = v.looseObject({
  desired: count,
  created: count,
  changed: count,
  unchanged: count,
  removed: count,
  failed: count,
  pending: count,
});

export const FailureAnswer = v.looseObject({
  link: v.string(),
  code: v.string(),
  message: v.string(),
  hint: nullableText,
});

export const RestartAnswer = v.looseObject({
  schemaVersion: SCHEMA_VERSION,
  verb: v.literal('restart'),
  lab: v.string(),
  nodes: says(v.array(v.string()), 'that were restarted'),
  failures: v.array(FailureAnswer),
});

export const SummaryAnswer = v.looseObject({
  schemaVersion: SCHEMA_VERSION,
  verb: v.string(),
  lab: v.string(),
  links: LinkCountsAnswer,
  orphans: says(v.array(v.string()), 'links that other files made, which therefore stay'),
  timings: v.record(v.string(), v.number()),
  failures: v.array(FailureAnswer),
  pending: v.array(v.looseObject({ node: v.string(), links: v.array(v.string()), why: v.string() })),
});
