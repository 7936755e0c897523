/** Files of this machine are not on the hosts. */
import type { Config } from '../../config/config.ts';
import { spanOf } from '../../config/config.ts';
import { LinkloomError } from '../../errors.ts';

/** Throws E_CONFIG where a node needs a file that lies beside the configuration. */
export function refuseLocalFiles({ nodes }: Pick<Config, 'nodes'>): void {
  for (const [name, entry] of nodes) {
    for (const key of ['binds', 'copy'] as const) {
      for (const [at, one] of (entry.value[key] ?? []).entries()) {
        const source = typeof one === 'string' ? (one.split(':')[0] ?? '') : one.source;
        if (source.startsWith('/')) continue;
        const message = `node ${name}: ${source} lies beside the configuration, and hosts do not have it; nothing is written`;
        const where = spanOf(entry, key, at);
        throw new LinkloomError('E_CONFIG', message, {
          ...(where && { where }),
          hint: 'put it on each host, and name it by its absolute path',
        });
      }
    }
  }
}
