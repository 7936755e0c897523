/**
 * From the compiled tree to what users run: `dist/` → `lib/`. Loading some two hundred files is most of what the program
 * takes to start. Chunks keep lazy imports lazy; packages stay outside, under their own licences; nothing is minified, so
 * that a stack trace can be read. The layout is that of `dist/` (`src/layout.ts` says why), with all chunks flat in `lib/src/`.
 */
import { chmodSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** @type {import('esbuild').BuildOptions} */
const COMMON = {
  absWorkingDir: ROOT,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  logLevel: 'warning',
};

rmSync(`${ROOT}lib`, { recursive: true, force: true });
await Promise.all([
  build({
    ...COMMON,
    // The guard comes first: what it loads then, on a Node.js that is fit, is a chunk.
    entryPoints: {
      main: 'dist/src/bin.js',
      index: 'dist/src/index.js',
      'supervisor/main': 'dist/src/supervisor/main.js',
    },
    outdir: 'lib/src',
    splitting: true,
  }),
  build({
    ...COMMON,
    entryPoints: ['link-worker', 'link-monitor', 'link-prober', 'capture-worker', 'netns-maker'].map(
      (name) => `dist/workers/${name}.js`,
    ),
    outdir: 'lib/workers',
  }),
]);
chmodSync(`${ROOT}lib/src/main.js`, 0o755);
