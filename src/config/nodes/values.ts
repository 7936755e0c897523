/**
 * `nodes/` reads the language of a whole lab: entries of `nodes:`, wires, address plans, defaults and groups.
 *
 * This file reads texts as the command lines of container engines take them. Each reader returns the value, or what is wrong, in
 * words that follow the text in a message.
 */
import { parseAddress, parsePrefix } from '../../net/address.ts';
import { networkOf } from '../../net/offset.ts';
import { nearest } from '../text/nearest.ts';

/** The value of a text, or what is wrong with it; `fault` follows the text in a message. */
export type Read<T> = { readonly value: T } | { readonly fault: string };

const fault = (text: string): { readonly fault: string } => ({ fault: text });

/** Units of `docker run --memory`, which are powers of 1,024 (go-units, RAMInBytes). */
const UNIT_BYTES: Readonly<Record<string, number>> = { b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };
/** The least memory that Docker accepts (moby, daemon/daemon_unix.go: linuxMinMemory). */
const MEMORY_MIN_BYTES = 6 * 2 ** 20;

/** Reads an amount of memory, such as `512m`, `1.5g`, `64MiB` or a number of bytes. Returns bytes. */
export function readMemory(text: string): Read<number> {
  const match = /^([0-9]+(?:\.[0-9]+)?) ?(?:([bkmgt])(?:i?b)?)?$/i.exec(text);
  if (match === null) return fault('is no amount of memory: write 512m, 2g or a number of bytes');
  const bytes = Math.floor(Number(match[1]) * (UNIT_BYTES[(match[2] ?? 'b').toLowerCase()] ?? 1));
  if (bytes < MEMORY_MIN_BYTES) return fault('is less than the 6m that a container takes at least');
  return Number.isSafeInteger(bytes) ? { value: bytes } : fault('is more memory than there is');
}

