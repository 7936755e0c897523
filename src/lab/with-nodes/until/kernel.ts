/** What a namespace's /proc/net says of addresses and listeners (proc_net(5), Documentation/networking/proc_net_tcp.rst). No I/O. */
import { parseAddress } from '../../../net/address.ts';

/** TCP_LISTEN (net/tcp_states.h), and what a UDP socket has that is tied to no peer (TCP_CLOSE). */
const LISTENS = { tcp: '0A', udp: '07' } as const;
/** IFA_F_TENTATIVE (linux/if_addr.h): not usable yet. */
const TENTATIVE = 0x40;

export type Protocol = keyof typeof LISTENS;

/** The contents of the files, by their names in /proc/net; empty if a file does not exist. */
export type ProcNet = Readonly<Record<'tcp' | 'tcp6' | 'udp' | 'udp6' | 'fib_trie' | 'if_inet6', string>>;

export const PROC_NET_FILES = ['tcp', 'tcp6', 'udp', 'udp6', 'fib_trie', 'if_inet6'] as const;

/** Whether something listens on a port, on any address. */
export function listens(files: ProcNet, protocol: Protocol, port: number): boolean {
  return [files[protocol], files[`${protocol}6`]].some((text) =>
    text.split('\n').some((line) => {
      const [, local = '', , state] = line.trim().split(/\s+/);
      return state === LISTENS[protocol] && Number.parseInt(local.split(':')[1] ?? '', 16) === port;
    }),
  );
}

/** Whether the namespace has the address, and it can be used. `address` is canonical, without a prefix length. */
export function hasAddress(files: ProcNet, address: string): boolean {
  return address.includes(':') ? inet6(files.if_inet6).has(address) : inet(files.fib_trie).has(address);
}

/** Matches the entries of the table `local`: the address, and in the next line `/32 host LOCAL`. */
function inet(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/\|-- ([0-9.]+)\n\s+\/32 host LOCAL/g)].map(([, address = '']) => address));
}

/** `00000000000000000000000000000001 01 80 10 80       lo`: address, index, prefix length, scope, flags, device. */
function inet6(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const line of text.split('\n')) {
    const [digits = '', , , , flags = ''] = line.trim().split(/\s+/);
    const groups = digits.match(/[0-9a-f]{4}/g);
    if (groups?.length !== 8 || Number.parseInt(flags, 16) & TENTATIVE) continue;
    const address = parseAddress(groups.join(':'));
    if (typeof address !== 'string') found.add(address.text);
  }
  return found;
}
