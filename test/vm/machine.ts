/** One run of a virtual machine: this machine's files through virtiofsd, one command in the guest, its output and its exit status. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Kernel } from './kernel.ts';

export interface MachineOptions {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Folders that the guest writes through to this machine; all else that it writes is lost. */
  readonly shared: readonly string[];
  readonly memoryMiB: number;
  readonly timeoutMs: number;
  /** Aborted: the machine is stopped as if its time were over. */
  readonly signal: AbortSignal;
  readonly output: NodeJS.WritableStream;
}

/** What a run can end with beside the command's own status, as timeout(1) has it. */
const TIMED_OUT = 124;
const DIED = 125;

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Boot, run the command, switch off. Resolves to the command's exit status, TIMED_OUT, or DIED after the logs' ends were written. */
export async function runMachine(kernel: Kernel, options: MachineOptions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'linkloom-vm-'));
  const at = (name: string) => join(folder, name);
  const exchange = at('exchange');
  const children: ChildProcess[] = [];
  const port = createServer((connection) => connection.pipe(options.output, { end: false }));
  try {
    for (const name of ['root', 'exchange/memory', 'exchange/kernel']) mkdirSync(at(name), { recursive: true });
    writeFileSync(join(exchange, 'command'), script(options));
    writeFileSync(join(exchange, 'shared'), options.shared.map((each) => `${each}\n`).join(''));
    copyFileSync(join(ROOT, 'test/vm/guest.sh'), join(exchange, 'guest.sh'));
    chmodSync(join(exchange, 'guest.sh'), 0o755);
    port.listen(at('port'));
    const share = [join(ROOT, 'test/vm/share.sh'), at('root'), exchange, kernel.folder, options.cwd, at('files')];
    children.push(start('unshare', ['--mount', 'sh', ...share], at('share.log')));
    while (!existsSync(at('files')) && !hasEnded(children[0])) await delay(20);
    const qemu = start('qemu-system-x86_64', qemuArgs(kernel, options.memoryMiB, at), at('qemu.log'));
    children.push(qemu);
    const inTime = await endsWithin(qemu, options);
    // Its last words may still be on their way.
    await Promise.race([closed(port), delay(2000)]);
    if (existsSync(join(exchange, 'status'))) return Number(readFileSync(join(exchange, 'status'), 'utf8'));
    if (!inTime) return TIMED_OUT;
    for (const name of ['share.log', 'qemu.log', 'console.log']) options.output.write(tail(at(name)));
    return DIED;
  } finally {
    for (const child of children) await stop(child);
    port.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The command as a script: its folder, its environment, its words. */
function script({ command, cwd, env }: MachineOptions): string {
  const variables = Object.entries(env).map(([name, value]) => `export ${name}=${quoted(value)}\n`);
  return `cd ${quoted(cwd)}\n${variables.join('')}exec ${command.map(quoted).join(' ')}\n`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** One processor without hardware help: single-threaded translation of a plain CPU is the quickest there. */
function qemuArgs({ image }: Kernel, memoryMiB: number, at: (name: string) => string): readonly string[] {
  const line =
    'console=ttyS0 quiet panic=-1 mitigations=off norandmaps root=files rootfstype=virtiofs rw init=/run/guest.sh';
  return [
    ...['-M', 'q35', '-accel', 'tcg,thread=single', '-cpu', 'qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt,+cx16', '-smp', '1'],
    ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-serial', `file:${at('console.log')}`],
    ...['-m', `${memoryMiB}`, '-object', `memory-backend-memfd,id=memory,size=${memoryMiB}M,share=on`],
    ...['-numa', 'node,memdev=memory', '-kernel', image, '-append', line, '-device', 'virtio-rng-pci'],
    ...['-chardev', `socket,id=files,path=${at('files')}`, '-device', 'vhost-user-fs-pci,chardev=files,tag=files'],
    ...['-chardev', `socket,id=port,path=${at('port')}`, '-device', 'virtio-serial-pci'],
    ...['-device', 'virtserialport,chardev=port,nr=1'],
  ];
}

function start(program: string, args: readonly string[], log: string): ChildProcess {
  const file = openSync(log, 'w');
  const child = spawn(program, args, { stdio: ['ignore', file, file] });
  child.on('error', (error) => writeSync(file, `${error.message}\n`));
  child.on('close', () => closeSync(file));
  return child;
}

function hasEnded(child: ChildProcess | undefined): boolean {
  return child === undefined || child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

async function endsWithin(
  child: ChildProcess,
  { timeoutMs, signal }: Pick<MachineOptions, 'timeoutMs' | 'signal'>,
): Promise<boolean> {
  const timer = new AbortController();
  const end = once(child, 'close').then(() => true);
  const stops = AbortSignal.any([timer.signal, signal]);
  const ran = await Promise.race([end, delay(timeoutMs, false, { signal: stops }).catch(() => false)]);
  timer.abort();
  return ran;
}

async function stop(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  child.kill('SIGKILL');
  await once(child, 'close');
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

function tail(file: string): string {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return text === '' ? '' : `--- ${basename(file)}\n${text.split('\n').slice(-40).join('\n')}\n`;
}
