/** Checks that this machine can translate addresses. */
import { LinkloomError } from '../../errors.ts';
import type { SwitchSide } from '../../plan/switch/placement.ts';
import type { LinkSpec } from '../../topology/topology.ts';
import type { Workers } from '../workers.ts';

/**
 * Checks that the links' `nat` and `forward` can be had, before anything is changed. Throws E_CONFIG if `forward` is used with
 * bridges outside linkloom's own namespace, E_FEATURE if the kernel has neither nftables nor iptables, and E_PRIVILEGE if packets
 * are not forwarded and that can't be changed.
 */
export async function assertTranslation(workers: Workers, links: readonly LinkSpec[], side: SwitchSide): Promise<void> {
  const first = links.find(({ nat, forwards }) => nat !== null || forwards.length > 0);
  if (!first) return;
  const published = links.find(({ forwards }) => forwards.length > 0);
  if (published && side !== 'own') {
    throw refusal('E_CONFIG', published, 'forward', {
      message: "needs the lab's bridges in linkloom's own namespace, and they are in one made for them",
      hint: 'run with `--switch own`',
    });
  }
  const { by, forwarding } = await workers.ask({ task: 'nat' });
  if (by === null) {
    throw refusal('E_FEATURE', first, first.nat === null ? 'forward' : 'nat', {
      message: 'needs nftables or iptables, and this kernel has neither',
      hint: 'load nf_tables, nft_chain_nat, nft_nat, nft_masq and nft_ct, or install iptables for a kernel that has that',
    });
  }
  if (published && forwarding === 'locked') {
    throw refusal('E_PRIVILEGE', published, 'forward', {
      message: "linkloom's own namespace forwards no packets, and /proc/sys is read-only",
      hint: "set `sysctls: net.ipv4.ip_forward=1` on linkloom's own service in the compose file",
    });
  }
}

function refusal(
  code: 'E_CONFIG' | 'E_FEATURE' | 'E_PRIVILEGE',
  { selector, dev, where }: LinkSpec,
  what: 'nat' | 'forward',
  { message, hint }: { readonly message: string; readonly hint: string },
): LinkloomError {
  const at = where();
  const text = `${selector.name}:${dev}: ${what} ${message}`;
  return new LinkloomError(code, text, { hint: `${hint}; nothing has been touched`, ...(at ? { where: at } : {}) });
}
