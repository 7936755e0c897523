/** The pages of the site, made of those of the repository: where each is, and its text with the links that lead there. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { anchorOf, withLinks } from './markdown.ts';

// Compiled, this file is dist/scripts/site/pages.js.
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** The page of the library's types, which the repository does not have: `build.ts` has it written. */
export const LIBRARY_PAGE = 'reference/library.md';

/** Pages that are not under docs/ or examples/, and their places in the site. */
const OTHERS: Readonly<Record<string, string>> = {
  'README.md': 'index.md',
  'CONTRIBUTING.md': 'contributing.md',
  'CHANGELOG.md': 'changelog.md',
  'SECURITY.md': 'security.md',
  'bench/README.md': 'benchmarks.md',
  'examples/README.md': 'examples/index.md',
  LICENSE: 'licence.md',
};

/** Files of the repository, from its root, in order. */
function filesUnder(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length))
    .sort();
}

/** Path in the repository → path in the site, of all pages. */
function pagePaths(): ReadonlyMap<string, string> {
  const docs = filesUnder('docs').filter((path) => path.endsWith('.md'));
  const examples = readdirSync(join(ROOT, 'examples'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return new Map([
    ...Object.entries(OTHERS),
    ...docs.map((path) => [path, path.replace('docs/', '')] as const),
    ...examples.map(({ name }) => [`examples/${name}/README.md`, `examples/${name}.md`] as const),
  ]);
}

const PATHS = pagePaths();

/** Path in the site → its text. The library's page is not among them. */
export function sitePages(): ReadonlyMap<string, string> {
  return new Map([...PATHS].map(([source, page]) => [page, pageText(source)]));
}

/** Path in the site → file of the repository, of the pictures. */
export function sitePictures(): ReadonlyMap<string, string> {
  const pictures = filesUnder('docs/pictures').filter((path) => /\.(png|svg)$/.test(path));
  return new Map(pictures.map((path) => [path.replace('docs/', ''), path]));
}

/** What only the site says, with links to its pages as `page:PATH`: `<!-- site: WORDS -->`. */
const SITE_ONLY = /<!-- site: ([\s\S]*?) -->/g;

function pageText(source: string): string {
  const text = readFileSync(join(ROOT, source), 'utf8');
  if (source === 'LICENSE') return `# Licence\n\n\`\`\`text\n${text}\`\`\`\n`;
  const whole = /^examples\/[^/]+\/README\.md$/.test(source) ? `${text}\n${filesOfExample(dirname(source))}` : text;
  const shown = whole.replaceAll(SITE_ONLY, '$1').replaceAll(/<!--[\s\S]*?-->\n?/g, '');
  return withLinks(shown, (words, target) => linkFrom(source, words, target));
}

const LANGUAGES: Readonly<Record<string, string>> = {
  '.yaml': 'yaml',
  '.yml': 'yaml',
  '.ts': 'ts',
  '.json': 'json',
  '.sh': 'sh',
};

/** The files of an example, each under its name. */
function filesOfExample(folder: string): string {
  return filesUnder(folder)
    .filter((path) => !path.endsWith('.md') && !path.endsWith('package-lock.json'))
    .map((path) => {
      const fence = `\`\`\`${LANGUAGES[extname(path)] ?? 'text'}`;
      const text = readFileSync(join(ROOT, path), 'utf8').replace(/\n*$/, '\n');
      return `## \`${posix.relative(folder, path)}\`\n\n${fence}\n${text}\`\`\`\n`;
    })
    .join('\n');
}

/** A link of a page as the site has it. What the site does not have keeps its words only. */
function linkFrom(source: string, words: string, target: string): string {
  const [, ofSite] = /^page:(.*)/.exec(target) ?? [];
  if (ofSite === undefined && /^[a-z]+:/.test(target)) return `${words}(${target})`;
  const [file = '', anchor] = target.split('#');
  const from = PATHS.get(source) ?? source;
  const place = ofSite ?? (file === '' ? from : placeOf(posix.join(posix.dirname(source), file)));
  if (place === null) return words.slice(1, -1);
  const [page = '', own = anchor] = place.split('#');
  const relative = posix.relative(posix.dirname(from), page);
  const path = page === from ? '' : relative.startsWith('.') ? relative : `./${relative}`;
  return `${words}(${path}${own === undefined ? '' : `#${own}`})`;
}

/** Where the site has a file or folder of the repository; null if it has it not. Throws if the repository has no such file. */
function placeOf(path: string): string | null {
  const bare = path.replace(/\/$/, '');
  if (!existsSync(join(ROOT, bare))) throw new Error(`a link leads to ${path}, which is not there`);
  const isFolder = statSync(join(ROOT, bare)).isDirectory();
  const page = PATHS.get(isFolder ? `${bare}/README.md` : bare);
  if (page !== undefined) return page;
  if (bare.startsWith('docs/pictures/')) return bare.replace('docs/', '');
  const [, example, file] = /^examples\/([^/]+)\/(.+)$/.exec(bare) ?? [];
  return example === undefined || file === undefined || isFolder ? null : `examples/${example}.md#${anchorOf(file)}`;
}
