/** `daemon --store`: the agent of a host. */
import { hostname } from 'node:os';
import { EXIT } from '../../errors.ts';
import type { Options } from '../flags.ts';
import { onInterrupt } from '../interrupt.ts';
import { serveOf } from '../lab/serve.ts';
import { withReporter } from '../reporting.ts';
import { requestOf } from '../request.ts';
import type { Context } from '../verb.ts';
import { storeOptionsOf } from './store.ts';

export async function agentOfHost(context: Context, options: Options): Promise<number> {
  const host = options.host ?? hostname().toLowerCase().split('.')[0] ?? '';
  const wanted = storeOptionsOf(options, host);
  const [{ openStore }, { runAgent }, { ANSWERS }, { versionNumber }, serve] = await Promise.all([
    import('../../cluster/open.ts'),
    import('../../hosts/agent/agent.ts'),
    import('../../api/server/by-store.ts'),
    import('../about/plain-version.ts'),
    serveOf(options),
  ]);
  return await withReporter(context, options, async (emit, links) => {
    using interrupt = onInterrupt(context, emit, 'stopping, the links stay');
    const { signal } = interrupt;
    const { load: _load, ...request } = requestOf(options, context);
    await using store = await openStore(wanted, signal);
    const agent = {
      ...{ store, host, request, serve, answers: ANSWERS, version: await versionNumber() },
      ...{ address: options.hostAddress ?? null, server: wanted.servers[0] ?? '' },
      labels: Object.fromEntries(
        (options.hostLabel ?? []).map((label) => [label.split('=')[0] ?? '', label.slice(label.indexOf('=') + 1)]),
      ),
    };
    await runAgent(agent, { emit, signal, links: links('following') });
    return EXIT.done;
  });
}
