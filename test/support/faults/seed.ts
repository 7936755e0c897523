import { randomInt } from 'node:crypto';
import { Dice } from '../dice.ts';
import { figures } from './amount.ts';

/**
 * Random numbers for one test. The seed is printed first. With it in LINKLOOM_FAULTS_SEED the same actions run in the same order
 * again; how far a process gets between them depends on the machine.
 */
export function diceFor(what: string): Dice {
  const asked = process.env['LINKLOOM_FAULTS_SEED'];
  const seed = asked === undefined ? randomInt(2 ** 31) : Number(asked);
  figures(`${what}, to do the same again`, { LINKLOOM_FAULTS_SEED: seed });
  return new Dice(seed);
}
