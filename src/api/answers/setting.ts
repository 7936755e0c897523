/** What sets links by hand and takes that back: bodies of requests, and the answer. */
import * as v from 'valibot';
import { settingsFrom } from '../../lab/override/settings.ts';
import { type Amount, RATE, SHARE, TIME } from '../../net/amounts.ts';
import { verb } from '../../verb-names.ts';
import { DaemonsFiles, LinkPattern } from './asked.ts';
import { FailureAnswer, nullableText, SCHEMA_VERSION, says } from './documents.ts';

/** A link has at least 68 bytes (RFC 791), and no device of Linux more than 65,535. */
const MTU_BYTES = { least: 68, most: 65_535 } as const;
const LIMIT_MAX_PACKETS = 2 ** 32 - 1;

const whole = (least: number, most: number, description: string) =>
  v.optional(says(v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most)), description));

/** Text with a unit, or 0. */
const amount = ({ read, advice, written }: Amount, description: string) =>
  v.optional(
    v.pipe(
      v.union([v.pipe(v.string(), v.maxLength(64), v.regex(written, advice)), v.literal(0)]),
      v.description(description),
      v.transform((value) => read(String(value)) ?? 0),
    ),
  );

const SETTINGS = {
  down: v.optional(says(v.boolean(), 'set them down')),
  up: v.optional(says(v.boolean(), 'set them up')),
  mtu: whole(MTU_BYTES.least, MTU_BYTES.most, 'bytes'),
  delay: amount(TIME, '10ms, 1.5s, 200us; 0 ends it, as with all that follow'),
  jitter: amount(TIME, 'how far the delay varies: 2ms'),
  loss: amount(SHARE, 'packets that are lost: 1%'),
  duplicate: amount(SHARE, 'packets that are sent twice: 1%'),
  corrupt: amount(SHARE, 'packets in which a bit is turned: 0.1%'),
  reorder: amount(SHARE, 'packets that skip the delay: 25%'),
  rate: amount(RATE, 'limit of the rate: 10mbit'),
  limit: whole(0, LIMIT_MAX_PACKETS, 'packets that wait at most; 0 for the default of 1000'),
  both: v.optional(says(v.boolean(), 'both ways: also the other node’s end of a wire, or the port on a bridge'), false),
};

const ONE_STATE = 'down and up exclude each other';
const SOMETHING = 'nothing to set is given: down, up, mtu, delay, loss, rate…';

const Links = v.array(LinkPattern);

/** The keys of which one at least is given; `down` and `up` count where they are true. */
export const SETTING_KEYS = Object.keys(SETTINGS).filter((key) => !['down', 'up', 'both'].includes(key));

export const SetBody = v.pipe(
  v.strictObject({
    links: says(v.pipe(Links, v.minLength(1)), 'NODE:DEV, globs of it, bridge/NAME'),
    ...SETTINGS,
  }),
  v.check(({ down, up }) => !(down && up), ONE_STATE),
  v.check((given) => settingsFrom(given) !== null, SOMETHING),
);

export const SetLinkBody = v.pipe(
  v.strictObject(SETTINGS),
  v.check(({ down, up }) => !(down && up), ONE_STATE),
  v.check((given) => settingsFrom(given) !== null, SOMETHING),
);

export const ResetLinkBody = v.strictObject({});

export const ResetBody = v.strictObject({
  links: v.optional(says(Links, 'NODE:DEV, globs of it, bridge/NAME; all if left out'), []),
  files: DaemonsFiles,
});

/** What is set by hand: `wanted` is what is configured; null: that is not known. */
export const OverrideAnswer = v.looseObject({
  end: says(v.picklist(['node', 'port']), 'the device in the node, or the link’s other end'),
  setting: v.string(),
  wanted: nullableText,
  actual: v.string(),
});

export const SetAnswer = v.looseObject({
  schemaVersion: SCHEMA_VERSION,
  verb: v.picklist(['set', 'reset']),
  lab: v.string(),
  links: says(
    v.array(
      v.looseObject({
        link: v.string(),
        end: v.picklist(['node', 'port']),
        state: v.picklist(['changed', 'unchanged', 'failed']),
        changes: says(v.array(v.string()), 'for people'),
        overrides: says(v.array(OverrideAnswer), 'what is set by hand now'),
      }),
    ),
    `as ${verb('set', '--json')} prints it`,
  ),
  missing: says(v.array(v.string()), 'links that a glob or a bridge stands for, and that are not there'),
  failures: v.array(FailureAnswer),
});

export type SetAsked = v.InferOutput<typeof SetBody>;
export type SetLinkAsked = v.InferOutput<typeof SetLinkBody>;
export type ResetAsked = v.InferOutput<typeof ResetBody>;
