/** Compares versions of linkloom. */

/** Whether a version is older than what is needed; both as `1.2` or `1.2.3`. What comes after the numbers is not compared. */
export function isOlder(version: string, needed: string): boolean {
  const [own, least] = [version, needed].map((text) => (/^\d+(\.\d+)*/.exec(text)?.[0] ?? '0').split('.').map(Number));
  for (const [at, part] of (least ?? []).entries()) {
    const difference = (own?.[at] ?? 0) - part;
    if (difference !== 0) return difference < 0;
  }
  return false;
}
