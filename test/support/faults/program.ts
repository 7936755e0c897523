/** The program when it has to succeed, and when it is not let. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { linkloom, startLinkloom } from '../bin.ts';

/** Runs it to its end; `where` is for the message of a failure. Returns its standard output. */
export async function mustSucceed(args: readonly string[], where = ''): Promise<string> {
  const { exitCode, stdout, stderr } = await linkloom(args);
  assert.equal(exitCode, 0, `${where}: ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** Starts it and kills it some time later. Returns whether that hit: whether it had not ended by itself. */
export async function killed(args: readonly string[], afterMs: number): Promise<boolean> {
  await using running = startLinkloom(args);
  await delay(afterMs);
  const isHit = running.child.exitCode === null;
  running.child.kill('SIGKILL');
  await running.child;
  return isHit;
}
