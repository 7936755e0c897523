/**
 * The known word for which a word is probably a slip; undefined if there is none. Words are compared without case, `-`, `_` and
 * spaces.
 */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const plain = bare(word);
  if (plain.length > 40) return undefined;
  let best: string | undefined;
  let least = Math.max(1, Math.floor(plain.length / 3)) + 1;
  for (const candidate of known) {
    const distance = plain === bare(candidate) ? 0 : editDistance(plain, bare(candidate));
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

/** The word without case and separators: `outer_dev`, `outerDev` and `outer-dev` are the same slip. */
function bare(word: string): string {
  return word.toLowerCase().replace(/[-_\s]/g, '');
}

/** The optimal string alignment distance of two words: changes, insertions, deletions, and swaps of neighbours. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (above[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (before[j - 2] ?? 0) + 1);
      row.push(best);
    }
    before = above;
    above = row;
  }
  return above[b.length] ?? 0;
}