/** Reads a number of processors, such as `0.5` or `2`. */
export function readCpus(text: string): Read<number> {
  const value = /^[0-9]+(?:\.[0-9]+)?$/.test(text) ? Number(text) : 0;
  // Engines count in billionths of a processor. The kernel's smallest quota is one hundredth (1 ms of 100 ms).
  if (value < 0.01) return fault('is no number of processors: write 0.5 or 2, at least 0.01');
  return value <= 100_000 ? { value } : fault('is more processors than there are');
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Reads a time, such as `1m30s` or `500ms`. Returns milliseconds. */
export function readDuration(text: string): Read<number> {
  const parts = [...text.matchAll(/([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text) {
    return fault('is no time: write 500ms, 10s or 1m30s');
  }
  const value = parts.reduce((sum, [, number, unit = 's']) => sum + Number(number) * (UNIT_MS[unit] ?? 0), 0);
  return value <= 86_400_000 * 365 ? { value: Math.round(value) } : fault('is longer than a year');
}

export interface Port {
  readonly hostIp: string | null;
  readonly hostPort: number | null;
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
}

const PORT = /^(?:(?:(\[[0-9a-f:.]+\]|[0-9.]+):)?([0-9]*):)?([0-9]+)(?:\/(tcp|udp|sctp))?$/i;

/**
 * Reads a published port: `8080:80`, `127.0.0.1:8080:80/tcp`, `[::1]:53:53/udp`, or `80` for a host port that the engine chooses.
 */
export function readPort(text: string): Read<Port> {
  const match = PORT.exec(text);
  if (match === null) {
    return /[0-9]-[0-9]/.test(text)
      ? fault('is a range of ports: write each port as one item')
      : fault('is no published port: write 8080:80, 127.0.0.1:8080:80/tcp or the like');
  }
  const [, written, host = '', container = '', protocol = 'tcp'] = match;
  const address = written === undefined ? null : parseAddress(written.replace(/^\[|\]$/g, ''));
  if (typeof address === 'string') return fault(`begins with an address that ${address}`);
  const hostPort = host === '' ? null : Number(host);
  const containerPort = Number(container);
  const isPort = (port: number): boolean => port >= 1 && port <= 65_535;
  if (!isPort(containerPort) || (hostPort !== null && !isPort(hostPort))) {
    return fault('has an impossible port: 1 to 65535');
  }
  const hostIp = address === null ? null : address.text;
  return { value: { hostIp, hostPort, containerPort, protocol: protocol.toLowerCase() as Port['protocol'] } };
}

export interface BindText {
  readonly source: string;
  readonly target: string;
  readonly options: readonly string[];
  readonly readOnly: boolean;
}

const BIND_OPTIONS = new Set(
  'ro rw z Z shared rshared slave rslave private rprivate cached delegated consistent nocopy'.split(' '),
);

/** Reads a bind: `SOURCE:TARGET[:OPTIONS]`. The source is a path of the host. */
export function readBind(text: string): Read<BindText> {
  const [source = '', target, options, ...more] = text.split(':');
  if (target === undefined || source === '' || target === '' || more.length > 0) {
    return fault('is no bind: write SOURCE:TARGET or SOURCE:TARGET:ro');
  }
  const wrong = badSource(source) ?? badTarget(target);
  if (wrong !== null) return fault(wrong);
  const words = options === undefined ? [] : options.split(',');
  const bad = words.find((word) => !BIND_OPTIONS.has(word));
  if (bad !== undefined) return fault(`has the unknown option ${JSON.stringify(bad)}: ro and rw are the usual ones`);
  const others = words.filter((word) => word !== 'ro' && word !== 'rw');
  return { value: { source, target, options: others, readOnly: words.includes('ro') } };
}

function badSource(source: string): string | null {
  return source.startsWith('~') ? `begins with "~", which only shells know: write \${HOME} in its place` : null;
}

function badTarget(target: string): string | null {
  if (!target.startsWith('/')) return `has the target ${JSON.stringify(target)}: it must begin with /`;
  return /^\/+$/.test(target) ? 'has the target "/", which is the whole container' : null;
}

export interface CopyText {
  readonly source: string;
  readonly target: string;
  /** The permission bits; null for those of the source. */
  readonly mode: number | null;
}

/** Reads a file to copy: `SOURCE:TARGET[:MODE]`, with the mode in octal. */
export function readCopy(text: string): Read<CopyText> {
  const [source = '', target, mode, ...more] = text.split(':');
  if (target === undefined || source === '' || target === '' || more.length > 0) {
    return fault('is no copy: write SOURCE:TARGET or SOURCE:TARGET:0644');
  }
  const wrong = badSource(source) ?? badTarget(target);
  if (wrong !== null) return fault(wrong);
  if (mode !== undefined && !/^[0-7]{3,4}$/.test(mode)) {
    return fault(`has the mode ${JSON.stringify(mode)}: write three or four octal digits, as 0644`);
  }
  return { value: { source, target, mode: mode === undefined ? null : Number.parseInt(mode, 8) } };
}

/** What is wrong with a device, such as `/dev/net/tun`, `/dev/a:/dev/b` or `/dev/a:/dev/b:rwm`; null if nothing is. */
export function deviceFault(text: string): string | null {
  const [host = '', inside = host, rights = 'rwm', ...more] = text.split(':');
  const isRight = /^\/[^:]+$/.test(host) && /^\/[^:]+$/.test(inside) && /^[rwm]{1,3}$/.test(rights);
  return isRight && more.length === 0 ? null : 'is no device: write /dev/net/tun, or HOST:CONTAINER:rwm';
}

/** The names of capabilities (linux/capability.h) without CAP_. `ALL` is a word of the engines. */
const CAPABILITIES = new Set(
  (
    'ALL AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER ' +
    'FSETID IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE NET_BROADCAST ' +
    'NET_RAW PERFMON SETFCAP SETGID SETPCAP SETUID SYSLOG SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE SYS_PACCT ' +
    'SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG WAKE_ALARM'
  ).split(' '),
);

/** The name of a capability: `NET_ADMIN` for `NET_ADMIN` and for `cap_net_admin`. */
export function capabilityOf(text: string): string {
  return text.toUpperCase().replace(/^CAP_/, '');
}

export function capabilityFault(text: string): string | null {
  const name = capabilityOf(text);
  if (CAPABILITIES.has(name)) return null;
  const near = nearest(name, CAPABILITIES);
  return near === undefined
    ? 'is no capability: write NET_ADMIN or the like'
    : `is no capability: did you mean ${near}?`;
}

/** What is wrong with a pool of addresses of a family; null if nothing is. */
export function poolFault(text: string, family: 4 | 6): string | null {
  const parsed = parsePrefix(text);
  if (typeof parsed === 'string') return parsed;
  if (parsed.family !== family) return `is of IPv${parsed.family}: this plan is for IPv${family}`;
  const network = networkOf(parsed.text);
  if (network !== parsed.text) return `has host bits: write ${network}`;
  return UNUSABLE.test(parsed.address) ? 'holds no addresses that devices can have' : null;
}

/** Addresses that no device can have. IPv4: 0/8, loopback, multicast and above. IPv6: ::, loopback, link-local and multicast. */
const UNUSABLE = /^(?:0\.|127\.|22[4-9]\.|2[3-5]\d\.|::$|::1$|fe[89ab][0-9a-f]:|ff[0-9a-f]{2}:)/;

/** Turns a reader into a function that says what is wrong with a text, or null. */
export function faultOf<T>(read: (text: string) => Read<T>): (text: string) => string | null {
  return (text) => {
    const result = read(text);
    return 'fault' in result ? result.fault : null;
  };
}

/** The value of a text that was checked before. Throws RangeError if the text is wrong. */
export function readValue<T>(result: Read<T>): T {
  if ('fault' in result) throw new RangeError(result.fault);
  return result.value;
}

/** The parts of a word: plain characters, an escaped character, a text in quotes. */
const WORD = /(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/gs;
const PART = /\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'/gs;

/**
 * Splits a command line into words, as compose does: quotes join, and a backslash keeps the next character as it is. Returns null
 * if a quote is not closed.
 */
export function wordsOf(text: string): readonly string[] | null {
  if (text.replace(WORD, '').trim() !== '') return null;
  return (text.match(WORD) ?? []).map((word) =>
    word.replace(
      PART,
      (_, escaped?: string, double?: string, single?: string) =>
        escaped ?? single ?? (double ?? '').replace(/\\(.)/gs, '$1'),
    ),
  );
}
