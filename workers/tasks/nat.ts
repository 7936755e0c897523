import type { NatResult } from '../../src/wire/task.ts';
import { translator } from '../nat/translator.ts';
import { forwardingHere } from '../sysctl.ts';

/** Finds out what addresses are translated with, and whether our own namespace passes packets on. Changes nothing. */
export function nat(): NatResult {
  return { by: translator()?.name ?? null, forwarding: forwardingHere() };
}
