/**
 * Runs as a user without any rights who does everything such a user can to keep a lab's linkloom waiting. It binds the abstract
 * sockets that linkloom may ask for, and answers there with a byte now and then or with a flood. It tries to make, open and lock
 * linkloom's files.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** The user id of nobody. */
export const NOBODY = 65_534;

const SCRIPT = `
import fs from 'node:fs'; import net from 'node:net';
const [lab, how] = process.argv.slice(1);
const chunk = Buffer.alloc(1 << 20, '7');
for (const name of ['\\0linkloom/' + lab, ('\\0linkloom/' + lab).padEnd(108, '\\0')]) {
  net.createServer((socket) => {
    socket.on('error', () => {});
    if (how === 'flood') { const more = () => { while (socket.write(chunk)); }; socket.on('drain', more); more(); }
    else setInterval(() => socket.write('7'), 200);
  }).on('error', () => {}).listen(name);
}
let got = [];
const tries = {
  directory: () => fs.mkdirSync('/run/linkloom/' + lab),
  file: () => fs.closeSync(fs.openSync('/run/linkloom/' + lab + '.lock', 'a')),
  read: () => fs.closeSync(fs.openSync('/run/linkloom/' + lab + '.lock', 'r')),
  host: () => fs.closeSync(fs.openSync('/run/linkloom/.netns.lock', 'r')),
  list: () => fs.readdirSync('/run/linkloom'),
  name: () => fs.writeFileSync('/run/netns/' + lab, ''),
  link: () => fs.symlinkSync('/etc', '/run/linkloom.' + lab),
};
setInterval(() => {
  for (const [what, attempt] of Object.entries(tries)) {
    try { attempt(); got.push(what); } catch {}
  }
}, 5);
process.on('SIGTERM', () => { process.stdout.write([...new Set(got)].join(' ') + '\\n', () => process.exit(0)); });
process.stdout.write('ready\\n');
`;

export interface Squatter extends AsyncDisposable {
  /** Ends the squatter. Returns the attempts that have succeeded. */
  end(): Promise<readonly string[]>;
}

/** Starts a squatter against `lab`. Needs root, to become another user. */
export async function squatter(lab: string, how: 'drip' | 'flood'): Promise<Squatter> {
  const user = ['--reuid', `${NOBODY}`, '--regid', `${NOBODY}`, '--clear-groups', '--inh-caps=-all', '--no-new-privs'];
  const words = [...user, process.execPath, '--input-type=module', '-e', SCRIPT, '--', lab, how];
  const child: ChildProcess = spawn('setpriv', words, { cwd: '/', stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout?.on('data', (chunk) => {
    said += String(chunk);
  });
  const exited = once(child, 'exit');
  while (!said.includes('ready\n')) {
    if (child.exitCode !== null) throw new Error(`the squatter ended: ${child.exitCode}`);
    await new Promise((go) => setTimeout(go, 10));
  }
  return {
    end: async () => {
      child.kill('SIGTERM');
      await exited;
      return (said.split('\n')[1] ?? '').split(' ').filter((word) => word !== '');
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
