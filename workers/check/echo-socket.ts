import type { Family } from '../../src/net/address.ts';
import * as libc from '../libc.ts';
import * as nl from '../netlink/constants.ts';
import { ERRNO } from '../netlink/errors.ts';
import { SystemFault } from '../netlink/fault.ts';
import { AF_INET, AF_INET6, socketAddress } from './address.ts';
import { filterOf } from './icmp.ts';

/** linux/in.h, linux/in6.h, linux/icmp.h, linux/icmpv6.h. */
const IPPROTO_IP = 0;
const IPPROTO_ICMP = 1;
const IPPROTO_IPV6 = 41;
const IPPROTO_ICMPV6 = 58;
const SOL_RAW = 255;
const ICMP_FILTER = 1;
const ICMPV6_FILTER = 1;
const IP_MTU_DISCOVER = 10;
const IPV6_MTU_DISCOVER = 23;
const IPV6_DONTFRAG = 62;
const PMTUDISC_DONT = 0;
/** Never cut up, and no larger than what the way is known to carry. */
const PMTUDISC_DO = 2;
export const SOCK_NONBLOCK = 0o4000;
/** Room for the answers of a thousand nodes. */
const BUFFER_BYTES = 1 << 20;

/** A socket that sends echo requests and receives what answers them, in the namespace in which it was opened. */
export class EchoSocket {
  readonly fd: number;
  readonly family: Family;
  /** Which other programs of the node do not have, by chance. */
  readonly ident: number;
  #dontFragment: boolean | null = null;

  /**
   * Opens in the calling thread's present namespace. `source` null: the kernel chooses for each packet. Needs CAP_NET_RAW. Throws
   * SystemFault: `bind` EADDRNOTAVAIL where the node does not have the address.
   */
  constructor(family: Family, source: string | null, ident: number) {
    this.family = family;
    this.ident = ident;
    const isFour = family === 4;
    const protocol = isFour ? IPPROTO_ICMP : IPPROTO_ICMPV6;
    const type = nl.SOCK_RAW | SOCK_NONBLOCK | nl.SOCK_CLOEXEC;
    this.fd = libc.socket(isFour ? AF_INET : AF_INET6, type, protocol);
    if (this.fd < 0) throw new SystemFault('socket', isFour ? 'ICMP' : 'ICMPv6', -this.fd);
    try {
      const [level, option] = isFour ? [SOL_RAW, ICMP_FILTER] : [IPPROTO_ICMPV6, ICMPV6_FILTER];
      libc.setsockopt(this.fd, level, option, filterOf(family));
      if (libc.setsockopt(this.fd, nl.SOL_SOCKET, nl.SO_RCVBUFFORCE, word(BUFFER_BYTES)) === -ERRNO.EPERM) {
        libc.setsockopt(this.fd, nl.SOL_SOCKET, nl.SO_RCVBUF, word(BUFFER_BYTES));
      }
      const bound = source === null ? 0 : libc.bind(this.fd, socketAddress(source, 0));
      if (bound < 0) throw new SystemFault('bind', source ?? '', -bound);
    } catch (error) {
      libc.close(this.fd);
      throw error;
    }
  }

  /** Whether what is sent from now on may be cut up. */
  setDontFragment(isWanted: boolean): void {
    if (this.#dontFragment === isWanted) return;
    this.#dontFragment = isWanted;
    const mode = word(isWanted ? PMTUDISC_DO : PMTUDISC_DONT);
    if (this.family === 4) {
      libc.setsockopt(this.fd, IPPROTO_IP, IP_MTU_DISCOVER, mode);
    } else {
      libc.setsockopt(this.fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, mode);
      libc.setsockopt(this.fd, IPPROTO_IPV6, IPV6_DONTFRAG, word(isWanted ? 1 : 0));
    }
  }

  [Symbol.dispose](): void {
    libc.close(this.fd);
  }
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
