/** No warning of Node.js reaches a user (`linkloom` and `startLinkloom` fail on one), however many nodes have commands. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { linkloom, startLinkloom } from '../../support/bin.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { needs } from '../../support/needs.ts';
import { uniqueName } from '../../support/netns.ts';

/** Past ten listeners of one kind Node.js takes them for a leak. */
const NODES = 14;

test('commands in many namespaces, in up and in the daemon', {
  timeout: 120_000,
  ...needs('root', 'program:ip'),
}, async () => {
  const lab = uniqueName('m');
  await using folder = temporaryFolder('warnings');
  const file = join(folder.path, 'lab.json');
  const nodes = Array.from({ length: NODES }, (_, at) => `${lab}${at}`);
  const links = nodes.map((netns) => ({ netns, bridge: 'lan', dev: 'eth0' }));
  const commands = nodes.map((netns) => ({ netns, command: 'sleep 0.2; echo done' }));
  await writeFile(file, JSON.stringify({ lab, links, commands }));
  try {
    const ran = await linkloom(['up', '-f', file]);
    assert.equal(ran.exitCode, 0, ran.stderr);
    await linkloom(['down', '--lab', lab]);
    await using daemon = startLinkloom(['daemon', '-f', file]);
    await daemon.until(new RegExp(`(done[^]*){${NODES}}`));
    daemon.child.kill('SIGTERM');
    assert.equal((await daemon.child).exitCode, 0, daemon.output());
  } finally {
    await linkloom(['down', '--lab', lab]);
  }
});
