/** What a whole process takes, of wall time and of the CPU time of all its threads, from its first instruction to its end. */
import { spawnSync } from 'node:child_process';
import koffi from 'koffi';

/** getrusage(2): children that have ended and were waited for. */
const RUSAGE_CHILDREN = -1;
/** `struct rusage` begins with two `struct timeval`, of seconds and microseconds, and has 144 bytes on 64-bit machines. */
const RUSAGE_BYTES = 144;

const getrusage = koffi.load('libc.so.6').func('int getrusage(int who, void *usage)');

export interface Spent {
  readonly wallMs: number;
  /** User and system time. */
  readonly cpuMs: number;
}

/** Runs Node.js with `args` and waits. Throws if it fails. Nothing else may end meanwhile that this process has started. */
export function spentBy(args: readonly string[], env: Readonly<Record<string, string>> = {}): Spent {
  const [startedMs, before] = [performance.now(), childrenMs()];
  const { status, stderr } = spawnSync(process.execPath, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (status !== 0) throw new Error(`${args.join(' ')}: status ${status}\n${stderr}`);
  return { wallMs: performance.now() - startedMs, cpuMs: childrenMs() - before };
}

/** What `work` takes, which starts programs and waits for all of them, and its result. Nothing else may end meanwhile that this process has started. */
export async function spending<T>(work: () => Promise<T>): Promise<Spent & { readonly result: T }> {
  const [startedMs, before] = [performance.now(), childrenMs()];
  const result = await work();
  return { result, wallMs: performance.now() - startedMs, cpuMs: childrenMs() - before };
}

function childrenMs(): number {
  const usage = Buffer.alloc(RUSAGE_BYTES);
  getrusage(RUSAGE_CHILDREN, usage);
  const at = (offset: number): number => Number(usage.readBigInt64LE(offset));
  return (at(0) + at(16)) * 1000 + (at(8) + at(24)) / 1000;
}
