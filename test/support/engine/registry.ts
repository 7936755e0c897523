/** Serves one image on loopback as a registry does (OCI Distribution Specification, pull), and records the requests. */
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import { withBusyboxTree } from './busybox.ts';

const NAME = 'lab/busybox';
const TYPES = 'application/vnd.docker';

interface Blob {
  readonly bytes: Buffer;
  readonly digest: string;
  readonly type: string;
}

export class TestRegistry implements AsyncDisposable {
  /** The image's name: `127.0.0.1:PORT/lab/busybox:TAG`. Any tag is served. */
  readonly image: (tag: string) => string;
  /** The requested paths, in order. */
  readonly asked: string[] = [];
  readonly #server: Server;

  private constructor(server: Server, asked: string[]) {
    this.#server = server;
    this.asked = asked;
    this.image = (tag) => `127.0.0.1:${(server.address() as AddressInfo).port}/${NAME}:${tag}`;
  }

  static async start(): Promise<TestRegistry> {
    const [manifest, ...blobs] = await imageBlobs();
    const byDigest = new Map(blobs.map((blob) => [blob.digest, blob]));
    const asked: string[] = [];
    const server = createServer(({ url = '', method }, response) => {
      asked.push(url);
      const [, kind, reference = ''] = new RegExp(`^/v2/${NAME}/(manifests|blobs)/(.+)$`).exec(url) ?? [];
      const isMissing = reference === 'missing';
      const blob = kind === 'manifests' && !isMissing ? manifest : byDigest.get(reference);
      if (url === '/v2/') response.writeHead(200).end('{}');
      else if (blob === undefined)
        response.writeHead(404).end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}');
      else {
        response.writeHead(200, {
          'Content-Type': blob.type,
          'Content-Length': blob.bytes.length,
          'Docker-Content-Digest': blob.digest,
        });
        response.end(method === 'HEAD' ? undefined : blob.bytes);
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new TestRegistry(server, asked);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}

/** The blobs of the image: its manifest, its configuration, its layer. */
async function imageBlobs(): Promise<readonly [Blob, Blob, Blob]> {
  const tar = await withBusyboxTree(
    async (tree) => (await execa('tar', ['-C', tree, '-c', '.'], { encoding: 'buffer' })).stdout,
  );
  const layer = blobOf(gzipSync(tar, { level: 1 }), `${TYPES}.image.rootfs.diff.tar.gzip`);
  const config = blobOf(
    JSON.stringify({
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: 'linux',
      config: { Cmd: ['/bin/sh'] },
      rootfs: { type: 'layers', diff_ids: [digestOf(Buffer.from(tar))] },
    }),
    `${TYPES}.container.image.v1+json`,
  );
  const entry = ({ type, bytes, digest }: Blob): object => ({ mediaType: type, size: bytes.length, digest });
  const type = `${TYPES}.distribution.manifest.v2+json`;
  const manifest = { schemaVersion: 2, mediaType: type, config: entry(config), layers: [entry(layer)] };
  return [blobOf(JSON.stringify(manifest), type), config, layer];
}

function blobOf(content: string | Buffer, type: string): Blob {
  const bytes = Buffer.from(content);
  return { bytes, digest: digestOf(bytes), type };
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
