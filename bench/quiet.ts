/**
 * Waits for a quiet kernel. The kernel dismantles deleted namespaces in the background, one after another, and meanwhile making a
 * lab takes up to ten times as long. To find out when all are gone, this makes a veth with one end in a namespace, deletes that
 * namespace last, and waits until the veth is gone.
 */
import { readFileSync } from 'node:fs';
import { runProgram } from './rivals/process.ts';

const NETNS = 'bench-quiet';
const DEVICE = 'bench-quiet0';
const TIMEOUT_MS = 120_000;

/**
 * Resolves when everything is gone that was deleted before the call. It waits twice, since the first wait may join a batch that is
 * under way.
 */
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

/** Deletes every named namespace. In the sandbox all of them are the benchmark's. */
export async function removeAll(): Promise<void> {
  await runProgram('ip', ['-all', 'netns', 'delete']);
}
