/**
 * `rivals/` has the other ways to make the same lab.
 *
 * This file: starts programs without a shell.
 */
import { spawn } from 'node:child_process';

/** Runs a program to its end, with `input` as its standard input. If it fails, rejects with what it wrote. */
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
    // A program that ends before it has read everything explains that on stderr.
    child.stdin.on('error', () => {});
    child.on('close', (status) => {
      if (status === 0) resolve(stdout);
      else reject(new Error(`${program} ${args.join(' ')}: status ${status}\n${stderr}`));
    });
    child.stdin.end(input);
  });
}

/** Runs `task` on every item, `width` at a time. */
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
