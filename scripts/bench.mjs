/**
 * `npm run bench[:NAME] [-- FLAGS]`: installs and compiles what is missing, then runs a benchmark, one of `PROGRAMS`. All but the micro
 * benchmark need root.
 */
import { ensureBuilt, ensureDependencies, ensurePrograms, step } from './bootstrap.mjs';

const PROGRAMS = {
  deploy: 'dist/bench/macro/deploy.bench.js',
  scale: 'dist/bench/macro/scale.bench.js',
  huge: 'dist/bench/macro/huge.bench.js',
  micro: 'dist/bench/micro/stages.bench.js',
  daemon: 'dist/bench/macro/daemon.bench.js',
  capture: 'dist/bench/macro/capture.bench.js',
  verify: 'dist/bench/macro/verify.bench.js',
  play: 'dist/bench/macro/play.bench.js',
  set: 'dist/bench/macro/set.bench.js',
  process: 'dist/bench/macro/process.bench.js',
  alone: 'dist/bench/alone/alone.bench.js',
  foretold: 'dist/bench/macro/foretold.bench.js',
  rtnl: 'dist/bench/macro/rtnl.bench.js',
  kinds: 'dist/bench/macro/kinds.bench.js',
  trunk: 'dist/bench/micro/trunk.bench.js',
  gate: 'dist/bench/gate.js',
};

const [which = 'deploy', ...flags] = process.argv.slice(2);
ensureDependencies();
ensurePrograms('bench');
ensureBuilt();
step(process.execPath, [PROGRAMS[which], ...flags]);
