/**
 * `server/` answers requests. This file: who is refused before anything is looked at. A unix socket is guarded by its file's mode; over
 * TCP a token is wanted. Pages of other origins are refused everywhere, since a browser sends what they ask for in the user's name.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';

export interface TcpAccess {
  readonly token: string;
  /** The name or address that was given to listen on. */
  readonly address: string;
}

export interface Refusal {
  readonly status: 401 | 403;
  readonly message: string;
  readonly hint: string;
}

/** Why a request is refused; null: it is not. `tcp`: null: it came by the unix socket. `isOpen`: the path needs no token. */
export function refusalOf(
  { headers }: Pick<IncomingMessage, 'headers'>,
  tcp: TcpAccess | null,
  isOpen: boolean,
): Refusal | null {
  const { host, origin } = headers;
  if (host !== undefined && !isOwnName(nameIn(host), tcp)) {
    // A page can have its own name lead to this address, and is of the same origin then (DNS rebinding).
    return refused(403, `${host} is not the name of this server`, 'call it by its address, or as localhost');
  }
  if (origin !== undefined && !isSameOrigin(origin, host)) {
    return refused(403, `a page of ${origin} has no say here`, 'use the page that this server has at /');
  }
  if (headers['sec-fetch-site'] === 'cross-site' && headers['sec-fetch-mode'] !== 'navigate') {
    return refused(403, 'a page of another origin has no say here', 'use the page that this server has at /');
  }
  if (tcp === null || isOpen || isToken(headers.authorization, tcp.token)) return null;
  const message = headers.authorization === undefined ? 'no token is given' : 'the token is wrong';
  return refused(401, message, 'send the header `Authorization: Bearer TOKEN`, with the text of --token-file');
}

function refused(status: Refusal['status'], message: string, hint: string): Refusal {
  return { status, message, hint };
}

/** `NAME` of `NAME:PORT`, `[ADDRESS]:PORT` or either without a port, in lower case. */
function nameIn(host: string): string {
  const [, address, name] = /^(?:\[([^\]]*)\]|([^:]*))(?::[0-9]*)?$/.exec(host) ?? [];
  return (address ?? name ?? host).toLowerCase();
}

/** Addresses can't be rebound, and nobody outside can have a name without a dot. */
function isOwnName(name: string, tcp: TcpAccess | null): boolean {
  if (isIP(name) !== 0) return true;
  if (/^[a-z0-9_-]*$/.test(name) || name.endsWith('.localhost')) return true;
  return name === tcp?.address.toLowerCase() || name === hostname().toLowerCase();
}

/** A page that was sent here on a way through a proxy may be https. */
function isSameOrigin(origin: string, host: string | undefined): boolean {
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}

/** Takes the same time however much of the token is right. */
function isToken(authorization: string | undefined, token: string): boolean {
  const [, given = ''] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
  return timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
