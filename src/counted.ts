/** `1 bridge`, `2 bridges`, `0 bridges`. `plural` where that is not the noun and an `s`: `counted(n, 'link waits', 'links wait')`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
