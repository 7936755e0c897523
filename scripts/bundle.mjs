/**
 * From the compiled tree to what users run: `dist/` → `lib/`. Loading some two hundred files is most of what the program
 * takes to start. Chunks keep lazy imports lazy; packages stay outside, under their own licences; nothing is minified, so
 * that a stack trace can be read. The layout is that of `dist/` (`src/layout.ts` says why), with all chunks flat in `lib/src/`.
 */
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
await buildPage();

/**
 * `lib/page/index.html`: the page with its style, its code and that of its thread, in one file. What may run is named by its hash in
 * the page's own policy, so nothing else does. The licences of the packages in it stand at its top.
 */
async function buildPage() {
  const [page, worker, style] = await Promise.all(
    ['page.ts', 'layout-worker.ts', 'page.css'].map((file) =>
      build({
        absWorkingDir: ROOT,
        entryPoints: [`src/page/${file}`],
        bundle: true,
        minify: true,
        format: 'iife',
        platform: 'browser',
        target: 'es2022',
        charset: 'ascii',
        legalComments: 'none',
        write: false,
        metafile: true,
        logLevel: 'warning',
      }),
    ),
  );
  const text = ({ outputFiles: [file] }) => file.text.trim();
  const hash = (content) => `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
  const policy = [
    "default-src 'none'",
    `script-src ${hash(text(page))}`,
    `style-src ${hash(text(style))}`,
    'worker-src blob:',
    'img-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const parts = { __CSP__: policy, '/*__STYLE__*/': text(style), __WORKER__: text(worker), __PAGE__: text(page) };
  const whole = Object.entries(parts).reduce(
    (html, [name, part]) => html.replace(name, () => part),
    readFileSync(`${ROOT}src/page/page.html`, 'utf8'),
  );
  const notice = licences([page, worker]).replaceAll('--', '- -');
  mkdirSync(`${ROOT}lib/page`, { recursive: true });
  writeFileSync(
    `${ROOT}lib/page/index.html`,
    whole.replace('<head>', () => `<!--\n${notice}\n-->\n<head>`),
  );
}

/** The licences of the packages that are in the bundles. */
function licences(results) {
  const inputs = results.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  const packages = inputs.flatMap((input) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []);
  return [...new Set(packages)]
    .sort()
    .map((name) => {
      const folder = `${ROOT}node_modules/${name}`;
      const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
      if (!file || !existsSync(`${folder}/${file}`)) throw new Error(`${name} has no licence to go with the page`);
      const { version } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
      return `${name} ${version}\n${readFileSync(`${folder}/${file}`, 'utf8').trim()}`;
    })
    .join('\n\n');
}
