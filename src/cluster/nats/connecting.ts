/**
 * Connects by the client's own transport, with one thing mended: a try that is given up takes its socket with it. The client forgets a
 * socket that is not connected yet, or on which the server has said nothing. The kernel goes on connecting for two minutes, and the process
 * lives as long.
 */
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import type { ConnectionOptions, NatsConnection } from '@nats-io/transport-node';

type Transport = typeof import('@nats-io/transport-node');

/** Throws what the client throws. */
export async function connect(client: Transport, options: ConnectionOptions): Promise<NatsConnection> {
  const { NodeTransport, nodeResolveHost } = await import('@nats-io/transport-node/lib/node_transport.js');

  class WholeTransport extends NodeTransport {
    /** `socket` is there from the start, so that `discard`, which the client calls before its next try, and `close` find it. */
    override async dial({ hostname, port }: { readonly hostname: string; readonly port: number }): Promise<Socket> {
      const socket = createConnection(port, hostname);
      this.socket = socket;
      socket.setNoDelay(true);
      try {
        await connected(socket);
      } finally {
        socket.removeAllListeners();
      }
      return socket;
    }

    override async close(error?: Error): Promise<void> {
      if (this.connected) return await super.close(error);
      this.done = true;
      this.socket?.destroy();
    }
  }

  client.setTransportFactory({ factory: () => new WholeTransport(), dnsResolveFn: nodeResolveHost });
  return await client.NatsConnectionImpl.connect(options);
}

/** Rejects where it is closed before. */
async function connected(socket: Socket): Promise<void> {
  const closed = new Promise<never>((_, reject) => {
    socket.once('close', () => reject(new Error('the connection was given up')));
  });
  await Promise.race([once(socket, 'connect'), closed]);
}
