/** What is answered without a token: whether the daemon runs, and the page, which asks for the token itself. */
import type { IncomingMessage } from 'node:http';
import { ROUTES } from '../routes.ts';
import { isPagePath } from './page.ts';

const OPEN: ReadonlySet<string> = new Set(
  Object.values(ROUTES).flatMap((route) => ('isOpen' in route ? [route.path] : [])),
);

export function isOpenPath({ method, url = '/' }: Pick<IncomingMessage, 'method' | 'url'>): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  const [path = '/'] = url.split('?');
  return OPEN.has(path) || isPagePath(path);
}
