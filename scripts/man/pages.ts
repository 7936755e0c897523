/** All man pages. */
import { commandPages } from './command-pages.ts';
import { configurationManPage } from './configuration-page.ts';

/** File name in `man/` → text. */
export function manPages(version: string): ReadonlyMap<string, string> {
  return new Map([...commandPages(version), ['linkloom.yaml.5', configurationManPage(version)]]);
}
