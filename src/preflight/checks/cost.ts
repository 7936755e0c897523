/** What a lab costs: memory of the kernel, and time. */
import { diagnosticOf } from '../../errors.ts';
import { verb } from '../../verb-names.ts';
import { bytesFor, millisecondsFor, SLOW_BRIDGE_MS } from '../costs.ts';
import type { Facts } from '../facts.ts';
import type { Finding } from '../finding.ts';
import type { Made } from '../lab.ts';

/** Part of the available memory from which on a lab leaves too little for what runs in its nodes. */
const TIGHT = 0.75;
const MIB = 2 ** 20;
/** Less memory is no matter. */
const WORTH_A_WORD = 16 * MIB;
/** Time of either that is worth a word. */
const LONG_MS = 1000;

export function checkMemory(made: Made, { memoryBytes }: Pick<Facts, 'memoryBytes'>): readonly Finding[] {
  const needed = bytesFor(made);
  if (memoryBytes === null || needed < WORTH_A_WORD) return [];
  const need = `the kernel needs some ${sizeText(needed)} for the devices of this lab`;
  const have = `${sizeText(memoryBytes)} are available`;
  const hint = 'free memory, or make the lab smaller; `direct` wires need least';
  if (needed > memoryBytes) return [{ ...diagnosticOf('memory-short', `${need}, and ${have}`, { hint }), links: [] }];
  if (needed > memoryBytes * TIGHT) {
    return [{ ...diagnosticOf('memory-tight', `${need}; ${have}`, { hint }), links: [] }];
  }
  return [{ ...diagnosticOf('memory-expected', `${need}; ${have}`), links: [] }];
}

export function checkTime(made: Made, facts: Pick<Facts, 'pairMs' | 'bridgeMs'>): readonly Finding[] {
  const { up, down } = millisecondsFor(made, facts);
  if (Math.max(up, down) < LONG_MS) return [];
  const message = `${verb('up')} will take some ${timeText(up)}, and ${verb('down')} some ${timeText(down)}`;
  return [{ ...diagnosticOf('time-expected', message), links: [] }];
}

/** Fewer bridges cost little, whatever they are. */
export const MANY_BRIDGES = 16;

/**
 * What bridges of two links would cost as wires. `pairs`: how many of those that are made have no more than two links, all of them
 * a veth, and no tunnel.
 */
export function checkPairs(made: Made, pairs: number, facts: Pick<Facts, 'pairMs' | 'bridgeMs'>): readonly Finding[] {
  if (pairs < MANY_BRIDGES) return [];
  const [now, direct, patch] = [made, asDirect(made, pairs), asPatch(made, pairs)].map((one) =>
    millisecondsFor(one, facts),
  );
  if (!now || !direct || !patch) return [];
  const { bridgeMs } = facts;
  const slow =
    bridgeMs !== null && bridgeMs > SLOW_BRIDGE_MS
      ? `; this kernel takes ${bridgeMs.toFixed(0)} ms for each bridge that goes`
      : '';
  const message =
    `${pairs} bridges tie two links each: ${upAndDown(now)}; with \`mode: patch\` ${upAndDown(patch)}, with ` +
    `\`mode: direct\` ${upAndDown(direct)}${slow}`;
  const hint = 'a bridge of two links can be a wire, unless it is to eat what bridges eat (LLDP, LACP)';
  return [{ ...diagnosticOf('bridges-of-two', message, { hint }), links: [] }];
}

/** One pair in place of two, and no ports. */
function asDirect(made: Made, pairs: number): Made {
  return { ...made, pairs: made.pairs - pairs, ports: made.ports - 2 * pairs, bridges: made.bridges - pairs };
}

function asPatch(made: Made, pairs: number): Made {
  return { ...made, ports: made.ports - 2 * pairs, bridges: made.bridges - pairs, patches: made.patches + pairs };
}

function upAndDown({ up, down }: { readonly up: number; readonly down: number }): string {
  return `${verb('up')} ${timeText(up)}, ${verb('down')} ${timeText(down)}`;
}

/** `640 MiB`, `12.5 GiB`. */
function sizeText(bytes: number): string {
  const mib = bytes / MIB;
  return mib < 1024 ? `${Math.round(mib)} MiB` : `${(mib / 1024).toFixed(1)} GiB`;
}

function timeText(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
