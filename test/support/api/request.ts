/** Requests to the API of a lab, by its socket or by TCP, as node:http sends them. */
import { type IncomingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The document; throws if it is none. */
  readonly document: () => Record<string, unknown>;
}

export type Where = { readonly socketPath: string } | { readonly host: string; readonly port: number };

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export function socketOf(lab: string): { readonly socketPath: string } {
  return { socketPath: `/run/linkloom/${lab}/api.sock` };
}

/** Rejects if nobody answers. */
export function ask(where: Where, path: string, { method = 'GET', headers = {}, body }: Sent = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const all = body === undefined ? headers : { 'content-type': 'application/json', ...headers };
    const sent = request({ ...where, method, path, headers: all, agent: false }, (response) => {
      text(response).then((answer) => {
        const { statusCode: status = 0 } = response;
        resolve({ status, headers: response.headers, text: answer, document: () => JSON.parse(answer) });
      }, reject);
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

export interface StreamedEvent {
  readonly id: string;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** Reads events until `isLast` says so, then hangs up. */
export function events(
  where: Where,
  path: string,
  isLast: (event: StreamedEvent) => boolean,
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly StreamedEvent[]> {
  return new Promise((resolve, reject) => {
    const found: StreamedEvent[] = [];
    const sent = request({ ...where, path, headers, agent: false }, (response) => {
      let rest = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        const frames = `${rest}${chunk}`.split('\n\n');
        rest = frames.pop() ?? '';
        for (const frame of frames) {
          const event = eventIn(frame);
          if (event === null) continue;
          found.push(event);
          if (!isLast(event)) continue;
          sent.destroy();
          resolve(found);
          return;
        }
      });
      response.once('end', () => resolve(found));
    });
    sent.once('error', reject);
    sent.end();
  });
}

function eventIn(frame: string): StreamedEvent | null {
  const fields = new Map(frame.split('\n').map((line) => [line.split(': ', 1)[0] ?? '', line.replace(/^[^:]*: /, '')]));
  const data = fields.get('data');
  if (data === undefined) return null;
  return { id: fields.get('id') ?? '', event: fields.get('event') ?? '', data: JSON.parse(data) };
}
