/**
 * The log of a program. The program writes it itself, so that it needs no supervisor for that. If the log grows too long, its end is
 * copied to another file and the log is truncated. What is written in the microseconds between is lost.
 */
import { closeSync, fstatSync, mkdirSync, openSync, readSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { LOG_FLAGS } from './files.ts';

/** Longest log, and most of the earlier part that is kept. They are small because /run is in memory. */
export const LOG_MAX_BYTES = 1 << 20;

/** Opens a log for a program's output. The caller closes the descriptor. Throws the file system's errors. */
export function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return openSync(path, LOG_FLAGS, 0o600);
}

/** Truncates the log if it is too long. Throws the file system's errors. */
export function rotateLog(path: string, maxBytes: number): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= maxBytes) return;
  const end = Buffer.alloc(maxBytes);
  const fd = openSync(path, 'r');
  try {
    const read = readSync(fd, end, 0, maxBytes, size - maxBytes);
    // The copy begins with a whole line.
    const from = end.indexOf('\n') + 1;
    writeFileSync(`${path}.1`, end.subarray(from, read), { mode: 0o600 });
    truncateSync(path);
  } finally {
    closeSync(fd);
  }
}

/** How much of a log's end is read for its last line. */
const LAST_LINE_BYTES = 4096;

/** The last line of a log that is not empty; null: there is none. */
export function lastLine(path: string): string | null {
  const bytes = Buffer.alloc(LAST_LINE_BYTES);
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return null;
  }
  try {
    const from = Math.max(0, fstatSync(fd).size - LAST_LINE_BYTES);
    const text = bytes.toString('utf8', 0, readSync(fd, bytes, 0, LAST_LINE_BYTES, from));
    return text.trimEnd().split('\n').at(-1)?.trim() || null;
  } finally {
    closeSync(fd);
  }
}
