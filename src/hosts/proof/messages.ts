/**
 * `proof/` is a proof of wires between hosts: `verify` on one machine leads it, the agents of the hosts send and receive. The leader asks
 * each host for its ends, tells all of them all ends, has them send batch after batch at the same time, and judges.
 *
 * This file: what is asked and answered, by the word `probe`. It is packed, since it can be long.
 */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import * as v from 'valibot';
import { LinkloomError } from '../../errors.ts';
import { verb } from '../../verb-names.ts';

/** The word of the question. */
export const PROBE = 'probe';

/** The most that a message may unpack to: a host's ends of some 100,000 wires. */
const UNPACKED_MAX_BYTES = 50_000_000;
/** Numbers of ends have to fit into the key of a pair. */
const ENDS_MAX = 2 ** 22;
/** No frame is longer than a device can take, and none shorter than Ethernet's. */
const FRAME_BYTES = { min: 60, max: 65_549 } as const;
const WAIT_MAX_MS = 60_000;

const run = v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/));
const integers = (min: number, max: number) =>
  v.array(v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max)));

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;
const ADDRESS = /^[0-9a-f.:]{2,45}$/;

/** Each step of a proof. `run`: 8 bytes in hexadecimal, which its probes carry. All lists of a step have the same length. */
export const StepSchema = v.variant('step', [
  /** Looks at the ends of these bridges. Passes over the lab wait until the proof is over. */
  v.strictObject({ step: v.literal('look'), run, bridges: v.array(v.string()) }),
  /** All ends, by their numbers: the number at this host, or -1; MAC and address of each. Opens what receives. */
  v.strictObject({
    ...{ step: v.literal('meet'), run, own: integers(-1, ENDS_MAX), mac: v.array(v.pipe(v.string(), v.regex(MAC))) },
    address: v.array(v.nullable(v.pipe(v.string(), v.regex(ADDRESS)))),
  }),
  /** As `ProbeBatch`. The same for all hosts, but for `copies`. */
  v.strictObject({
    ...{ step: v.literal('send'), run, from: integers(0, ENDS_MAX), to: integers(-1, ENDS_MAX) },
    ...{ bytes: integers(FRAME_BYTES.min, FRAME_BYTES.max), copies: integers(0, ENDS_MAX) },
    pace: v.picklist(['together', 'singly']),
    waitMs: v.pipe(v.number(), v.minValue(0), v.maxValue(WAIT_MAX_MS)),
  }),
  /** Why frames may not pass these ends of this host. */
  v.strictObject({ step: v.literal('explain'), run, own: integers(0, ENDS_MAX) }),
  v.strictObject({ step: v.literal('close'), run }),
]);

export type Step = v.InferOutput<typeof StepSchema>;

export async function packMessage(value: unknown): Promise<Uint8Array> {
  return await promisify(gzip)(JSON.stringify(value), { level: 1 });
}

/** Throws E_USAGE where the bytes are no message. */
export async function unpackMessage(bytes: Uint8Array): Promise<unknown> {
  try {
    return JSON.parse((await promisify(gunzip)(bytes, { maxOutputLength: UNPACKED_MAX_BYTES })).toString());
  } catch (cause) {
    throw new LinkloomError('E_USAGE', `the question of ${verb('verify')} can't be read: ${(cause as Error).message}`, {
      cause,
    });
  }
}
