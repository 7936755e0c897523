/** Runs the program to success, or kills it. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { linkloom, startLinkloom } from '../bin.ts';

/** Runs the program, which must succeed. `where` is for the message of a failure. Returns its standard output. */
export async function mustSucceed(args: readonly string[], where = ''): Promise<string> {
  const { exitCode, stdout, stderr } = await linkloom(args);
  assert.equal(exitCode, 0, `${where}: ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** Starts the program and kills it some time later. Returns whether it was still running. */
export async function killed(args: readonly string[], afterMs: number): Promise<boolean> {
  await using running = startLinkloom(args);
  await delay(afterMs);
  const isHit = running.child.exitCode === null;
  running.child.kill('SIGKILL');
  await running.child;
  return isHit;
}
