/**
 * `npm run test:vm`: what the machine's own kernel may lack (netem, openvswitch, 8021q, ipvlan, geneve, gre, dummy, WireGuard), tested in a virtual
 * machine whose kernel has all of it, over this machine's files: each feature once, with packets. `--smoke` runs the few of them that
 * `npm test` has, on what that has compiled; `--all` all that the kernel is asked to do; other arguments are compiled test files to run
 * instead. Needs root and Debian. The guest is slow: tests that depend on the time of the machine have no place in it.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt, ensureDependencies, ensurePrograms, fail, ROOT, step } from './bootstrap.mjs';

const KERNEL = 'dist/test/kernel';
const ALL = ['ops', 'traffic', 'ovs', 'lower'];
/** Of netem, of 8021q and what stands on a parent, and of openvswitch: one thing each that packets show. */
const SMOKE = [
  { files: [join(KERNEL, 'lower/parents.test.js')], names: 'carries packets' },
  { files: [join(KERNEL, 'ovs/system.test.js')], names: 'is started, carries packets' },
  // After those before, which have made linkloom's folder under /run.
  { files: [join(KERNEL, 'traffic/packets.test.js')], names: 'are delayed: |are lost: ' },
];

if (process.getuid?.() !== 0) fail('The virtual machine needs root: it shows this machine’s files to its guest.');
ensureDependencies();
ensurePrograms('test');
ensurePrograms('vm');
if (process.argv[2] !== '--smoke') ensureBuilt();
const lines = ['status=0', ...runsFor(process.argv.slice(2)).map(lineOf), 'exit $status'];
step(process.execPath, ['dist/test/vm/run.js', 'sh', '-c', lines.join('\n')]);

/** What to run: files, and of these only the tests of some names, or all (null). */
function runsFor(words) {
  if (words[0] === '--smoke') return SMOKE;
  if (words.length > 0) return [{ files: words[0] === '--all' ? ALL.flatMap(testsIn) : words, names: null }];
  return [
    { files: testsIn('traffic'), names: null },
    // After those before, which have made linkloom's folder under /run.
    { files: [join(KERNEL, 'ops/bridge.test.js')], names: 'bridges and ports are made' },
    { files: [...testsIn('lower'), join(KERNEL, 'ovs/system.test.js')], names: 'carries packets|is made, answers' },
    { files: [join(KERNEL, 'host/openvswitch.test.js')], names: 'is joined by two labs' },
    { files: [join(KERNEL, 'overrides/netem.test.js')], names: null },
    { files: ['dist/test/vm/wireguard.test.js'], names: null },
    { files: ['kinds', 'impaired'].map((name) => join(KERNEL, `proof/${name}.test.js`)), names: null },
  ];
}

/** A line of shell; names of files and tests hold no quotes. */
function lineOf({ files, names }) {
  const options = ['--test', '--test-concurrency=1', '--test-reporter=spec'];
  if (names !== null) options.push(`--test-name-pattern='${names}'`);
  return `${process.execPath} ${[...options, ...files].join(' ')} || status=1`;
}

function testsIn(name) {
  const files = readdirSync(join(ROOT, KERNEL, name)).filter((file) => file.endsWith('.test.js'));
  return files.sort().map((file) => join(KERNEL, name, file));
}
