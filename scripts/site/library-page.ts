/** The page that typedoc wrote, with links that fit the anchors of the site. */
import { anchorOf, withLinks } from './markdown.ts';

/** The heading of each function and type → its anchor. A second heading of the same anchor gets a number, as with GitHub. */
function namesOf(text: string): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  const names = new Map<string, string>();
  for (const [, level = '', heading = ''] of text.matchAll(/^(#+) (.*)$/gm)) {
    const anchor = anchorOf(heading);
    let own = anchor;
    for (let count = 1; taken.has(own); count += 1) own = `${anchor}-${count}`;
    taken.add(own);
    if (level === '###') names.set(heading.replaceAll('\\', ''), own);
  }
  return names;
}

/** A link to a function or type leads to its heading; one to a property, which has none, is words only. */
export function libraryPage(written: string): string {
  // Anchors of rows in tables, which would need HTML.
  const text = written.replaceAll(/<a id="[^"]*"><\/a> ?/g, '');
  const names = namesOf(text);
  return withLinks(text, (words, target) => {
    if (!target.startsWith('#')) return `${words}(${target})`;
    const name = words.slice(1, -1).replaceAll('`', '');
    const anchor = names.get(name) ?? names.get(`${name}()`);
    return anchor === undefined ? words.slice(1, -1) : `${words}(#${anchor})`;
  });
}
