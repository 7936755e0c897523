/**
 * A number with its noun: `1 bridge`, `2 bridges`, `0 bridges`. `plural` is needed if the plural is not the noun and an `s`, as in
 * `counted(n, 'link waits', 'links wait')`.
 */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
