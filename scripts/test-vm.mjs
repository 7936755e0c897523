/**
 * `npm run test:vm`: what the kernel is asked to do (`test/kernel/ops`, `traffic`, `ovs`), tested in a virtual machine whose
 * kernel has all of it (netem, openvswitch, 8021q, ipvlan…), over this machine's files. Arguments are compiled test files to run
 * instead. Needs root and Debian. The guest is slow: tests that depend on time have no place in it.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt, ensureDependencies, ensurePrograms, fail, ROOT, step } from './bootstrap.mjs';

const FOLDERS = ['dist/test/kernel/ops', 'dist/test/kernel/traffic', 'dist/test/kernel/ovs'];

if (process.getuid?.() !== 0) fail('The virtual machine needs root: it shows this machine’s files to its guest.');
ensureDependencies();
ensurePrograms('test');
ensurePrograms('vm');
ensureBuilt();
const files = process.argv.length > 2 ? process.argv.slice(2) : FOLDERS.flatMap(testsIn);
const node = [process.execPath, '--test', '--test-concurrency=1', '--test-reporter=spec', ...files];
step(process.execPath, ['dist/test/vm/run.js', ...node]);

function testsIn(folder) {
  const names = readdirSync(join(ROOT, folder)).filter((name) => name.endsWith('.test.js'));
  return names.sort().map((name) => join(folder, name));
}
