/**
 * `npm run demo`: from a bare clone to a lab of network namespaces that is brought up, looked at, pinged across and
 * taken down. Needs root; leaves nothing behind, and says so after having looked.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { ensureBuilt, ensureDependencies, ensurePrograms, fail } from './bootstrap.mjs';

const FILE = 'examples/router/lab.yaml';
const LAB = 'router';
const BIN = 'lib/src/main.js';

if (process.getuid?.() !== 0) fail('The demo makes network namespaces, which needs root: sudo npm run demo');

ensureDependencies();
ensurePrograms('demo');
ensureBuilt();

const before = inventory();
let failed = false;
try {
  show('What is wanted', 'cat', [FILE]);
  linkloom('What linkloom would do, and why', ['plan', '-f', FILE]);
  linkloom('Bring it up', ['up', '-f', FILE]);
  linkloom('A second time there is nothing to do', ['up', '-f', FILE]);
  linkloom('How it is', ['status', '-f', FILE]);
  linkloom('From one end to the other, over the router', [
    'exec',
    'alice',
    '--',
    'ping',
    '-c',
    '3',
    '-i',
    '0.2',
    '-w',
    '10',
    '10.0.2.2',
  ]);
} finally {
  linkloom('Take it down: the name of the lab is enough', ['down', '--lab', LAB]);
}
const left = [...inventory()].filter((thing) => !before.has(thing));
if (left.length > 0) fail(`The demo left behind: ${left.join(', ')}`);
if (failed) fail('The demo failed: see above.');
process.stdout.write('\nNothing remains: no network namespace, no device and no process that was not there before.\n');

/** Run linkloom as a user does. A failure is remembered: the lab is taken down all the same. */
function linkloom(title, args) {
  if (failed && args[0] !== 'down') return;
  show(title, process.execPath, [BIN, ...args], `linkloom ${args.join(' ')}`);
}

function show(title, program, args, shown = `${program} ${args.join(' ')}`) {
  process.stdout.write(`\n\u2500\u2500 ${title}\n$ ${shown}\n`);
  const { status } = spawnSync(program, args, { stdio: 'inherit' });
  if (status !== 0) failed = true;
}

/** All that the demo could leave: named namespaces, devices of this one, processes of linkloom. */
function inventory() {
  const processes = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandOf(pid).includes(BIN));
  return new Set([
    ...list('/run/netns').map((name) => `network namespace ${name}`),
    ...list('/sys/class/net').map((name) => `device ${name}`),
    ...processes.map((pid) => `process ${pid}`),
  ]);
}

function commandOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function list(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
