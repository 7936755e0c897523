import { printPercent, printRateBits, printTimeUs } from '../../net/units.ts';
import type { Netem } from '../values.ts';

type Part = string | number | null | undefined;

/** Prints canonical tc-netem(8) options in a fixed order. Parsing them gives the same Netem. */
export function printNetem(netem: Netem): string {
  const parts: readonly Part[] = [
    ...option('limit', netem.limitPackets),
    ...option('delay', time(netem.delayUs), time(netem.jitterUs), percent(netem.delayCorrelation)),
    ...option('distribution', netem.distribution),
    ...option('loss', percent(netem.loss), percent(netem.lossCorrelation)),
    ...option('loss state', ...(netem.lossState ?? [null]).map(percent)),
    ...option('loss gemodel', ...(netem.lossGemodel ?? [null]).map(percent)),
    ...(netem.ecn ? ['ecn'] : []),
    ...option('corrupt', percent(netem.corrupt), percent(netem.corruptCorrelation)),
    ...option('duplicate', percent(netem.duplicate), percent(netem.duplicateCorrelation)),
    ...option('reorder', percent(netem.reorder), percent(netem.reorderCorrelation)),
    ...option('gap', netem.gap),
    ...rateOf(netem),
    ...slotOf(netem.slot),
    ...option('seed', netem.seed),
  ];
  return parts.filter((part) => part !== null).join(' ');
}

/** The words of one option. Without its first value the option is left out. */
function option(keyword: string, ...values: readonly Part[]): readonly Part[] {
  return values[0] === null ? [] : [keyword, ...values];
}

function time(timeUs: number | null): string | null {
  return timeUs === null ? null : printTimeUs(timeUs);
}

function percent(probability: number | null): string | null {
  return probability === null ? null : printPercent(probability);
}

function rateOf(netem: Netem): readonly Part[] {
  if (netem.rateBitsPerSec === null) return [];
  const { ratePacketOverheadBytes, rateCellSizeBytes, rateCellOverheadBytes } = netem;
  return option(
    'rate',
    printRateBits(netem.rateBitsPerSec),
    ratePacketOverheadBytes,
    rateCellSizeBytes,
    rateCellOverheadBytes,
  );
}

function slotOf(slot: Netem['slot']): readonly Part[] {
  if (slot === null) return [];
  const delays =
    slot.distribution === null
      ? ['slot', time(slot.minUs), time(slot.maxUs)]
      : ['slot distribution', slot.distribution, time(slot.delayUs), time(slot.jitterUs)];
  return [...delays, ...option('packets', slot.packets), ...option('bytes', slot.bytes)];
}
