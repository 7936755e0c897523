/** The page at `/`: static files of the bundle, read once. It holds nothing of the lab. */
import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { PAGE_URL } from '../../layout.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json; charset=utf-8',
};

/** `/` is index.html; the others are at /page/NAME. */
const PREFIX = '/page/';
const INDEX = 'index.html';

/** CSP's keywords stand in single quotes (CSP 3, 2.3.1). */
const [OWN, INLINE, NONE] = 'self unsafe-inline none'.split(' ').map((word) => `'${word}'`);

/** What a browser is to do with the page: nothing from elsewhere, and in no frame. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': [
    `default-src ${NONE}`,
    `script-src ${OWN} ${INLINE} blob:`,
    `worker-src ${OWN} blob:`,
    `style-src ${OWN} ${INLINE}`,
    `img-src ${OWN} data: blob:`,
    `font-src ${OWN} data:`,
    `connect-src ${OWN}`,
    `base-uri ${NONE}`,
    `form-action ${NONE}`,
    `frame-ancestors ${NONE}`,
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

export interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
}

export function isPagePath(path: string): boolean {
  return path === '/' || path.startsWith(PREFIX);
}

/** The file of a path; null: there is none. */
export function pageFile(path: string): PageFile | null {
  const name = path === '/' ? INDEX : path.slice(PREFIX.length);
  const type = TYPES[extname(name)];
  if (type === undefined || !names().includes(name)) return null;
  return { type, bytes: readFileSync(new URL(name, PAGE_URL)) };
}

/** Only these are served, whatever a path leads to. */
function names(): readonly string[] {
  try {
    return readdirSync(PAGE_URL);
  } catch {
    return [];
  }
}
