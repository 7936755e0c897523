/** Servers in namespaces that tell a client its own address, as they see it: what translates addresses on the way shows. */
import { execa } from 'execa';
import type { Netns } from '../netns.ts';

export interface Server extends AsyncDisposable {
  /** What a client in `ns` is told when it connects to `address` (and `port`, else the server's own). Rejects if there is no way. */
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

/** Listens until the end of the block, over both families. */
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
