/**
 * Runs servers in namespaces that tell a client which address they see, so that a test can see how addresses are translated on the
 * way.
 */
import { execa } from 'execa';
import type { Netns } from '../netns.ts';

export interface Server extends AsyncDisposable {
  /**
   * What a client in `ns` is told when it connects to `address` and `port` (default: the server's own). Rejects if it can't
   * connect.
   */
  from(ns: Pick<Netns, 'name'>, address: string, port?: number): Promise<string>;
}

const SERVER = `
const [port] = process.argv.slice(1);
const say = (socket) => socket.end(socket.remoteAddress.replace(/^::ffff:/, ''));
require('node:net').createServer(say).listen(Number(port), '::', () => console.log('listening'));
`;

const CLIENT = `
const [host, port] = process.argv.slice(1);
const socket = require('node:net').connect({ host, port: Number(port) });
socket.pipe(process.stdout);
socket.setTimeout(5000, () => socket.destroy(new Error('no answer')));
`;

function node(ns: Pick<Netns, 'name'>, script: string, ...words: readonly string[]) {
  const command = ['netns', 'exec', ns.name, process.execPath, '--eval', script, ...words];
  return execa('ip', command, { stdin: 'ignore', env: { NODE_OPTIONS: '' } });
}

/** Starts a server that listens for IPv4 and IPv6 until the end of the block. */
export async function answer(ns: Pick<Netns, 'name'>, port: number): Promise<Server> {
  const child = node(ns, SERVER, String(port));
  const ended = child.catch(() => {});
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  const listens = new Promise<boolean>((resolve) => child.stdout.once('data', () => resolve(true)));
  if (!(await Promise.race([listens, ended.then(() => false)]))) await child;
  return {
    from: async (client, address, to = port) => (await node(client, CLIENT, address, String(to))).stdout,
    [Symbol.asyncDispose]: stop,
  };
}
