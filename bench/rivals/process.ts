/** The other ways to make the same lab. This file: programs, started without a shell. */
import { spawn } from 'node:child_process';

/** Run a program to its end, with `input` on its standard input; rejects with what it wrote where it fails. */
export function runProgram(program: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += String(chunk);
    });
    child.stderr.on('data', (chunk) => {
      stderr += String(chunk);
    });
    child.on('error', reject);
    // A program that ends before it has read all says why on stderr.
    child.stdin.on('error', () => {});
    child.on('close', (status) => {
      if (status === 0) resolve(stdout);
      else reject(new Error(`${program} ${args.join(' ')}: status ${status}\n${stderr}`));
    });
    child.stdin.end(input);
  });
}

/** Run `task` on every item, `width` at a time. */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  task: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const drain = async (): Promise<void> => {
    for (const item of queue) await task(item);
  };
  await Promise.all(Array.from({ length: width }, drain));
}
