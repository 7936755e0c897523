import type { NatResult } from '../../src/wire/task.ts';
import { translator } from '../nat/translator.ts';
import { forwardingHere } from '../sysctl.ts';

/** Finds out what translates addresses on this machine, and whether our own namespace forwards packets. Changes nothing. */
export function nat(): NatResult {
  return { by: translator()?.name ?? null, forwarding: forwardingHere() };
}
