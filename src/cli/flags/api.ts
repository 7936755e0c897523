/** Options about the API of a lab that is followed. */
import { InvalidArgumentError } from 'commander';
import { type Flag, fileName } from './flag.ts';

export interface ListenAddress {
  readonly address: string;
  readonly port: number;
}

export const API_FLAG_TABLE = {
  api: {
    flags: '--no-api',
    description: 'do not serve the lab on /run/linkloom/LAB/api.sock, for other verbs and for programs',
    group: 'Nodes and kernel',
  },
  listen: {
    flags: '--listen <address:port>',
    description: 'serve the lab by TCP too, to whoever has the token; port 0: one that is free',
    group: 'Nodes and kernel',
    parse: addressAndPort,
  },
  tokenFile: {
    flags: '--token-file <file>',
    description: 'the token for --listen, in a file that others can’t read',
    group: 'Nodes and kernel',
    parse: fileName,
  },
  apiSchema: {
    flags: '--api',
    description: 'the API of a daemon, as OpenAPI 3.1',
    group: 'Output',
  },
} as const satisfies Readonly<Record<string, Flag>>;

/** `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`. Throws InvalidArgumentError. */
function addressAndPort(value: string): ListenAddress {
  const [, v6, other, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+)):([0-9]{1,5})$/.exec(value) ?? [];
  const address = v6 ?? other;
  if (address !== undefined && Number(port) <= 65_535) return { address, port: Number(port) };
  throw new InvalidArgumentError('It must be ADDRESS:PORT, as 127.0.0.1:8080 or [::1]:8080.');
}
