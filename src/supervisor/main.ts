/** The supervisor's process: `main.js LAB`. Internal; `up` starts it, `down` ends it. */
import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { ensureLabDirectory } from '../engine/lock/run-directory.ts';
import { socketPath } from './files.ts';
import type { Reply, Request } from './program.ts';
import { Supervisor } from './supervisor.ts';

void start(process.argv[2] ?? '');

async function start(lab: string): Promise<void> {
  process.title = `linkloom-supervisor ${lab}`;
  // Only root can use the supervisor's files. Programs get the original mask.
  ensureLabDirectory(lab);
  const supervisor = await Supervisor.start(lab);
  // A supervisor that was killed leaves its socket.
  rmSync(socketPath(lab), { force: true });
  const server = createServer((socket) => serve(socket, supervisor));
  server.listen(socketPath(lab));

  process.on('SIGINT', () => {});
  process.on('SIGHUP', () => {});
  process.on('SIGTERM', () => void finish(supervisor));
}

function serve(socket: Socket, supervisor: Supervisor): void {
  socket.on('error', () => {});
  createInterface({ input: socket }).on('line', (line) => void answer(line, socket, supervisor));
}

async function answer(line: string, socket: Socket, supervisor: Supervisor): Promise<void> {
  let reply: Reply = { ok: true };
  let isEnd = false;
  try {
    const request = JSON.parse(line) as Request;
    isEnd = request.ask === 'end';
    await supervisor.handle(request);
  } catch (error) {
    reply = { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
  socket.end(`${JSON.stringify(reply)}\n`, () => {
    if (isEnd) process.exit(0);
  });
}

async function finish(supervisor: Supervisor): Promise<void> {
  await supervisor.handle({ ask: 'end' }).catch(() => {});
  process.exit(0);
}
