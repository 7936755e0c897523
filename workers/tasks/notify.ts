import type { NotifyResult, NotifyTask } from '../../src/wire/task.ts';
import { failure } from '../failure.ts';
import * as libc from '../libc.ts';
import { ERRNO } from '../netlink/errors.ts';

/** sys/socket.h, asm-generic/socket.h. */
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = libc.O_CLOEXEC;
const MSG_NOSIGNAL = 0x4000;
const SOL_SOCKET = 1;
const SO_SNDTIMEO = 21;

/** sun_path of unix(7). */
const SUN_PATH_BYTES = 108;

/** How long a receiver that reads nothing is waited for, as a `struct timeval` of 64-bit fields: a second. */
const TIMEOUT = Buffer.alloc(16);
TIMEOUT.writeBigInt64LE(1n);

/** Sends one datagram to a service manager, in this process's name (its pid goes along). */
export function notify({ address, text }: NotifyTask): NotifyResult {
  const fd = libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return { failure: failure(null, 'socket', 'AF_UNIX', -fd) };
  try {
    libc.setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, TIMEOUT);
    const bytes = sockaddrOf(address);
    const connected = bytes === null ? -ERRNO.ENAMETOOLONG : libc.connect(fd, bytes);
    if (connected < 0) return { failure: failure(null, 'connect', address, -connected) };
    const sent = libc.send(fd, Buffer.from(text), MSG_NOSIGNAL);
    return { failure: sent < 0 ? failure(null, 'send', address, -sent) : null };
  } finally {
    libc.close(fd);
  }
}

/** struct sockaddr_un of unix(7): `@NAME` is an abstract name, which has no end but its length. null: it is too long. */
function sockaddrOf(address: string): Buffer | null {
  const isAbstract = address.startsWith('@');
  const path = Buffer.from(isAbstract ? `\0${address.slice(1)}` : `${address}\0`);
  if (path.length > SUN_PATH_BYTES) return null;
  const family = Buffer.alloc(2);
  family.writeUInt16LE(AF_UNIX);
  return Buffer.concat([family, path]);
}
