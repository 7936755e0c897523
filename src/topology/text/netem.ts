/**
 * Parses the options of tc-netem(8) into a Netem by tc's own rules. Keywords may be shortened. A time without a unit is
 * in microseconds (in `slot`, nanoseconds). A percentage needs no sign. If an option is given twice, the last one
 * counts.
 */
import { DISTRIBUTIONS } from '../../net/netem-qdisc.ts';
import { decimal, parsePercent, parseRateBits, parseSizeBytes, parseTimeNs } from '../../net/units.ts';
import type { Netem } from '../values.ts';
import { type Fault, Faults, fail } from './fault.ts';
import { Words } from './words.ts';

const UINT32_MAX = 2 ** 32 - 1;

type Draft = { -readonly [K in keyof Netem]: Netem[K] };
type Reader = (draft: Draft, words: Words) => void;

/** A Netem without any impairment. */
export const NO_NETEM: Netem = {
  ...{ delayUs: null, jitterUs: null, delayCorrelation: null, distribution: null, limitPackets: null },
  ...{ loss: null, lossCorrelation: null, lossState: null, lossGemodel: null, ecn: false },
  ...{ duplicate: null, duplicateCorrelation: null, corrupt: null, corruptCorrelation: null },
  ...{ reorder: null, reorderCorrelation: null, gap: null },
  ...{ rateBitsPerSec: null, ratePacketOverheadBytes: null, rateCellSizeBytes: null, rateCellOverheadBytes: null },
  ...{ slot: null, seed: null },
};

/** The options in tc's order, which decides what a shortened keyword means (`l` is limit, `d` is delay). */
const READERS: readonly (readonly [string, Reader])[] = [
  ['limit', readLimit],
  ['latency', readDelay],
  ['delay', readDelay],
  ['loss', readLoss],
  ['drop', readLoss],
  ['ecn', (draft) => set(draft, { ecn: true })],
  ['reorder', readReorder],
  ['corrupt', readCorrupt],
  ['gap', (draft, words) => set(draft, { gap: readCount('gap', words.value('gap')) })],
  ['duplicate', readDuplicate],
  ['distribution', (draft, words) => set(draft, { distribution: readDistribution(words) })],
  ['rate', readRate],
  ['slot', readSlot],
  ['seed', readSeed],
];

/** Parses the words that may follow `tc qdisc add dev DEV root netem`. An empty text gives NO_NETEM. */
export function parseNetem(text: string): Netem | Fault {
  const faults = new Faults();
  const words = new Words(text);
  const draft: Draft = { ...NO_NETEM };
  const failed = new Set<NetemPart>();
  for (let word = words.next(); word !== undefined; word = words.next()) {
    const option = optionOf(word);
    const at = words.at - 1;
    const isRead = faults.attempt(() => {
      if (option === undefined) {
        fail(`"${word}" is not an option of netem here`, `options: ${READERS.map(([name]) => name).join(', ')}`);
      }
      option[1](draft, words);
      return true;
    }, at);
    if (isRead) continue;
    if (option !== undefined) failed.add(partOf(option[0]));
    words.skipUntil((next) => READERS.some(([name]) => name === next));
  }
  checkWhole(draft, failed, faults);
  return faults.or(() => draft);
}

function optionOf(word: string): (typeof READERS)[number] | undefined {
  return READERS.find(([name]) => name.startsWith(word));
}

/** `checkWhole`'s names for the options. Two options have two names in tc. */
export type NetemPart = 'delay' | 'loss' | 'reorder' | 'corrupt' | 'duplicate' | 'rate' | 'other';

function partOf(name: string): NetemPart {
  if (name === 'delay' || name === 'latency') return 'delay';
  if (name === 'loss' || name === 'drop') return 'loss';
  return name === 'reorder' ? 'reorder' : 'other';
}

function set(draft: Draft, fields: Partial<Netem>): void {
  Object.assign(draft, fields);
}

function readTime(keyword: string, word: string, bareUnit: 'us' | 'ns' = 'us'): number {
  const timeNs = parseTimeNs(word, bareUnit);
  if (timeNs === null) fail(`"${keyword} ${word}": "${word}" is not a time`, 'write 10ms, 1.5s, 200us or the like');
  return timeNs / 1000;
}

