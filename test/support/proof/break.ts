/** Breaks wires as other programs do: by tc and by nft. */
import type { Netns } from '../netns.ts';

/** All that comes in at a device goes out of another one instead. */
export async function redirectAll(netns: Netns, dev: string, to: string): Promise<void> {
  await netns.exec('tc', 'qdisc', 'add', 'dev', dev, 'ingress');
  await netns.exec(
    ...(['tc', 'filter', 'add', 'dev', dev, 'parent', 'ffff:', 'protocol', 'all', 'u32'] as const),
    ...(['match', 'u32', '0', '0', 'action', 'mirred', 'egress', 'redirect', 'dev', to] as const),
  );
}

/** A rule of nft drops what comes by a hook (`ingress device "eth0"`) and fits `match`. `nft flush ruleset` mends it. */
export async function dropAll(netns: Netns, family: 'netdev' | 'bridge', hook: string, match = ''): Promise<void> {
  const chain = `add chain ${family} t c { type filter hook ${hook} priority 0; }`;
  await netns.exec('nft', `add table ${family} t; ${chain}; add rule ${family} t c ${match} counter drop`);
}
