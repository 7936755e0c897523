/** A device of others takes the place of a link, while a daemon looks after the lab. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../folder.ts';
import type { Netns } from '../netns.ts';

const TRIES = 50;

/** Deletes the device and makes another one of its name, in one process. Where the daemon was quicker, and has made its own again, both once more. */
export async function takeName(node: Netns, dev: string): Promise<void> {
  using folder = temporaryFolder('take-name');
  const batch = join(folder.path, 'batch');
  writeFileSync(batch, `link del ${dev}\nlink add ${dev} type veth peer name x0\n`);
  for (let tries = 1; ; tries++) {
    const refused = await node.exec('ip', '-batch', batch).then(
      () => null,
      (error: unknown) => String(error),
    );
    if (refused === null) return;
    assert.match(refused, /File exists|Cannot find device/);
    assert.ok(tries < TRIES, refused);
  }
}
