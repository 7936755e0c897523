/**
 * `npm run test:nodes`: tests under the other versions of Node.js that package.json allows: those of units, long ones too, of the program as a process
 * and, as root, of the workers' operations (what is native differs with the version) and of the locks (which one version has to see of
 * another). With arguments only the suites named. The versions come from npm, into a cache outside of the repository.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt, ensureDependencies, ensurePrograms, fail, step } from './bootstrap.mjs';

const MAJORS = [22, 24].filter((major) => major !== Number.parseInt(process.versions.node, 10));
/** Debian 12 has it. */
const OLD_MAJOR = 18;
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'linkloom');

const named = process.argv.slice(2);
const suites =
  named.length > 0
    ? named
    : process.getuid?.() === 0
      ? ['unit', 'long', 'cli', 'kernel/ops', 'kernel/lock']
      : ['unit', 'long', 'cli'];

ensureDependencies();
ensurePrograms('test');
ensureBuilt();
refusesOld();
for (const major of MAJORS) {
  const node = nodeOf(major);
  process.stdout.write(`\n=== Node ${major}\n`);
  process.env.LINKLOOM_OTHER_NODE = process.execPath;
  step(node, ['dist/scripts/run-tests.js', ...suites]);
}

/** The guard has to be read by a Node.js that could not read the rest. */
function refusesOld() {
  const { status, stderr } = spawnSync(nodeOf(OLD_MAJOR), ['lib/src/main.js', 'version'], { encoding: 'utf8' });
  process.stdout.write(`\n=== Node ${OLD_MAJOR}\n${stderr}`);
  if (status !== 3 || !stderr.startsWith('ERROR: linkloom needs Node.js')) fail(`Node ${OLD_MAJOR}: status ${status}`);
}

/** Path of a node of that major version, installed on first use. */
function nodeOf(major) {
  const prefix = join(cache, `node-${major}`);
  const node = join(prefix, 'node_modules', 'node', 'bin', 'node');
  if (existsSync(node)) return node;
  mkdirSync(prefix, { recursive: true });
  step('npm', ['install', '--prefix', prefix, '--no-save', '--no-audit', '--no-fund', `node@${major}`]);
  if (!existsSync(node)) fail(`npm's node@${major} has no ${node}`);
  return node;
}
