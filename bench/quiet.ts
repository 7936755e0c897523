/**
 * A quiet kernel: namespaces die in the background, one after another, and a set-up meanwhile is up to ten times
 * slower. A veth whose other end is in a namespace that dies last tells when all that died before is gone.
 */
import { readFileSync } from 'node:fs';
import { runProgram } from './rivals/process.ts';

const NETNS = 'bench-quiet';
const DEVICE = 'bench-quiet0';
const TIMEOUT_MS = 120_000;

/** Resolves when all that was deleted before the call is gone. Twice, as the first may join a batch under way. */
export async function untilQuiet(): Promise<void> {
  for (let round = 0; round < 2; round += 1) {
    await runProgram('ip', ['netns', 'add', NETNS]);
    await runProgram('ip', ['link', 'add', DEVICE, 'type', 'veth', 'peer', 'name', 'q0', 'netns', NETNS]);
    await runProgram('ip', ['netns', 'del', NETNS]);
    await untilGone();
  }
}

async function untilGone(): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS;
  while (readFileSync('/proc/self/net/dev', 'utf8').includes(DEVICE)) {
    if (performance.now() > deadline) throw new Error(`the kernel is not quiet after ${TIMEOUT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Delete every named namespace: in the sandbox, all of them are the benchmark's. */
export async function removeAll(): Promise<void> {
  await runProgram('ip', ['-all', 'netns', 'delete']);
}
