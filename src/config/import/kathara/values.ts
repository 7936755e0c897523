/**
 * Reads the values of a `lab.conf` (kathara-lab.conf(5)). Each reader returns the value in linkloom's words, or what is wrong with
 * it, in words that follow the value in a message.
 */
import { type Read, readBind, readPort } from '../../nodes/values.ts';

/** What is published where no port of the host is given. */
const USUAL_HOST_PORT = 3000;

export function readFlag(text: string): Read<boolean> {
  if (/^(?:y|yes|t|true|on|1)$/i.test(text)) return { value: true };
  return /^(?:n|no|f|false|off|0)$/i.test(text) ? { value: false } : { fault: 'is neither true nor false' };
}

/** Kathara's own number without a unit is one of megabytes; everywhere else it is one of bytes. */
export function memoryOf(text: string): string {
  return /^[0-9]+$/.test(text) ? `${text}m` : text.toLowerCase();
}

/** `[HOST:]GUEST[/PROTOCOL]`. `id` is what only one port of a machine can have. */
export function readKatharaPort(text: string): Read<{ readonly id: string; readonly port: string }> {
  const match = /^(?:([0-9]+):)?([0-9]+)(?:\/(tcp|udp|sctp))?$/i.exec(text);
  if (match === null) return { fault: 'is no port: it is [HOST:]GUEST[/tcp|udp|sctp]' };
  const [, host = String(USUAL_HOST_PORT), guest = '', written] = match;
  const protocol = written?.toLowerCase();
  const port = `${host}:${guest}${protocol === undefined ? '' : `/${protocol}`}`;
  const read = readPort(port);
  return 'fault' in read ? read : { value: { id: `${Number(host)}/${protocol ?? 'tcp'}`, port } };
}

/** `HOST|GUEST|[MODE]`, where the mode is `ro` unless given. `rx` is `ro` to an engine: whether a file runs is up to its bits. */
export function readVolume(text: string, rebased: (path: string) => string): Read<string> {
  const parts = text.split('|').filter((part) => part !== '');
  const [source = '', target = '', mode = 'ro'] = parts;
  if (parts.length < 2 || parts.length > 3) return { fault: 'is no volume: it is HOST|GUEST|[ro|rw|rx]' };
  if (!['ro', 'rw', 'rx'].includes(mode)) return { fault: `has the unknown mode ${JSON.stringify(mode)}` };
  const bind = `${rebased(source)}:${target}${mode === 'rw' ? '' : ':ro'}`;
  const read = readBind(bind);
  return 'fault' in read ? read : { value: bind };
}

export interface Pair {
  readonly name: string;
  readonly value: string;
}

export function readVariable(text: string): Read<Pair> {
  const [, name = '', value = ''] = /^(\w+)=(.*)$/s.exec(text) ?? [];
  return name === '' ? { fault: 'is not NAME=VALUE' } : { value: { name, value: value.trim() } };
}

/** Of the kernel's settings a machine has only those of its network for itself. */
export function readSysctl(text: string): Read<Pair> {
  const [, name = '', value = ''] = /^([\w.-]+)\s*=([^=]*)$/.exec(text) ?? [];
  if (name === '') return { fault: 'is not NAME=VALUE, with dots in the name' };
  if (!/^net(?:\.[\w-]+){2,}$/.test(name))
    return { fault: 'does not begin with "net.": it would be a setting of the host' };
  return { value: { name, value: value.trim() } };
}

/** What only a shell understands. Words without any of it need no shell. */
const FOR_SHELLS = /[|&;<>()$`\\"'*?[\]#~=%!{}\n]/;
/** Commands that are in no file: the shell itself has them (POSIX, XCU 2.14, and bash's own). */
const OF_SHELLS = /^\s*(?:\.|:|alias|cd|eval|exec|export|read|set|source|trap|type|ulimit|umask|unset|wait)(?:\s|$)/;

export function commandOf(text: string): readonly string[] {
  return FOR_SHELLS.test(text) || OF_SHELLS.test(text) ? ['sh', '-c', text] : text.trim().split(/\s+/);
}
