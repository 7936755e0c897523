/** What the kernel has on all hosts, to compare with what a fresh `up` makes. */
import { fileURLToPath } from 'node:url';
import type { RunningSite } from './running.ts';
import { HOSTS } from './running.ts';

const DUMPER = fileURLToPath(new URL('dumper.js', import.meta.url));

/** A line for each thing, in order, with the name of its host before it. */
export async function dump({ site }: RunningSite): Promise<readonly string[]> {
  const texts = await Promise.all(
    HOSTS.map(async (host) => {
      const text = await site.hosts.exec(host, process.execPath, [DUMPER]);
      return text.split('\n').map((line) => `${host} ${line}`);
    }),
  );
  return texts.flat();
}

/** What only one of two dumps has, at most 20 lines. */
export function differencesOf(seen: readonly string[], wanted: readonly string[]): readonly string[] {
  const rest = [...wanted];
  const more = seen.filter((line) => {
    const at = rest.indexOf(line);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
  return [...more.map((line) => `too much: ${line}`), ...rest.map((line) => `missing: ${line}`)].slice(0, 20);
}
