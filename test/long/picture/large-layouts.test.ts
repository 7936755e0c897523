/** No box lies over another in the picture of a large network. */
import { test } from 'node:test';
import { assertApart, MANY, PLACED } from '../../support/picture/placed.ts';

for (const [name, topology] of PLACED.filter(({ 1: { links } }) => links.length >= MANY)) {
  test(`no box lies over another: ${name}`, () => assertApart(topology));
}
