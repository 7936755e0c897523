/** How far V8 lets its heap grow between two collections. */
import { setFlagsFromString } from 'node:v8';

/** Things (links, or devices of a lab) from which on memory counts more than the last tenth of the time. */
const MANY = 20_000;
/** V8's own is up to 300: a heap of 100 MB of which all is in use grows to 400 MB before the next collection. */
const GROWING_PERCENT = 50;

let isTight = false;

/**
 * Has V8 collect garbage when its heap has grown by half, if there are so many things to work on. With 100,000 links this takes a
 * quarter less memory and a twentieth more CPU time (bench/README.md). It counts for all threads of the process, and for its life.
 */
export function keepHeapTight(things: number): void {
  if (isTight || things < MANY) return;
  isTight = true;
  setFlagsFromString(`--heap-growing-percent=${GROWING_PERCENT}`);
}
