/** Speaks to yaml-language-server, as editors do: messages of JSON-RPC with a header, over standard input and output. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../bin.ts';

const PROGRAM = join(ROOT, 'site/node_modules/yaml-language-server/bin/yaml-language-server');
const PATIENCE_MS = 60_000;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
}

export interface Position {
  readonly line: number;
  readonly character: number;
}

/** A server that ends with its block. */
export class LanguageServer implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting = new Map<number | string, (value: unknown) => void>();
  #left = Buffer.alloc(0);
  #lastId = 0;

  private constructor() {
    this.#child = spawn(process.execPath, [PROGRAM, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdout.on('data', (data: Buffer) => this.#read(data));
  }

  static async start(): Promise<LanguageServer> {
    const server = new LanguageServer();
    const folder = pathToFileURL(ROOT).href;
    await server.#ask('initialize', {
      processId: process.pid,
      rootUri: folder,
      capabilities: { workspace: { configuration: true } },
    });
    server.#tell('initialized', {});
    return server;
  }

  /** Opens a file with a text, as an editor shows it. Resolves to what the server has to say against it. */
  async open(path: string, text: string): Promise<readonly { message: string; range: { start: Position } }[]> {
    const uri = pathToFileURL(path).href;
    const said = this.#awaited(`diagnostics ${uri}`);
    this.#tell('textDocument/didOpen', { textDocument: { uri, languageId: 'yaml', version: 1, text } });
    return ((await said) as { diagnostics: { message: string; range: { start: Position } }[] }).diagnostics;
  }

  /** What the server shows at a place of a file, as Markdown. */
  async hover(path: string, position: Position): Promise<string> {
    const shown = await this.#ask('textDocument/hover', { textDocument: { uri: pathToFileURL(path).href }, position });
    return (shown as { contents: { value: string } } | null)?.contents.value ?? '';
  }

  /** The words that the server offers at a place. */
  async complete(path: string, position: Position): Promise<readonly string[]> {
    const offered = await this.#ask('textDocument/completion', {
      textDocument: { uri: pathToFileURL(path).href },
      position,
    });
    return (offered as { items: { label: string }[] }).items.map(({ label }) => label);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill();
    await ended;
  }

  async #ask(method: string, params: unknown): Promise<unknown> {
    this.#lastId += 1;
    const answer = this.#awaited(this.#lastId);
    this.#send({ id: this.#lastId, method, params });
    return await answer;
  }

  #tell(method: string, params: unknown): void {
    this.#send({ method, params });
  }

  #send(message: object): void {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message });
    this.#child.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  #awaited(key: number | string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the language server says nothing: ${key}`)), PATIENCE_MS);
      this.#waiting.set(key, (value) => {
        clearTimeout(timer);
        resolve(value);
      });
    });
  }

  #read(data: Buffer): void {
    this.#left = Buffer.concat([this.#left, data]);
    for (;;) {
      const end = this.#left.indexOf('\r\n\r\n');
      const length = Number(/Content-Length: (\d+)/.exec(this.#left.toString('latin1', 0, Math.max(end, 0)))?.[1]);
      if (end < 0 || this.#left.length < end + 4 + length) return;
      const body = this.#left.toString('utf8', end + 4, end + 4 + length);
      this.#left = this.#left.subarray(end + 4 + length);
      this.#take(JSON.parse(body) as Message);
    }
  }

  #take({ id, method, params, result }: Message): void {
    if (method === 'textDocument/publishDiagnostics') {
      this.#settle(`diagnostics ${(params as { uri: string }).uri}`, params);
    } else if (method === 'workspace/configuration') {
      // Nothing is fetched: the schema is the one that the file names.
      const settings = { validate: true, hover: true, completion: true, schemaStore: { enable: false } };
      const { items } = params as { items: { section?: string }[] };
      this.#send({ id, result: items.map(({ section }) => (section === 'yaml' ? settings : null)) });
    } else if (method === undefined && id !== undefined) this.#settle(id, result);
    else if (id !== undefined) this.#send({ id, result: null });
  }

  #settle(key: number | string, value: unknown): void {
    this.#waiting.get(key)?.(value);
    this.#waiting.delete(key);
  }
}