function readPercent(keyword: string, word: string): number {
  const probability = parsePercent(word);
  if (probability === null)
    fail(`"${keyword} ${word}": "${word}" is not a percentage`, 'write 0.5% or the like, up to 100%');
  return probability;
}

/** Reads a percentage and the correlation that may follow it. */
function readPair(keyword: string, words: Words): readonly [number, number | null] {
  const probability = readPercent(keyword, words.value(keyword));
  const correlation = words.nextNumber();
  return [probability, correlation === undefined ? null : readPercent(keyword, correlation)];
}

function readCount(keyword: string, word: string): number {
  if (!/^[0-9]{1,10}$/.test(word) || Number(word) > UINT32_MAX) {
    fail(`"${keyword} ${word}": "${word}" is not a whole number from 0 to ${UINT32_MAX}`);
  }
  return Number(word);
}

function readSize(keyword: string, word: string): number {
  const bytes = parseSizeBytes(word);
  if (bytes === null || bytes > UINT32_MAX)
    fail(`"${keyword} ${word}": "${word}" is not a size`, 'write 1500, 64k or the like');
  return bytes;
}

/** Reads the limit as tc does, as a size: `1k` is 1,024 packets. */
function readLimit(draft: Draft, words: Words): void {
  draft.limitPackets = readSize('limit', words.value('limit'));
}

function readDelay(draft: Draft, words: Words): void {
  draft.delayUs = readTime('delay', words.value('delay'));
  const jitter = words.nextNumber();
  if (jitter === undefined) return;
  draft.jitterUs = readTime('delay', jitter);
  const correlation = words.nextNumber();
  if (correlation !== undefined) draft.delayCorrelation = readPercent('delay', correlation);
}

function readLoss(draft: Draft, words: Words): void {
  if (draft.loss !== null || draft.lossState !== null || draft.lossGemodel !== null) {
    fail('"loss" is given twice', 'netem has one loss model: random, state or gemodel');
  }
  const model = words.peek;
  if (model === 'state') readLossState(draft, words);
  else if (model === 'gemodel') readLossGemodel(draft, words);
  else {
    if (model === 'random') words.next();
    [draft.loss, draft.lossCorrelation] = readPair('loss', words);
  }
}

/** Reads up to `most` percentages. The first one is required. */
function readPercents(keyword: string, words: Words, most: number): readonly [number, ...number[]] {
  words.next();
  const percents: [number, ...number[]] = [readPercent(keyword, words.value(keyword))];
  while (percents.length < most) {
    const word = words.nextNumber();
    if (word === undefined) break;
    percents.push(readPercent(keyword, word));
  }
  return percents;
}

/** Reads p13, p31, p32, p23 and p14. Their defaults are: 1 − p13 for p31, 0 for p32, 1 for p23, 0 for p14. */
function readLossState(draft: Draft, words: Words): void {
  const [p13, p31 = decimal(1 - p13), p32 = 0, p23 = 1, p14 = 0] = readPercents('loss state', words, 5);
  draft.lossState = [p13, p31, p32, p23, p14];
}

/** Reads p, r, 1−h and 1−k. Their defaults are: 1 − p for r, 1 for 1−h, 0 for 1−k. */
function readLossGemodel(draft: Draft, words: Words): void {
  const [p, r = decimal(1 - p), lossInBad = 1, lossInGood = 0] = readPercents('loss gemodel', words, 4);
  draft.lossGemodel = [p, r, lossInBad, lossInGood];
}

function readReorder(draft: Draft, words: Words): void {
  [draft.reorder, draft.reorderCorrelation] = readPair('reorder', words);
}

function readCorrupt(draft: Draft, words: Words): void {
  [draft.corrupt, draft.corruptCorrelation] = readPair('corrupt', words);
}

function readDuplicate(draft: Draft, words: Words): void {
  [draft.duplicate, draft.duplicateCorrelation] = readPair('duplicate', words);
}

function readDistribution(words: Words): string {
  const name = words.value('distribution');
  // A file of the user's own would have to be found and sent as well, which linkloom does not do.
  if (!DISTRIBUTIONS.includes(name)) {
    fail(`"distribution ${name}" is not supported`, `distributions: ${DISTRIBUTIONS.join(', ')}`);
  }
  return name;
}

