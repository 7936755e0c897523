/** Writes and reads the token bucket filter (tc-tbf(8); linux/pkt_sched.h, `TCA_TBF_*`). */
import type { QdiscTbf } from '../../src/wire/ops/traffic.ts';
import { eachAttribute } from '../netlink/attributes.ts';
import { NLA_HDRLEN } from '../netlink/constants.ts';
import type { MessageBatch } from '../netlink/message.ts';
import * as tc from '../netlink/tc-constants.ts';
import { TICK_NS, UINT32_MAX } from './netem.ts';

/** struct tc_tbf_qopt: two of struct tc_ratespec (12 bytes each), and three words. */
const QOPT_BYTES = 36;
const LINKLAYER = 1;
const RATE = 8;
const LIMIT = 24;
const BUFFER = 28;

/** What the kernel reports of a tbf. */
export interface TbfDump {
  readonly rateBitsPerSec: number;
  readonly burstBytes: number;
}

/** What a tbf is set to. */
export type TbfSettings = Pick<QdiscTbf, 'rateBitsPerSec' | 'burstBytes' | 'limitBytes'>;

/**
 * Writes TCA_OPTIONS of a tbf. The bucket's size is given in bytes (`TCA_TBF_BURST`), and no rate table is sent, as the link layer is
 * named.
 */
export function tbfOptions(batch: MessageBatch, { rateBitsPerSec, burstBytes, limitBytes }: TbfSettings): void {
  const bytesPerSec = Math.floor(rateBitsPerSec / 8);
  const options = batch.nest(tc.TCA_OPTIONS);
  const parms = Buffer.alloc(QOPT_BYTES);
  parms.writeUInt8(tc.TC_LINKLAYER_ETHERNET, LINKLAYER);
  parms.writeUInt32LE(Math.min(bytesPerSec, UINT32_MAX), RATE);
  parms.writeUInt32LE(Math.min(limitBytes, UINT32_MAX), LIMIT);
  batch.attrBytes(tc.TCA_TBF_PARMS, parms);
  batch.attrU32(tc.TCA_TBF_BURST, burstBytes);
  if (bytesPerSec > UINT32_MAX) {
    const wide = Buffer.alloc(8);
    wide.writeBigUInt64LE(BigInt(bytesPerSec));
    batch.attrBytes(tc.TCA_TBF_RATE64, wide);
  }
  batch.nestEnd(options);
}

/** Reads TCA_OPTIONS of a tbf from `start` (after the attribute's header) to `end`; null if it is too short. */
export function readTbf(bytes: Buffer, start: number, end: number): TbfDump | null {
  let bytesPerSec = 0;
  let bufferTicks = 0;
  let wide = 0;
  eachAttribute(bytes, start, end, (type, at, length) => {
    if (type === tc.TCA_TBF_PARMS && length >= NLA_HDRLEN + QOPT_BYTES) {
      bytesPerSec = bytes.readUInt32LE(at + NLA_HDRLEN + RATE);
      bufferTicks = bytes.readUInt32LE(at + NLA_HDRLEN + BUFFER);
    }
    if (type === tc.TCA_TBF_RATE64 && length >= NLA_HDRLEN + 8) wide = Number(bytes.readBigUInt64LE(at + NLA_HDRLEN));
  });
  const rate = wide > 0 ? wide : bytesPerSec;
  if (rate === 0) return null;
  // The kernel reports the bucket as the time that its bytes take.
  return { rateBitsPerSec: rate * 8, burstBytes: Math.round((bufferTicks * TICK_NS * rate) / 1e9) };
}
