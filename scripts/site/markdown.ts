/**
 * `scripts/site/` builds the pages of the repository as one site (`npm run docs`): it lays them out as the site has them (`pages.ts`),
 * has the library's own page written from its types, builds, and checks what came out.
 *
 * This file: what a page of Markdown links to, and the anchors of its headings.
 */

/** Blocks and code, in which nothing is a link or a heading. */
const CODE = /^( *)```[\s\S]*?^ *```$|`[^`\n]*`/gm;
const LINK = /(!?\[(?:[^[\]]|!?\[[^\]]*\](?:\([^)]*\))?)*\])\(([^)\s]+)\)/g;

/** Gives each link of a page (also those to pictures) to `replace`: its words in brackets, and where it leads. */
export function withLinks(text: string, replace: (words: string, target: string) => string): string {
  const kept: string[] = [];
  const plain = text.replaceAll(CODE, (code) => `\0${kept.push(code) - 1}\0`);
  const restored = (part: string): string => part.replaceAll(/\0(\d+)\0/g, (_, at: string) => kept[Number(at)] ?? '');
  return restored(plain.replaceAll(LINK, (_, words: string, target: string) => replace(restored(words), target)));
}

/** Where the links of a page lead, as they are written. */
export function linksOf(text: string): readonly string[] {
  const found: string[] = [];
  withLinks(text, (words, target) => {
    found.push(target);
    return words;
  });
  return found;
}

/** The anchor of a heading, as GitHub makes it; the site is told to do the same. */
export function anchorOf(heading: string): string {
  const words = heading
    .replaceAll('`', '')
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase();
  return words
    .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
    .trim()
    .replaceAll(' ', '-');
}

/** The anchors of all headings of a page. */
export function anchorsOf(text: string): readonly string[] {
  const prose = text.replaceAll(/^( *)```[\s\S]*?^ *```$/gm, '');
  return [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));
}
