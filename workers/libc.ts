/**
 * `workers/` is the only room that touches the kernel: foreign functions, sockets and namespaces live here and nowhere else.
 * Everything in it is synchronous on purpose: an `await`, an asynchronous fs or dns call or koffi's `.async()` between
 * entering and leaving a namespace would let other code run in the wrong one, or found libuv's pool there.
 *
 * This file is the whole FFI surface: libc calls as functions that return the call's result, or the negative errno.
 * Numbers are those of the generic Linux ABI (x86-64, arm64, riscv64): little-endian, 64 bits.
 */
import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);
const koffi = loadKoffi();

/**
 * koffi's own start takes 6 ms to find out which of its builds fits, so that of glibc is tried first. (`import` would take longer still: it
 * searches the package's text for the names that it exports.)
 */
function loadKoffi(): typeof import('koffi') {
  try {
    return load(`@koromix/koffi-linux-${process.arch}/linux_${process.arch}/koffi.node`);
  } catch {
    return load('koffi');
  }
}

const libc = koffi.load(null);

const c = {
  socket: libc.func('int socket(int domain, int type, int protocol)'),
  bind: libc.func('int bind(int fd, const void *address, uint32_t length)'),
  connect: libc.func('int connect(int fd, const void *address, uint32_t length)'),
  send: libc.func('intptr_t send(int fd, const void *bytes, size_t length, int flags)'),
  sendto: libc.func(
    'intptr_t sendto(int fd, const void *bytes, size_t length, int flags, const void *address, uint32_t addressLength)',
  ),
  sendmmsg: libc.func('int sendmmsg(int fd, void *messages, unsigned int count, int flags)'),
  recvmmsg: libc.func('int recvmmsg(int fd, void *messages, unsigned int count, int flags, void *timeout)'),
  recvmsg: libc.func('intptr_t recvmsg(int fd, void *message, int flags)'),
  read: libc.func('intptr_t read(int fd, void *bytes, size_t length)'),
  pipe2: libc.func('int pipe2(void *fds, int flags)'),
  recv: libc.func('intptr_t recv(int fd, void *bytes, size_t length, int flags)'),
  setsockopt: libc.func('int setsockopt(int fd, int level, int name, const void *value, uint32_t length)'),
  getsockopt: libc.func('int getsockopt(int fd, int level, int name, void *value, void *length)'),
  getsockname: libc.func('int getsockname(int fd, void *address, void *length)'),
  mmap: libc.func('intptr_t mmap(void *at, size_t length, int protection, int flags, int fd, int64_t offset)'),
  munmap: libc.func('int munmap(intptr_t at, size_t length)'),
  ioctl: libc.func('int ioctl(int fd, unsigned long request, void *argument)'),
  epoll_create1: libc.func('int epoll_create1(int flags)'),
  epoll_ctl: libc.func('int epoll_ctl(int epoll, int operation, int fd, void *event)'),
  epoll_wait: libc.func('int epoll_wait(int epoll, void *events, int count, int timeoutMs)'),
  poll: libc.func('int poll(void *fds, unsigned long count, int timeoutMs)'),
  open: libc.func('int open(const char *path, int flags, uint32_t mode)'),
  close: libc.func('int close(int fd)'),
  clock_gettime: libc.func('int clock_gettime(int clock, void *time)'),
  dlsym: libc.func('void *dlsym(void *handle, const char *name)'),
  pthread_create: libc.func('int pthread_create(void *thread, const void *attributes, void *start, intptr_t argument)'),
  pthread_join: libc.func('int pthread_join(uint64_t thread, void *result)'),
  readlink: libc.func('intptr_t readlink(const char *path, void *text, size_t size)'),
  flock: libc.func('int flock(int fd, int operation)'),
  setns: libc.func('int setns(int fd, int type)'),
  unshare: libc.func('int unshare(int flags)'),
  mount: libc.func(
    'int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data)',
  ),
  umount2: libc.func('int umount2(const char *target, int flags)'),
  sched_getscheduler: libc.func('int sched_getscheduler(int pid)'),
  sched_setscheduler: libc.func('int sched_setscheduler(int pid, int policy, const void *parameters)'),
  syscall: libc.func('intptr_t syscall(intptr_t number, intptr_t command, void *attributes, size_t size)'),
};

/** Every errno of the platform by name (Node's own table lacks some that rtnetlink uses, such as EXFULL). */
export const errnoTable: Readonly<Record<string, number>> = koffi.os.errno;

/** fcntl.h; the same on all platforms of the generic ABI. */
export const O_CLOEXEC = 0o2000000;

function checked(result: number): number {
  return result < 0 ? -koffi.errno() : result;
}

/** socket(2): the descriptor. Pass `SOCK_CLOEXEC` in `type`. */
export function socket(domain: number, type: number, protocol: number): number {
  return checked(c.socket(domain, type, protocol));
}

/** bind(2): 0. `address` is a sockaddr. */
export function bind(fd: number, address: Uint8Array): number {
  return checked(c.bind(fd, address, address.length));
}

