/** Captures that go over into a new file now and then: when, what the files are called, and which are removed. */

export interface RingLimits {
  /** A new file begins before one would get larger. null: whatever its size. */
  readonly fileBytes: number | null;
  /** A new file begins after so long. null: never for that. */
  readonly fileMs: number | null;
  /** How many files are kept, the one that is written included. null: all. */
  readonly files: number | null;
}

/** `BASE_00001_20260131120000.pcapng` for `BASE.pcapng`: the number of the file and the local time at which it begins, as dumpcap has them. */
export function ringFileName(path: string, number: number, begin: Date): string {
  const [, base = path, extension = ''] = /^(.*[^/])(\.[^./]+)$/s.exec(path) ?? [];
  const parts = [begin.getMonth() + 1, begin.getDate(), begin.getHours(), begin.getMinutes(), begin.getSeconds()];
  const stamp = `${String(begin.getFullYear()).padStart(4, '0')}${parts.map((part) => String(part).padStart(2, '0')).join('')}`;
  return `${base}_${String(number).padStart(5, '0')}_${stamp}${extension}`;
}

/** Whether what comes next belongs into a new file. A file has one piece at least, whatever its size. */
export function isFileFull(
  limits: Pick<RingLimits, 'fileBytes' | 'fileMs'>,
  file: { readonly bytes: number; readonly pieces: number; readonly ageMs: number },
  nextBytes: number,
): boolean {
  if (file.pieces === 0) return false;
  if (limits.fileMs !== null && file.ageMs >= limits.fileMs) return true;
  return limits.fileBytes !== null && file.bytes + nextBytes > limits.fileBytes;
}

/** How many of the oldest files are too many. */
export function filesTooMany(limits: Pick<RingLimits, 'files'>, files: number): number {
  return limits.files === null ? 0 : Math.max(0, files - limits.files);
}
