/** Opens the store. What speaks to it is loaded only here, so that nobody pays for it who has no store. */
import type { StoreOptions } from './options.ts';
import type { Store } from './store.ts';

/**
 * Throws E_STORE if no server answers until the deadline, refuses us, or is too old; E_TOOL if the packages that speak to it are
 * missing; E_INTERRUPTED if the signal aborts.
 */
export async function openStore(options: StoreOptions, signal: AbortSignal | null): Promise<Store> {
  const { openNats } = await import('./nats/open.ts');
  return await openNats(options, signal);
}
