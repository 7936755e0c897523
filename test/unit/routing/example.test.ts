/** The example of convergence has beside the network what `--frr` makes of it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { linkloom, ROOT } from '../../support/bin.ts';

const FOLDER = join(ROOT, 'examples/convergence');

test('lab.yaml is what `config --frr ospf --fast-timers` makes of network.yaml', async () => {
  const network = join(FOLDER, 'network.yaml');
  const { exitCode, stdout, stderr } = await linkloom(['config', '-f', network, '--frr', 'ospf', '--fast-timers']);
  assert.equal(exitCode, 0, stderr);
  const shown = readFileSync(join(FOLDER, 'lab.yaml'), 'utf8').replace(/^(#.*\n)+/, '');
  assert.equal(stdout.trim(), shown.trim());
});