/** connect(2): 0. `address` is a sockaddr. */
export function connect(fd: number, address: Uint8Array): number {
  return checked(c.connect(fd, address, address.length));
}

/** send(2): bytes sent. */
export function send(fd: number, bytes: Uint8Array, flags: number): number {
  return checked(Number(c.send(fd, bytes, bytes.length, flags)));
}

/** recv(2): bytes received into `bytes` (with `MSG_TRUNC`, the message's own length). */
export function recv(fd: number, bytes: Uint8Array, flags: number): number {
  return checked(Number(c.recv(fd, bytes, bytes.length, flags)));
}

/** sendto(2) of the first `length` bytes: bytes sent. `address` is a sockaddr. */
export function sendto(fd: number, bytes: Uint8Array, length: number, address: Uint8Array): number {
  return checked(Number(c.sendto(fd, bytes, length, 0, address, address.length)));
}

/** sendmmsg(2) of the first `count` of an array of `struct mmsghdr`: how many were sent. */
export function sendmmsg(fd: number, messages: Uint8Array, count: number): number {
  return checked(c.sendmmsg(fd, messages, count, 0));
}

/** recvmmsg(2) into the first `count` of an array of `struct mmsghdr`: how many were received. */
export function recvmmsg(fd: number, messages: Uint8Array, count: number, flags: number): number {
  return checked(c.recvmmsg(fd, messages, count, flags, null));
}

/** recvmsg(2) into a `struct msghdr`: bytes received. */
export function recvmsg(fd: number, message: Uint8Array, flags: number): number {
  return checked(Number(c.recvmsg(fd, message, flags)));
}

/** read(2): bytes read. */
export function read(fd: number, bytes: Uint8Array): number {
  return checked(Number(c.read(fd, bytes, bytes.length)));
}

/** pipe2(2): the descriptors to read from and to write to. The negative errno and -1 if there are none. */
export function pipe2(flags: number): readonly [number, number] {
  const fds = new Int32Array(2);
  const made = checked(c.pipe2(fds, flags));
  return made < 0 ? [made, -1] : [fds[0] ?? -1, fds[1] ?? -1];
}

/** setsockopt(2) with a raw value: 0. */
export function setsockopt(fd: number, level: number, name: number, value: Uint8Array): number {
  return checked(c.setsockopt(fd, level, name, value, value.length));
}

/** getsockopt(2) into `value`: 0. */
export function getsockopt(fd: number, level: number, name: number, value: Uint8Array): number {
  return checked(c.getsockopt(fd, level, name, value, Uint32Array.of(value.length)));
}

/** getsockname(2) into `address`, a sockaddr: 0. */
export function getsockname(fd: number, address: Uint8Array): number {
  return checked(c.getsockname(fd, address, Uint32Array.of(address.length)));
}

/** sys/mman.h. */
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;

/** Memory that is shared with the kernel. Nothing may touch `memory` after `unmap`. */
export interface Mapping {
  readonly memory: ArrayBuffer;
  readonly unmap: () => void;
}

/** mmap(2) of a descriptor from its beginning, to read and write, shared; or the negative errno. */
export function mmap(fd: number, length: number): Mapping | number {
  const at = Number(c.mmap(null, length, PROT_READ_WRITE, MAP_SHARED, fd, 0));
  if (at === -1) return -koffi.errno();
  return { memory: koffi.view(at, length), unmap: () => void c.munmap(at, length) };
}

/** ioctl(2) with a structure that the kernel reads or fills: 0 or the call's own result. */
export function ioctl(fd: number, request: number, argument: Uint8Array): number {
  return checked(c.ioctl(fd, request, argument));
}

/** poll(2) over an array of `struct pollfd` (8 bytes each): how many are ready, 0 after `timeoutMs`. */
export function poll(fds: Uint8Array, timeoutMs: number): number {
  return checked(c.poll(fds, fds.length >> 3, timeoutMs));
}

/** sys/epoll.h: EPOLL_CTL_ADD, EPOLLIN. */
const EPOLL_ADD = 1;
const EPOLL_IN = 1;
/** `struct epoll_event`, which is packed on x86-64 alone: its size, and where its data is. */
const EPOLL_EVENT = process.arch === 'x64' ? { bytes: 12, data: 4 } : { bytes: 16, data: 8 };

/** epoll_create1(2): the descriptor, which can be read (for `poll`) while one of those in it can be. A descriptor leaves it when it is closed. */
export function epollCreate(): number {
  return checked(c.epoll_create1(O_CLOEXEC));
}

/** epoll_ctl(2): 0. `fd` is one of those that are waited for from now on, until they can be read. */
export function epollAdd(epoll: number, fd: number): number {
  const event = Buffer.alloc(EPOLL_EVENT.bytes);
  event.writeUInt32LE(EPOLL_IN, 0);
  event.writeInt32LE(fd, EPOLL_EVENT.data);
  return checked(c.epoll_ctl(epoll, EPOLL_ADD, fd, event));
}

