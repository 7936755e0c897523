/** The schema of a timeline. A message says what a value must be, and follows the name of its key ("at must be …"). */
import * as v from 'valibot';
import { type Amount, RATE, SHARE, TIME } from '../../net/amounts.ts';
import { readDuration } from '../nodes/values.ts';
import { described, MTU_BYTES, oneOrMore, text } from '../schema.ts';

/** More steps in a ramp, or more flaps, are a mistake. */
export const MAX_MOMENTS = 100_000;
const MAX_ROUNDS = 1_000_000_000;
/** The kernel keeps the limit of netem in 32 bits. */
const MAX_LIMIT = 2 ** 32 - 1;

const TIME_MESSAGE = 'must be a time with its unit: 500ms, 5s, 1m30s';

/** How a time is written: whole milliseconds, less than a year. `readDuration` takes all that it matches, without the `+`. */
const TIME_TEXT = pattern('', '|0');
/** The same, but at least 1 ms. */
const SPAN_TEXT = pattern('(?=.*[1-9])', '');

function pattern(condition: string, more: string): RegExp {
  const fraction = String.raw`(?:\.[0-9]{1,3})?`;
  const parts = `(?:[0-9]{1,3}${fraction}h)?(?:[0-9]{1,5}${fraction}m)?(?:[0-9]{1,7}${fraction}s)?(?:[0-9]{1,10}ms)?`;
  return new RegExp(String.raw`^\+?${condition}(?:(?=[0-9])${parts}${more})$`);
}

/** Milliseconds; a `+` before them says the same. */
const time = v.pipe(
  v.union([v.pipe(v.string(TIME_MESSAGE), v.regex(TIME_TEXT, TIME_MESSAGE)), v.literal(0)], TIME_MESSAGE),
  v.transform((value) => readTime(String(value))),
);

function readTime(text: string): number {
  const written = text.replace(/^\+/, '');
  const read = readDuration(written);
  return 'value' in read ? read.value : 0;
}

const spanMessage = ({ input }: { readonly input: unknown }): string =>
  input === 0 || (typeof input === 'string' && TIME_TEXT.test(input)) ? 'must be at least 1ms' : TIME_MESSAGE;

const span = v.pipe(v.string(spanMessage), v.regex(SPAN_TEXT, spanMessage), v.transform(readTime));

function whole(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(min, message), v.maxValue(max, message));
}

/** One value, or a way from one to another. */
function orRamp<T extends v.GenericSchema<unknown, number>>(value: T, message: string) {
  return v.union([value, v.strictObject({ from: value, to: value })], `${message}; or {from: …, to: …} with \`over\``);
}

function amount({ read, advice, written }: Amount, description: string) {
  const message = `must ${advice.replace(/^It must /, '').replace(/\.$/, '')}`;
  const value = v.pipe(
    v.union([v.pipe(v.string(message), v.regex(written, message)), v.literal(0)], message),
    v.transform((value) => read(String(value)) ?? 0),
  );
  return described(orRamp(value, message), description);
}

function number(min: number, max: number, description: string) {
  return described(orRamp(whole(min, max), `must be a whole number from ${min} to ${max}`), description);
}

const yes = v.literal(true, 'must be true');

/** The amounts that a step can set, by their keys. */
export const AMOUNTS = {
  delay: amount(TIME, 'delay of each packet: 10ms; 0 ends it, as with all that follow'),
  jitter: amount(TIME, 'how far the delay varies: 2ms'),
  loss: amount(SHARE, 'packets that are lost: 1%'),
  duplicate: amount(SHARE, 'packets that are sent twice: 1%'),
  corrupt: amount(SHARE, 'packets in which a bit is turned: 0.1%'),
  reorder: amount(SHARE, 'packets that skip the delay: 25%'),
  rate: amount(RATE, 'limit of the rate: 10mbit'),
  limit: number(0, MAX_LIMIT, 'packets that wait at most; 0 for the default of 1000'),
  mtu: number(MTU_BYTES.min, MTU_BYTES.max, 'bytes'),
};

export const FlapsSchema = v.strictObject({
  count: v.pipe(whole(1, MAX_MOMENTS), v.description('how many times a link goes down, all links together')),
  down: v.pipe(
    v.union(
      [span, v.strictObject({ from: span, to: span })],
      'must be a time with its unit: 200ms; or {from: 100ms, to: 2s}',
    ),
    v.description('how long it stays down; {from, to}: a time between the two, at random'),
  ),
  over: v.pipe(span, v.description('the time in which all of them happen')),
});

export const StepSchema = v.strictObject({
  name: described(text(), 'what the step is called in the log'),
  at: described(time, 'when, from the beginning of the round: 5s, +1m30s'),
  after: described(time, 'when, from the end of the step before'),
  links: v.pipe(
    oneOrMore(text('a link'), 'a link: NODE:DEV, a glob of it, bridge/NAME'),
    v.check((links) => links.length > 0, 'must not be empty'),
    v.description('NODE:DEV, globs of it (leaf*:eth1), bridge/NAME: all links on it'),
  ),
  both: described(v.boolean('must be true or false'), 'both ways: also the other end of each link'),
  down: described(yes, 'set them down'),
  up: described(yes, 'set them up'),
  ...AMOUNTS,
  over: described(span, 'how long it takes from `from` to `to`'),
  every: described(span, 'time between two values on the way; a twentieth of `over` unless given'),
  flaps: described(FlapsSchema, 'links go down and come back, at random'),
  reset: described(yes, 'as configured, both ways'),
});

export const UntilSchema = v.strictObject({
  command: v.pipe(
    v.array(text(), 'must be a list: the program and its arguments'),
    v.minLength(1, 'must not be empty'),
    v.description('the program and its arguments; it succeeds when its exit status is 0'),
  ),
  node: described(text('the name of a node'), 'where it runs; on the host unless given'),
  every: described(span, 'time between two tries; 1s unless given'),
});

const ROUNDS_MESSAGE = `must be a whole number from 1 to ${MAX_ROUNDS}, or the word forever`;

/** What is said of the whole timeline. */
export const TopSchema = v.strictObject({
  name: described(text(), 'what the timeline is called'),
  seed: described(whole(0, MAX_LIMIT), 'of what happens at random; 1 unless given'),
  repeat: described(
    v.union([whole(1, MAX_ROUNDS), v.literal('forever')], ROUNDS_MESSAGE),
    'how many rounds; 1 unless given, or forever if there is `until`',
  ),
  length: described(
    span,
    'how long a round takes; until its last step has ended, and until `until` is tried again, unless given',
  ),
});

export const TimelineSchema = v.strictObject({
  ...TopSchema.entries,
  until: described(UntilSchema, 'the play ends when this command succeeds'),
  steps: v.pipe(v.array(StepSchema), v.minLength(1, 'must not be empty'), v.description('what happens, and when')),
});

export type WrittenStep = v.InferOutput<typeof StepSchema>;
