/**
 * Loaded into every process of tests (`--import`). At its end no descriptor may be left open that pins a network namespace, and no
 * netlink socket. Descriptors of the process's own namespace do no harm, and are not counted.
 */
import { fstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** The families of sockets that Node.js itself keeps, with the column of the inode in each file of /proc/net. */
const KNOWN = { unix: 6, tcp: 9, tcp6: 9, udp: 9, udp6: 9 } as const;

/** Descriptor → the file of tests after which it was first there. */
const since = new Map<string, string>();

if (isMainThread) {
  const before = new Set(descriptors());
  process.on('exit', () => {
    const own = `namespace ${statSync('/proc/self/ns/net').ino}`;
    const known = knownSockets();
    const left = descriptors().filter((target) => !before.has(target) && target !== own && !known.has(target));
    if (left.length === 0) return;
    const named = left.map((target) => `${target}${since.has(target) ? ` (since ${since.get(target)})` : ''}`);
    process.stderr.write(`LEAK: descriptors left open: ${named.join(', ')}\n`);
    process.exitCode = 1;
  });
}

/** Notes the descriptors that are open after a file of tests, where several files share this process. */
export function noteDescriptors(file: string): void {
  for (const target of descriptors()) if (!since.has(target)) since.set(target, file);
}

/** The open descriptors of namespaces and sockets: `namespace 4026531840`, `socket:[1234]`. */
function descriptors(): readonly string[] {
  const nsfs = statSync('/proc/self/ns/net').dev;
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      // The link of a descriptor shows a path for a namespace that was opened by name; the file system shows that it is a
      // namespace.
      const { dev, ino } = fstatSync(Number(fd));
      if (dev === nsfs) return [`namespace ${ino}`];
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      return target.startsWith('socket:[') ? [target] : [];
    } catch {
      return [];
    }
  });
}

function knownSockets(): ReadonlySet<string> {
  const inodes = Object.entries(KNOWN).flatMap(([family, column]) =>
    readFileSync(`/proc/self/net/${family}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => `socket:[${line.trim().split(/\s+/)[column]}]`),
  );
  return new Set(inodes);
}
