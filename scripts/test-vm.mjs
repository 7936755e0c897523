/**
 * `npm run test:vm`: the kernel tests in a virtual machine whose kernel has all that they can use (netem, openvswitch,
 * 8021q, ipvlan…), over this machine's files. Arguments are compiled test files to run instead. Needs root and Debian.
 */
import { ensureBuilt, ensureDependencies, ensurePrograms, fail, step } from './bootstrap.mjs';

if (process.getuid?.() !== 0) fail('The virtual machine needs root: it shows this machine’s files to its guest.');
ensureDependencies();
ensurePrograms('test');
ensurePrograms('vm');
ensureBuilt();
const files = process.argv.slice(2);
const tests = files.length > 0 ? ['--test', ...files] : ['dist/scripts/run-tests.js', 'kernel'];
step(process.execPath, ['dist/test/vm/run.js', process.execPath, ...tests]);
