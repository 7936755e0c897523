/** How far V8 lets its heap grow between two collections. */
import { setFlagsFromString } from 'node:v8';

/** Things (links, or devices of a lab) from which on memory counts more than the last tenth of the time. */
const MANY = 20_000;
/** V8's own is up to 300: a heap of 100 MB of which all is in use grows to 400 MB before the next collection. */
const GROWING_PERCENT = 25;
/**
 * By how much V8 multiplies the room for what is new, which becomes 32 MiB otherwise. It is no faster for that: of a large lab nearly all that
 * is made stays, and is moved out of that room whatever its size.
 */
const ROOM_GROWS_BY = 1;
/** How many devices a namespace counts for, of which only the name is known. */
const DEVICES_OF_A_NAMESPACE = 10;

let isTight = false;

/**
 * Has V8 collect garbage when its heap has grown by a quarter, and leave the room for what is new as large as it is, if there are so many
 * things to work on. It counts for all threads of the process, and for its life, from the next collection on: so it is called before the
 * things are there (bench/README.md has the figures).
 */
export function keepHeapTight(things: number): void {
  if (things >= MANY) tighten();
}

/** The same for a process that lives on: the room that a burst of work once took it would hardly give back. */
export function keepHeapTightForLife(): void {
  tighten();
}

function tighten(): void {
  if (isTight) return;
  isTight = true;
  setFlagsFromString(`--heap-growing-percent=${GROWING_PERCENT}`);
  keepRoom();
}

/** The same again after a thread has started: V8 sets the factor back then, for all threads. */
export function keepRoom(): void {
  if (isTight) setFlagsFromString(`--semi-space-growth-factor=${ROOM_GROWS_BY}`);
}

/** The same before so many namespaces are looked into. */
export function keepHeapTightFor(namespaces: number): void {
  keepHeapTight(namespaces * DEVICES_OF_A_NAMESPACE);
}
