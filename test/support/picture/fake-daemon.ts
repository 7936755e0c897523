/** Serves the page and answers as the daemon's API does, from values that a test sets. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { PAGE_URL } from '../../../src/layout.ts';
import type { Graph } from '../../../src/picture/graph.ts';

export const TOKEN = 'a token that is long enough';

interface FakeLink {
  isUp: boolean;
  netem?: string;
  bytes: number;
}

export class FakeDaemon implements AsyncDisposable {
  readonly links = new Map<string, FakeLink>();
  /** `METHOD PATH BODY` of each request that changes something, and every address that was asked for. */
  readonly changes: string[] = [];
  readonly addresses: string[] = [];
  readonly #graph: Graph;
  readonly #streams = new Set<ServerResponse>();
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  #lastId = 0;

  constructor(graph: Graph) {
    this.#graph = graph;
    for (const { kind, devices } of graph.nodes) {
      for (const { id } of devices) this.links.set(id.slice(kind.length + 1), { isUp: true, bytes: 0 });
    }
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Resolves once somebody reads the events. */
  async followed(): Promise<void> {
    while (this.#streams.size === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** Tells all readers of an event. */
  tell(event: object): void {
    this.#lastId += 1;
    const data = JSON.stringify({ id: this.#lastId, timeMs: Date.now(), source: 'kernel', ...event });
    for (const stream of this.#streams) stream.write(`id: ${this.#lastId}\nevent: x\ndata: ${data}\n\n`);
  }

  /** Sets a link as if by `ip link set`, with the event of it. */
  setUp(link: string, isUp: boolean): void {
    const own = this.links.get(link);
    if (own) own.isUp = isUp;
    const [, node, dev] = /^(.*):([^:]*)$/s.exec(link) ?? [];
    const [before, now] = isUp ? ['down', 'up'] : ['up', 'down'];
    this.tell({ type: 'admin', subject: { kind: 'link', node, dev }, end: 'node', before, now });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stream of this.#streams) stream.end();
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '/', headers } = request;
    this.addresses.push(url);
    const json = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (url === '/') {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(readFileSync(new URL('index.html', PAGE_URL)));
    } else if (headers.authorization !== `Bearer ${TOKEN}`) {
      json(401, {
        error: { message: headers.authorization === undefined ? 'no token is given' : 'the token is wrong' },
      });
    } else if (url === '/topology')
      json(200, { schemaVersion: 1, lab: this.#graph.lab, revision: 1, graph: this.#graph });
    else if (url === '/links')
      json(200, { schemaVersion: 1, links: [...this.links].map(([link, state]) => documentOf(link, state)) });
    else if (url.startsWith('/events')) {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': \n\n');
      this.#streams.add(response);
      response.once('close', () => this.#streams.delete(response));
    } else if (method === 'POST') json(200, await this.#change(url, await text(request)));
    else json(404, {});
  }

  async #change(url: string, body: string): Promise<object> {
    this.changes.push(`POST ${url} ${body}`);
    const [, link = '', verb] = /^\/links\/([^/]+)\/(set|reset)$/.exec(url) ?? [];
    const { down, up, delay } = JSON.parse(body) as { down?: boolean; up?: boolean; delay?: string };
    const own = this.links.get(decodeURIComponent(link));
    if (own && (verb === 'reset' || delay !== undefined))
      Object.assign(own, { netem: verb === 'reset' ? undefined : `delay ${delay}` });
    if (down || up || verb === 'reset') this.setUp(decodeURIComponent(link), !down);
    return {};
  }
}

function documentOf(link: string, { isUp, netem, bytes }: FakeLink): object {
  const counters = { bytes, packets: Math.round(bytes / 1000), errors: 0, dropped: 0 };
  return {
    link,
    namespace: `netns/${link}`,
    bridge: null,
    desired: 'up',
    state: 'ok',
    drift: [],
    port: null,
    device: {
      ifname: link.split(':').at(-1),
      flags: isUp ? ['UP'] : [],
      operstate: isUp ? 'UP' : 'DOWN',
      mtu: 1500,
      ...(netem !== undefined && { netem }),
      address: 'c2:00:00:00:00:01',
      addr_info: [{ local: '10.0.0.1', prefixlen: 24 }],
      stats64: { rx: counters, tx: counters },
    },
  };
}
