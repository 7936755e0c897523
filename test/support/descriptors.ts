/**
 * Loaded into every test process (`--import`): at its end no descriptor may be left that pins a network namespace,
 * nor a netlink socket. Descriptors of the namespace that the process lives in do no harm and are not counted.
 */
import { fstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** Families whose sockets Node itself keeps; inode column of each file under /proc/net. */
const KNOWN = { unix: 6, tcp: 9, tcp6: 9, udp: 9, udp6: 9 } as const;

if (isMainThread) {
  const before = new Set(descriptors());
  process.on('exit', () => {
    const own = `namespace ${statSync('/proc/self/ns/net').ino}`;
    const known = knownSockets();
    const left = descriptors().filter((target) => !before.has(target) && target !== own && !known.has(target));
    if (left.length === 0) return;
    process.stderr.write(`LEAK: descriptors left open: ${left.join(', ')}\n`);
    process.exitCode = 1;
  });
}

/** The open descriptors that are namespaces or sockets: `namespace 4026531840`, `socket:[1234]`. */
function descriptors(): readonly string[] {
  const nsfs = statSync('/proc/self/ns/net').dev;
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      // A namespace opened by its name under /run/netns has that path as its target: the file system tells.
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
