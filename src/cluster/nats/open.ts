/** Connects to NATS. */
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { checkServerIdentity } from 'node:tls';
import type { Authenticator, ConnectionOptions, NatsConnection } from '@nats-io/transport-node';
import { LinkloomError } from '../../errors.ts';
import { apiPrefixIn } from '../accounts.ts';
import { inboxOf, type StoreOptions } from '../options.ts';
import type { Store } from '../store.ts';
import { connect } from './connecting.ts';
import { Endurance } from './endurance.ts';
import { faultOf } from './faults.ts';
import { NatsStore } from './nats-store.ts';
import { natsPackages } from './packages.ts';
import { patiently, type Try } from './patience.ts';

/** The least version of the server: earlier ones could lose acknowledged writes, or have no markers for keys that expire. */
const LEAST: readonly [number, number] = [2, 12];

/** A server that is silent for twice this is taken for lost. */
const PING_MS = 2000;

/** A server that is there takes a connection within this; those that are not are tried one after the other. */
const DIAL_MAX_MS = 5000;
const DIAL_MIN_MS = 250;

/** The server that we are connected to answers this by itself. */
const ACCOUNT_MS = 2000;

/** As `openStore`. */
export async function openNats(options: StoreOptions, signal: AbortSignal | null): Promise<Store> {
  const [transport, jetstream] = await natsPackages();
  const where = options.servers.map(withoutSecrets).join(', ');
  const wanted = await connectionOf(options, transport);
  const endurance = new Endurance(options.deadlineMs);
  const dial = ({ leftMs }: Try): Promise<NatsConnection> =>
    connect(transport, { ...wanted, timeout: dialMs(leftMs, wanted) });
  const connection = await patiently(dial, { where, endurance, signal });
  try {
    refuseOld(connection, where);
    const account = await patiently(() => accountOf(connection), { where, endurance, signal });
    // An agent goes on for as long as it can, so each of its calls has the whole time.
    const ofNext = options.host === null ? () => endurance : () => new Endurance(options.deadlineMs);
    return await NatsStore.on(connection, jetstream, { where, endurance: ofNext }, apiPrefixIn(account));
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** How long one server is tried, so that all are within the time that is left. */
function dialMs(leftMs: number, { servers }: ConnectionOptions): number {
  const count = Array.isArray(servers) ? servers.length : 1;
  return Math.min(DIAL_MAX_MS, Math.max(DIAL_MIN_MS, leftMs / count));
}

async function connectionOf(
  options: StoreOptions,
  transport: typeof import('@nats-io/transport-node'),
): Promise<ConnectionOptions> {
  const { servers, host, tlsCa, tlsCert, tlsKey } = options;
  const isTls = tlsCa !== null || tlsCert !== null || servers.some((server) => server.startsWith('tls:'));
  return {
    servers: servers.map(bare),
    name: host === null ? `verb of linkloom on ${hostname()}` : `agent of linkloom for ${host}`,
    inboxPrefix: inboxOf(host),
    authenticator: await authenticatorsOf(options, transport),
    // The client goes on for as long as linkloom does: links do not depend on it.
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: 500,
    pingInterval: PING_MS,
    maxPingOut: 2,
    ...(isTls && {
      tls: {
        ...(tlsCa !== null && { caFile: tlsCa }),
        ...(tlsCert !== null && { certFile: tlsCert }),
        ...(tlsKey !== null && { keyFile: tlsKey }),
        // The client passes on what it does not know.
        ...{ checkServerIdentity: identityCheck(servers) },
      },
    }),
  };
}

/**
 * Whether a certificate is of one of the servers that are named. The client tells Node.js no name where a server is named by its address,
 * and then any certificate of an address would be refused.
 */
function identityCheck(servers: readonly string[]): typeof checkServerIdentity {
  const names = servers.map((server) => urlOf(server).hostname.replace(/^\[|\]$/g, ''));
  return (name, certificate) => {
    const isNamed = names.some((each) => checkServerIdentity(each, certificate) === undefined);
    return isNamed ? undefined : checkServerIdentity(name, certificate);
  };
}

/** Those that the options name. Throws E_USAGE where a file can't be read. */
async function authenticatorsOf(
  { servers, nkeyFile, credsFile }: StoreOptions,
  transport: typeof import('@nats-io/transport-node'),
): Promise<Authenticator[]> {
  const found: Authenticator[] = [];
  if (credsFile !== null) found.push(transport.credsAuthenticator(await secret(credsFile)));
  if (nkeyFile !== null) {
    const seed = new TextDecoder().decode(await secret(nkeyFile)).trim();
    found.push(transport.nkeyAuthenticator(new TextEncoder().encode(seed)));
  }
  for (const server of servers) {
    const { username, password } = urlOf(server);
    if (username !== '')
      found.push(transport.usernamePasswordAuthenticator(decodeURIComponent(username), decodeURIComponent(password)));
  }
  return found;
}

async function secret(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new LinkloomError('E_USAGE', `${file} can't be read: ${(cause as Error).message}`, { cause });
  }
}

/** Throws E_USAGE. */
function urlOf(server: string): URL {
  const text = server.includes('://') ? server : `nats://${server}`;
  // The URL parser keeps user, port and IPv6 brackets only of schemes that it knows.
  const url = URL.canParse(text) ? new URL(text.replace(/^(nats|tls):/, 'http:')) : null;
  if (url !== null && /^(nats|tls):\/\//.test(text)) return url;
  throw new LinkloomError('E_USAGE', `'${withoutSecrets(server)}' is no address of a server`, {
    hint: 'as nats://192.0.2.1:4222; several with commas between',
  });
}

/** HOST:PORT. */
function bare(server: string): string {
  const { hostname: name, port } = urlOf(server);
  return `${name}:${port === '' ? 4222 : port}`;
}

function withoutSecrets(server: string): string {
  return server.replace(/\/\/[^@/]*@/, '//');
}

/** The account that the connection is in; '' where the server does not let it ask. */
async function accountOf(connection: NatsConnection): Promise<string> {
  try {
    const answer = await connection.request('$SYS.REQ.USER.INFO', '', { timeout: ACCOUNT_MS });
    const { data } = answer.json<{ readonly data?: { readonly account?: string } }>();
    return data?.account ?? '';
  } catch (error) {
    if (faultOf(error) === 'lasting') return '';
    throw error;
  }
}

function refuseOld({ info }: NatsConnection, where: string): void {
  const version = info?.version ?? '0.0';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1])) return;
  throw new LinkloomError(
    'E_STORE',
    `nats-server ${version} at ${where} is too old: linkloom needs ${LEAST.join('.')}`,
    {
      hint: 'older ones can lose what they acknowledged; https://nats.io/download has newer ones, as does the Docker image nats',
    },
  );
}
