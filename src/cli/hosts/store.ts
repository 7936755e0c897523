/** `hosts/` has the verbs on a lab over several hosts. This file: the options of the store, and opening it. */

import type { StoreOptions } from '../../cluster/options.ts';
import type { Store } from '../../cluster/store.ts';
import { LinkloomError } from '../../errors.ts';
import type { Emit } from '../../events.ts';
import type { HostsIo } from '../../hosts/verbs/up.ts';
import { verb } from '../../verb-names.ts';
import type { Options } from '../flags.ts';
import { onInterrupt } from '../interrupt.ts';
import { withReporter } from '../reporting.ts';
import type { Context } from '../verb.ts';

/** How long the store may be silent, in all that a verb does: longer than an election takes. */
const DEADLINE_MS = 30_000;

export function storeOptionsOf(options: Options, host: string | null): StoreOptions {
  const { store = [], storeTlsCa, storeTlsCert, storeTlsKey, storeNkey, storeCreds } = options;
  if (store.length === 0) {
    throw new LinkloomError('E_USAGE', 'no store is named', {
      hint: `give --store nats://HOST:4222, or set LINKLOOM_STORE; ${verb('hosts', '--help')} says more`,
    });
  }
  return {
    ...{ servers: store, host, tlsCa: storeTlsCa ?? null, tlsCert: storeTlsCert ?? null, tlsKey: storeTlsKey ?? null },
    ...{ nkeyFile: storeNkey ?? null, credsFile: storeCreds ?? null, deadlineMs: DEADLINE_MS },
  };
}

/** Runs a verb with the store open. `atSignal`: what is said at the first signal; null: nothing. */
export async function withStore<T>(
  context: Context,
  options: Options,
  atSignal: string | null,
  work: (io: HostsIo, emit: Emit) => Promise<T>,
): Promise<T> {
  const wanted = storeOptionsOf(options, null);
  const { openStore } = await import('../../cluster/open.ts');
  return await withReporter(context, options, async (emit) => {
    using interrupt = onInterrupt(context, atSignal === null ? () => {} : emit, atSignal ?? '');
    const { signal } = interrupt;
    // The client forgets a server that takes no connection, and the kernel tries it for two minutes more (tcp_syn_retries in tcp(7)).
    context.stop.hasLeftovers = true;
    await using store: Store = await openStore(wanted, signal);
    return await work({ store, emit, signal }, emit);
  });
}