function readRate(draft: Draft, words: Words): void {
  const word = words.value('rate');
  const rate = parseRateBits(word);
  if (rate === null) fail(`"rate ${word}": "${word}" is not a rate`, 'write 100mbit, 512kbit or the like');
  // The kernel counts bytes. A rate below one byte a second would become no limit at all.
  if (rate < 8) fail(`"rate ${word}" is less than a byte per second`, 'leave it out for no limit');
  draft.rateBitsPerSec = rate;
  const overhead = words.nextNumber(true);
  if (overhead === undefined) return;
  draft.ratePacketOverheadBytes = readSigned('rate', overhead);
  const cellSize = words.nextNumber();
  if (cellSize === undefined) return;
  draft.rateCellSizeBytes = readCount('rate', cellSize);
  const cellOverhead = words.nextNumber(true);
  if (cellOverhead !== undefined) draft.rateCellOverheadBytes = readSigned('rate', cellOverhead);
}

function readSigned(keyword: string, word: string): number {
  const value = /^-?[0-9]{1,10}$/.test(word) ? Number(word) : Number.NaN;
  if (!(Math.abs(value) < 2 ** 31)) fail(`"${keyword} … ${word}": "${word}" is not a whole number of 32 bits`);
  return value;
}

function readSlot(draft: Draft, words: Words): void {
  const slot = words.peek?.startsWith('dist') ? readSlotDistribution(words) : readSlotDelays(words);
  let { packets, bytes } = slot;
  for (let word = words.peek; word === 'packets' || word === 'bytes'; word = words.peek) {
    words.next();
    if (word === 'packets') packets = readCount('packets', words.value('packets'));
    else bytes = readSize('bytes', words.value('bytes'));
  }
  draft.slot = { ...slot, packets, bytes };
}

function readSlotDelays(words: Words): NonNullable<Netem['slot']> {
  const minUs = readTime('slot', words.value('slot'), 'ns');
  const most = words.nextNumber();
  const maxUs = most === undefined ? minUs : readTime('slot', most, 'ns');
  if (maxUs < minUs) fail('the greatest delay of "slot" is less than its least', 'write "slot MIN MAX"');
  return { minUs, maxUs, distribution: null, delayUs: null, jitterUs: null, packets: null, bytes: null };
}

function readSlotDistribution(words: Words): NonNullable<Netem['slot']> {
  words.next();
  const distribution = readDistribution(words);
  const delayUs = readTime('slot distribution', words.value('slot distribution'), 'ns');
  const jitterUs = readTime('slot distribution', words.value('slot distribution'), 'ns');
  return { minUs: 0, maxUs: 0, distribution, delayUs, jitterUs, packets: null, bytes: null };
}

function readSeed(draft: Draft, words: Words): void {
  const word = words.value('seed');
  if (!/^[0-9]{1,20}$/.test(word) || BigInt(word) >> 64n !== 0n) {
    fail(`"seed ${word}": "${word}" is not a whole number of 64 bits`);
  }
  draft.seed = String(BigInt(word));
}

/** Checks the combination of options, as tc does. Checks that depend on an option that could not be read are left out. */
export function checkWhole(netem: Netem, failed: ReadonlySet<NetemPart>, faults: Faults): void {
  const { delayUs, jitterUs, reorder, gap, distribution, ecn } = netem;
  const hasLoss = netem.loss !== null || netem.lossState !== null || netem.lossGemodel !== null;
  const refuse = (isWrong: boolean, needs: NetemPart, message: string, hint: string): void => {
    if (isWrong && !failed.has(needs)) faults.attempt(() => fail(message, hint));
  };
  const delayed = 'add "delay 10ms" or the like: reordered packets skip it';
  refuse(Boolean(reorder) && !delayUs, 'delay', '"reorder" needs a delay', delayed);
  refuse(Boolean(gap) && !reorder, 'reorder', '"gap" needs a reorder probability', 'write "reorder 25% gap 5"');
  const jittered = 'write "delay 10ms 2ms distribution normal"';
  const isSteady = distribution !== null && !(delayUs && jitterUs);
  refuse(isSteady, 'delay', '"distribution" needs a delay and a jitter', jittered);
  const lossy = 'add "loss 1%" or the like: ecn marks the packets that it picks';
  refuse(ecn && !hasLoss, 'loss', '"ecn" needs a loss model', lossy);
}