/** Room for so many results of `epollReady`. */
export function epollEvents(count: number): Buffer {
  return Buffer.alloc(count * EPOLL_EVENT.bytes);
}

/** epoll_wait(2) without waiting: how many can be read, or have an error. They are in `events`. */
export function epollReady(epoll: number, events: Buffer): number {
  return checked(c.epoll_wait(epoll, events, events.length / EPOLL_EVENT.bytes, 0));
}

/** A descriptor that `epollReady` has found. */
export function epollFd(events: Buffer, index: number): number {
  return events.readInt32LE(index * EPOLL_EVENT.bytes + EPOLL_EVENT.data);
}

/**
 * open(2): the descriptor, closed when a program is started. For what the hot path opens by the thousand; all else is node:fs's.
 * `flags` are added to O_CLOEXEC; `mode` is for what O_CREAT makes.
 */
export function open(path: string, flags: number, mode: number): number {
  return checked(c.open(path, O_CLOEXEC | flags, mode));
}

/** close(2): 0. Only for descriptors made by this file; those of node:fs are closed by node:fs. */
export function close(fd: number): number {
  return checked(c.close(fd));
}

/**
 * close(2) of several descriptors at the same time, each in a thread of its own that has ended when this returns. For those whose
 * close waits for the kernel (a packet socket's: packet_release, synchronize_net), which all of them then do together. The threads
 * run libc's `close` and nothing else, so they need no event loop and leave libuv's pool alone.
 */
export function closeTogether(fds: readonly number[]): void {
  closeAddress ??= c.dlsym(null, 'close');
  const threads = new BigUint64Array(fds.length);
  const begun: bigint[] = [];
  fds.forEach((fd, at) => {
    const thread = threads.subarray(at, at + 1);
    if (c.pthread_create(thread, null, closeAddress, fd) === 0) begun.push(thread[0] ?? 0n);
    else c.close(fd);
  });
  for (const thread of begun) c.pthread_join(thread, null);
}

let closeAddress: unknown = null;

/** clock_gettime(2) of CLOCK_REALTIME into a `struct timespec` of 16 bytes: 0. */
export function realtime(time: Uint8Array): number {
  return checked(c.clock_gettime(0, time));
}

/** readlink(2): bytes of the link's text, which are in `text` then, cut to its size. */
export function readlink(path: string, text: Uint8Array): number {
  return checked(Number(c.readlink(path, text, text.length)));
}

/** sys/file.h. */
export const LOCK_SH = 1;
export const LOCK_EX = 2;
export const LOCK_NB = 4;
export const LOCK_UN = 8;

/** flock(2): 0. With LOCK_NB -EWOULDBLOCK where another open file has it. */
export function flock(fd: number, operation: number): number {
  return checked(c.flock(fd, operation));
}

/** sched_getscheduler(2): the policy of the calling thread. */
export function schedulingPolicy(): number {
  return checked(c.sched_getscheduler(0));
}

/** sched_setscheduler(2) for the calling thread alone: 0. `priority` is that of a real-time policy, else 0. */
export function setSchedulingPolicy(policy: number, priority: number): number {
  // struct sched_param.
  return checked(c.sched_setscheduler(0, policy, Int32Array.of(priority)));
}

/** setns(2): 0. Moves the calling thread only; needs CAP_SYS_ADMIN. */
export function setns(fd: number, type: number): number {
  return checked(c.setns(fd, type));
}

/** unshare(2): 0. Moves the calling thread only; needs CAP_SYS_ADMIN. */
export function unshare(flags: number): number {
  return checked(c.unshare(flags));
}

/** mount(2) without data: 0. Needs CAP_SYS_ADMIN, and no AppArmor profile that denies it. */
export function mount(source: string, target: string, type: string, flags: number): number {
  return checked(c.mount(source, target, type, flags, null));
}

/** umount2(2): 0. Needs CAP_SYS_ADMIN. */
export function umount2(target: string, flags: number): number {
  return checked(c.umount2(target, flags));
}

/** bpf(2)'s number by architecture (asm/unistd_64.h, asm-generic/unistd.h): glibc has no function for it. */
const NR_BPF = process.arch === 'x64' ? 321 : 280;

/** bpf(2) with a `union bpf_attr`: a descriptor, or 0. */
export function bpf(command: number, attributes: Uint8Array): number {
  return checked(Number(c.syscall(NR_BPF, command, attributes, attributes.length)));
}

/**
 * The address of a buffer's memory, for structures that point to others. Only for memory outside the JavaScript heap (`new ArrayBuffer`).
 * The buffer lasts at least until the addresses of so many others have been asked for: a call that comes right after finds it, although
 * nothing in JavaScript may refer to it by then.
 */
export function addressOf(bytes: ArrayBuffer): bigint {
  addressed[nextAddressed] = bytes;
  nextAddressed = (nextAddressed + 1) % ADDRESSED_KEPT;
  return koffi.address(bytes);
}

/** More than any structure points to. */
const ADDRESSED_KEPT = 16;
const addressed: ArrayBuffer[] = [];
let nextAddressed = 0;
