/**
 * `live/` shows a lab as it runs: it asks the daemon's API. This file: requests. The token goes in a header, never in an address, and
 * events are read by fetch, since EventSource can't send headers.
 */

/** What the page reads of `GET /links` (the document of `status --json`). */
export interface LinkDocument {
  readonly link: string;
  readonly namespace: string;
  readonly bridge: string | null;
  readonly desired: string | null;
  readonly state: 'ok' | 'missing' | 'differs' | 'extra' | 'waits';
  readonly drift: readonly string[];
  readonly overrides?: readonly OverrideDocument[];
  readonly port: { readonly namespace: string; readonly ifname: string } | null;
  readonly device: DeviceDocument | null;
}

/** What is set by hand. */
export interface OverrideDocument {
  readonly end: 'node' | 'port';
  readonly setting: 'state' | 'mtu' | 'impair';
  /** null: it is not known what is configured. */
  readonly wanted: string | null;
  readonly actual: string;
}

export interface DeviceDocument {
  readonly ifname: string;
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly operstate: string;
  readonly netem?: string;
  readonly address?: string;
  readonly addr_info?: readonly { readonly local: string; readonly prefixlen: number }[];
  readonly stats64?: { readonly rx: Counters; readonly tx: Counters };
}

export interface Counters {
  readonly bytes: number;
  readonly packets: number;
  readonly errors: number;
  readonly dropped: number;
}

export interface EventDocument {
  readonly id: number;
  /** ISO 8601. */
  readonly time: string;
  readonly type: string;
  readonly [key: string]: unknown;
}

/** An answer that is an error; `status` is HTTP's. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export class Api {
  token: string;

  constructor(token: string) {
    this.token = token;
  }

  async get<T>(path: string): Promise<T> {
    return (await this.#ask(path, {})) as T;
  }

  async post(path: string, body: object): Promise<unknown> {
    return this.#ask(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
  }

  /** Reads events until the stream ends. `after`: the last one that is known. */
  async events(after: number | null, onEvent: (event: EventDocument) => void): Promise<void> {
    const response = await fetch(after === null ? '/events' : `/events?after=${after}`, { headers: this.#headers });
    if (!response.ok || response.body === null) throw await errorOf(response);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
      const frames = `${rest}${value ?? ''}`.split('\n\n');
      rest = frames.pop() ?? '';
      for (const frame of frames) {
        const data = frame.split('\n').flatMap((line) => (line.startsWith('data:') ? [line.slice(5).trimStart()] : []));
        if (data.length > 0) onEvent(JSON.parse(data.join('\n')) as EventDocument);
      }
    }
  }

  get #headers(): Record<string, string> {
    return this.token === '' ? {} : { authorization: `Bearer ${this.token}` };
  }

  async #ask(path: string, init: RequestInit): Promise<unknown> {
    const response = await fetch(path, { ...init, cache: 'no-store', headers: { ...init.headers, ...this.#headers } });
    if (!response.ok) throw await errorOf(response);
    return response.json();
  }
}

async function errorOf(response: Response): Promise<ApiError> {
  const text = await response.text();
  let said = text;
  try {
    const { error, message } = JSON.parse(text) as { error?: { message?: string } | string; message?: string };
    said = (typeof error === 'object' ? error.message : undefined) ?? message ?? text;
  } catch {
    // The text is no JSON: it is shown as it is.
  }
  return new ApiError(response.status, said || `the daemon answers ${response.status}`);
}
