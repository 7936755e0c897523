/** The remote ends of a tunnel. */
import type { TunnelSpec } from './topology.ts';

type Ends = Pick<TunnelSpec, 'remote' | 'flood'>;

/** The addresses of all remote ends. */
export function remotesOf({ remote, flood }: Ends): readonly string[] {
  return flood ?? [remote];
}

/** The same for people: `192.0.2.2, 192.0.2.3`. */
export function remoteText(ends: Ends): string {
  return remotesOf(ends).join(', ');
}
