/** What `http:` of a check is: a URL, or the path of one. No I/O. */

/** Why a text can't be asked for by HTTP, in words that follow it; null if it can. */
export function urlFault(text: string): string | null {
  if (text.startsWith('/')) return /\s/.test(text) ? 'has white space: write %20' : null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:\/\//i.test(text)) return 'is no URL: write http://HOST:PORT/PATH, or /PATH and to:';
  if (url.username !== '' || url.password !== '') return 'has a user in it, which is not sent';
  return null;
}

/** The host of a URL as it is written, without the brackets of IPv6; null: it is a path alone. */
export function hostOfUrl(text: string): string | null {
  if (text.startsWith('/')) return null;
  const host = /^https?:\/\/(\[[^\]]*\]|[^:/?#]*)/i.exec(text)?.[1] ?? '';
  return host.replace(/^\[(.*)\]$/, '$1');
}
