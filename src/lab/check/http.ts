/** Asks by HTTP over a connection that is open already. */
import { request } from 'node:http';
import { isIP, Socket } from 'node:net';
import { connect } from 'node:tls';
import { httpFault, secondsText } from '../../check/words.ts';
import type { HttpTry } from '../../topology/check/spec.ts';

/** As much of a body is read. */
const BODY_BYTES_MAX = 1 << 20;

/** How long an answer is waited for, and what is said of the whole try. */
export interface HttpPatience {
  readonly leftMs: number;
  readonly timeoutMs: number;
}

/**
 * Sends one GET, and returns why the answer is not the wanted one; null: it is. `fd` is a connection to `address`, and closed at the
 * end. Certificates are not checked: those of a lab are signed by nobody.
 */
export async function askByHttp(
  fd: number,
  address: string,
  wanted: HttpTry,
  patience: HttpPatience,
): Promise<string | null> {
  const socket = new Socket({ fd, readable: true, writable: true });
  const name = address.includes(':') ? `[${address}]` : address;
  const host = wanted.host ?? (wanted.port === (wanted.isSecure ? 443 : 80) ? name : `${name}:${wanted.port}`);
  const timer = setTimeout(() => {
    socket.destroy(new Error(`no answer within ${secondsText(patience.timeoutMs)}`));
  }, patience.leftMs);
  try {
    const { status, body } = await answerOf(socket, wanted, host);
    return httpFault(wanted, status, body);
  } catch (error) {
    return faultText(error as NodeJS.ErrnoException);
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

function answerOf(socket: Socket, { isSecure, path }: HttpTry, host: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    const stream = isSecure ? connect({ socket, rejectUnauthorized: false, ...nameFor(host) }) : socket;
    stream.on('error', reject);
    const headers = { host, connection: 'close', 'user-agent': 'linkloom' };
    const asked = request({ createConnection: () => stream, path, headers });
    asked.on('error', reject);
    asked.on('response', (response) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      const end = (): void =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString('utf8') });
      response.on('data', (part: Buffer) => {
        parts.push(part);
        bytes += part.length;
        if (bytes > BODY_BYTES_MAX) end();
      });
      response.on('end', end);
      response.on('error', reject);
    });
    asked.end();
  });
}

function nameFor(host: string): { readonly servername?: string } {
  const name = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return isIP(name) === 0 ? { servername: name } : {};
}

function faultText({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ECONNRESET') return 'the connection was closed without an answer';
  if (code === 'EPROTO' || code?.startsWith('ERR_SSL_'))
    return `what answers speaks no TLS, or other versions of it (${code})`;
  return code?.startsWith('HPE_') ? `what answers speaks no HTTP (${code})` : message;
}
