/**
 * `client/` speaks with a daemon's API by its unix socket. It loads no fastify, since every verb that changes a lab may come here.
 *
 * This file: one request, and the errors that come back.
 */
import { type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';
import { type DiagnosticCode, severityOf } from '../../diagnostics/table.ts';
import { type Diagnostic, ERROR_CODES, type ErrorCode, LinkloomError, type Span } from '../../errors.ts';
import { apiSocketPath } from '../../net/run-directory.ts';
import { verb } from '../../verb-names.ts';

/** A daemon that runs says so within this time, unless it is being stopped (SIGSTOP) or starved. */
const PATIENCE_MS = 10_000;

export interface Daemon {
  readonly lab: string;
  readonly pid: number;
  /** Sends a request, and resolves with its document. Throws what the daemon throws, and E_TOOL if it ends before it answers. */
  ask(method: 'GET' | 'POST', path: string, body?: object): Promise<object>;
  /**
   * Sends a request whose answer is a document a line, and gives each as it comes; the connection ends with the loop. Throws as `ask`,
   * also in between, and where `signal` aborts.
   */
  follow(method: 'GET' | 'POST', path: string, body?: object, signal?: AbortSignal): AsyncIterable<object>;
}

/** The daemon of a lab; null: none answers. Throws E_PRIVILEGE where this user may not ask it. */
export async function daemonOf(lab: string): Promise<Daemon | null> {
  const socketPath = apiSocketPath(lab);
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const { document } = await send({ socketPath, method: 'GET', path: '/healthz', signal });
    const { pid } = document as { readonly pid: number };
    const there = { lab, pid, socketPath };
    return {
      ...{ lab, pid },
      ask: (method, path, body) => ask(there, { method, path, body }),
      follow: (method, path, body, signal) => follow(there, { method, path, body, ...(signal && { signal }) }),
    };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') {
      throw new LinkloomError('E_PRIVILEGE', `the daemon of lab ${lab} may not be asked: ${code} ${socketPath}`, {
        hint: 'run as root (sudo), as the daemon does',
      });
    }
    return null;
  }
}

interface Sent {
  readonly socketPath: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: object | undefined;
  readonly signal?: AbortSignal;
}

interface Answered {
  readonly status: number;
  readonly document: object;
}

interface There {
  readonly lab: string;
  readonly pid: number;
  readonly socketPath: string;
}

type Asked = Pick<Sent, 'method' | 'path' | 'body' | 'signal'>;

async function ask(there: There, asked: Asked): Promise<object> {
  const { socketPath } = there;
  const { status, document } = await send({ socketPath, ...asked }).catch((error) => {
    throw unanswered(there, error);
  });
  // That a lab is not ready is no failure of the request (503), and has its own document.
  if (status < 400 || !('error' in document)) return document;
  throw errorIn(document);
}

async function* follow(there: There, asked: Asked): AsyncGenerator<object> {
  const { socketPath } = there;
  try {
    const response = await answerTo({ socketPath, ...asked });
    if ((response.statusCode ?? 500) >= 400) throw errorIn((await json(response)) as object);
    for await (const line of createInterface({ input: response, crlfDelay: Infinity })) {
      // A server-sent event has its document behind a word, and further lines beside it.
      const text = line.replace(/^data: /, '');
      if (text.startsWith('{')) yield JSON.parse(text) as object;
    }
    if (!response.complete) throw new Error('it has ended before it was done');
  } catch (error) {
    throw error instanceof LinkloomError ? error : unanswered(there, error as Error);
  }
}

function unanswered({ lab, pid }: There, error: NodeJS.ErrnoException): LinkloomError {
  const { code, message } = error;
  return new LinkloomError('E_TOOL', `the daemon of lab ${lab} (pid ${pid}) has not answered: ${code ?? message}`, {
    hint: `see what it has written, and what ${verb('status')} says; then do it again`,
    cause: error,
  });
}

/** Rejects with what node:http says if there is no answer. */
async function send(sent: Sent): Promise<Answered> {
  const response = await answerTo(sent);
  return { status: response.statusCode ?? 500, document: (await json(response)) as object };
}

function answerTo({ socketPath, method, path, body, signal }: Sent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? '' : JSON.stringify(body);
    const headers =
      text === '' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const sent = request({ socketPath, method, path, headers, agent: false, ...(signal && { signal }) }, resolve);
    sent.once('error', reject);
    sent.end(text);
  });
}

interface ErrorDocument {
  readonly error?: {
    readonly code?: string;
    readonly message?: string;
    readonly where?: string | null;
    readonly hint?: string | null;
    readonly diagnostics?: readonly DiagnosticDocument[];
  };
}

interface DiagnosticDocument extends Omit<Span, 'excerpt' | 'file'> {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly file: string | null;
  readonly hint: string | null;
}

/** The daemon's error, as if it had been thrown here. */
export function errorIn(document: object): LinkloomError {
  const { error = {} } = document as ErrorDocument;
  const { code = 'E_INTERNAL', message = 'the daemon failed', where, hint, diagnostics = [] } = error;
  return new LinkloomError(code in ERROR_CODES ? (code as ErrorCode) : 'E_INTERNAL', message, {
    ...(where && { where }),
    ...(hint && { hint }),
    diagnostics: diagnostics.map(diagnosticIn),
  });
}

function diagnosticIn({ code, message, hint, file, ...place }: DiagnosticDocument): Diagnostic {
  const { line, column, endLine, endColumn } = place;
  return {
    code,
    severity: severityOf(code),
    message,
    ...(file !== null && { where: { file, line, column, endLine, endColumn } }),
    ...(hint !== null && { hint }),
  };
}
