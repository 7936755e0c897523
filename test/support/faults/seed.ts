import { randomInt } from 'node:crypto';
import { Dice } from '../dice.ts';
import { figures } from './amount.ts';

/**
 * Dice for one proof. Their seed is printed before they are thrown; with it in LINKLOOM_FAULTS_SEED the same is done in the same
 * order again. How far a process has come by then is the machine's matter.
 */
export function diceFor(what: string): Dice {
  const asked = process.env['LINKLOOM_FAULTS_SEED'];
  const seed = asked === undefined ? randomInt(2 ** 31) : Number(asked);
  figures(`${what}, to do the same again`, { LINKLOOM_FAULTS_SEED: seed });
  return new Dice(seed);
}
