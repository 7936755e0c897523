/** What `--strict` means for imports and exports. */
import { counted } from '../../counted.ts';
import { type Diagnostic, LinkloomError } from '../../errors.ts';
import type { Options } from '../flags.ts';

/** Throws E_CONFIG where `--strict` is given and something is not carried over. What stands in, or has another name, is. */
export function assertNothingLeft({ strict }: Options, notes: readonly Diagnostic[], way: 'import' | 'export'): void {
  const left = notes.filter(({ code }) => code === `${way}-left-out`).length;
  if (!strict || left === 0) return;
  throw new LinkloomError('E_CONFIG', `${counted(left, 'part is', 'parts are')} not carried over; nothing is written`);
}
