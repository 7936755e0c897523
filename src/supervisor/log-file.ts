/**
 * The log of a program, which the program writes itself, so that no supervisor is needed for that. Where it grows too long its end is
 * copied aside and it is cut to nothing; what is written in the microseconds between is lost.
 */
import { closeSync, mkdirSync, openSync, readSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { LOG_FLAGS } from './files.ts';

/** As long may a log be, and as much of the part before is kept: /run is in memory. */
export const LOG_MAX_BYTES = 1 << 20;

/** A descriptor to be a program's output; whoever asks closes it. Throws what the file system says. */
export function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return openSync(path, LOG_FLAGS, 0o600);
}

/** Cut it if it is too long. Throws what the file system says. */
export function rotateLog(path: string, maxBytes: number): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= maxBytes) return;
  const end = Buffer.alloc(maxBytes);
  const fd = openSync(path, 'r');
  try {
    const read = readSync(fd, end, 0, maxBytes, size - maxBytes);
    // From the beginning of a line.
    const from = end.indexOf('\n') + 1;
    writeFileSync(`${path}.1`, end.subarray(from, read), { mode: 0o600 });
    truncateSync(path);
  } finally {
    closeSync(fd);
  }
}
