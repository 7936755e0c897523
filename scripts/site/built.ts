/** Looks at the built site: each link and each picture leads to a file that is there, each anchor to an id, and nothing to another server. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** What loads by itself when a page is shown; a link does not. */
const LOADED = /<(?:script|img|iframe|source|video|audio)\b[^>]*?\ssrc="([^"]*)"|<link\b[^>]*?\shref="([^"]*)"/g;
const LINKED = /<a\b[^>]*?\shref="([^"]*)"/g;

/** A line for each fault of the site in a folder, whose root has the path `base` on its server. */
export function faultsOfSite(folder: string, base: string): readonly string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const pages = new Map(
    files.filter((file) => file.endsWith('.html')).map((file) => [file, readFileSync(join(folder, file), 'utf8')]),
  );
  const ids = new Map([...pages].map(([page, html]) => [page, idsOf(html)]));
  const site: Site = { files: new Set(files), ids, base };
  const ofPages = [...pages].flatMap(([page, html]) => [
    ...targets(html, LINKED).flatMap((target) => linkFault(site, page, target)),
    ...targets(html, LOADED).flatMap((target) =>
      isElsewhere(target) ? foreign(page, target) : linkFault(site, page, target),
    ),
  ]);
  const ofStyles = files
    .filter((file) => file.endsWith('.css'))
    .flatMap((file) => {
      const css = readFileSync(join(folder, file), 'utf8');
      return targets(css, /(?:url\(|@import\s+)["']?([^"')]*)/g).flatMap((target) =>
        isElsewhere(target) ? foreign(file, target) : [],
      );
    });
  return [...new Set([...ofPages, ...ofStyles])];
}

interface Site {
  readonly files: ReadonlySet<string>;
  readonly ids: ReadonlyMap<string, ReadonlySet<string>>;
  readonly base: string;
}

function targets(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map(([, first, second]) => decoded(first ?? second ?? ''));
}

function decoded(text: string): string {
  return text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'");
}

function idsOf(html: string): ReadonlySet<string> {
  return new Set(targets(html, /\sid="([^"]*)"/g));
}

function isElsewhere(target: string): boolean {
  return /^(?:[a-z]+:)?\/\//.test(target);
}

function foreign(page: string, target: string): readonly string[] {
  return [`${page}: loads ${target} from another server`];
}

function linkFault({ files, ids, base }: Site, page: string, target: string): readonly string[] {
  if (/^[a-z]+:/.test(target) || isElsewhere(target)) return [];
  const [path = '', anchor = ''] = target.split('#');
  const whole = path.startsWith('/') ? path : posix.join(base, posix.dirname(page), path);
  if (!whole.startsWith(base)) return [`${page}: ${target} is not under ${base}`];
  const inSite = path === '' ? page : decodeURIComponent(whole.slice(base.length)).replace(/(^|\/)$/, '$1index.html');
  if (!files.has(inSite)) return [`${page}: ${target} leads nowhere`];
  if (anchor === '' || !inSite.endsWith('.html')) return [];
  return ids.get(inSite)?.has(decodeURIComponent(anchor)) ? [] : [`${page}: ${target}: there is no such heading`];
}
