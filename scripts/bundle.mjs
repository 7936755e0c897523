/**
 * From the compiled tree to what users run: `dist/` → `lib/`. Loading hundreds of files is most of what the program takes to start, so
 * all of it is one file, a table of chunks that run when they are first imported, and V8's code of it is kept (`src/cli/start/`). The
 * library is in chunks of their own files. Nothing is minified, so that a stack trace can be read. The layout is that of `dist/` (`src/layout.ts` says why), with
 * all that is found by its place flat in `lib/src/`.
 */
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chunkTable } from './bundle/chunk-table.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Packages that stay outside: what has parts for each kind of machine, and what only some verbs load. */
const OUTSIDE = ['koffi', 'fastify', 'prom-client', 'saxes', '@napi-rs/nice', '@nats-io/*'];

/**
 * Parts of packages that are never called: dockerode's sessions for building images, which load gRPC and protobuf, and its ways to engines
 * on other machines, whose namespaces are out of reach.
 */
const LEFT_OUT = /\/dockerode\/lib\/(session|buildkit)\.js$|\/docker-modem\/lib\/ssh\.js$|\/split-ca\//;

/** Puts a function that says so in place of each. @type {import('esbuild').Plugin} */
const leaveOut = {
  name: 'leave-out',
  setup: ({ onLoad }) =>
    onLoad({ filter: LEFT_OUT }, ({ path }) => {
      // Whoever has DOCKER_CERT_PATH set has the certificates read, also where there is no use for them.
      if (path.includes('/split-ca/')) return { contents: 'module.exports = () => [];' };
      const message = `${path.replace(/.*\/node_modules\//, '')} is not a part of linkloom`;
      return { contents: `module.exports = () => { throw new Error(${JSON.stringify(message)}); };` };
    }),
};

/** @type {import('esbuild').BuildOptions} */
const COMMON = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  metafile: true,
  logLevel: 'warning',
};

/** Modules of Node.js that most runs don't call: each takes 1 to 3 ms in each thread. */
const LATE = ['child_process', 'crypto', 'http', 'https', 'net', 'readline', 'v8', 'worker_threads', 'zlib'];
/** The same of modules of whose functions most runs call one or two. Their other members are not there; packages have the whole module. */
const CALLED_LATE = ['fs/promises', 'timers/promises'];

/** Loads each of them when something of it is first used. @type {import('esbuild').Plugin} */
const loadLate = {
  name: 'load-late',
  setup: ({ onLoad, onResolve }) => {
    const asked = new RegExp(`^(node:)?(${[...LATE, ...CALLED_LATE].join('|')})$`);
    onResolve({ filter: asked }, ({ path, namespace, importer }) => {
      const name = path.replace('node:', '');
      const isWhole = namespace === 'late' || (CALLED_LATE.includes(name) && importer.includes('/node_modules/'));
      return isWhole ? { path, external: true } : { path: name, namespace: 'late' };
    });
    onLoad({ filter: /.*/, namespace: 'late' }, async ({ path }) => {
      const module = `require('node:${path}')`;
      const members = Object.entries((await import(`node:${path}`)).default);
      const names = members.map(([name]) => name);
      if (!CALLED_LATE.includes(path)) {
        const getter = `{ enumerable: true, get: () => ${module}[name] }`;
        return {
          contents: `for (const name of ${JSON.stringify(names)}) Object.defineProperty(exports, name, ${getter});`,
        };
      }
      const functions = members.flatMap(([name, value]) => (typeof value === 'function' ? [name] : []));
      return {
        contents: functions
          .map((name) => `export function ${name}(...given) { return ${module}.${name}(...given); }`)
          .join('\n'),
      };
    });
  },
};

/** Puts something else in places of one file. @param {[RegExp, string][]} places @returns {import('esbuild').Plugin} */
function putInstead(filter, ...places) {
  return {
    name: `put ${places.map(([, instead]) => instead).join(', ')}`,
    setup: ({ onLoad }) =>
      onLoad({ filter }, ({ path }) => {
        let contents = readFileSync(path, 'utf8');
        for (const [place, instead] of places) {
          if (!place.test(contents)) throw new Error(`${path} has no ${place}`);
          contents = contents.replace(place, instead);
        }
        return { contents };
      }),
  };
}

/** The tasks that the thread that asks carries out, which are else found by their place, become a part of the program. */
const carryOutHere = putInstead(
  /\/engine\/threads\/on-demand\.js$/,
  [/\bimport\(.*LOOKING_URL\.href\)+/, "import('../../../workers/tasks/looking.js')"],
  [/\bimport\(.*ACTING_URL\.href\)+/, "import('../../../workers/jobs/acting.js')"],
);

/** A script has a `require` of its own. */
const requireHere = putInstead(/\/workers\/libc\.js$/, [/\bcreateRequire\(import\.meta\.url\)/, 'require']);

/** CommonJS, which Node.js loads without the machinery of ES modules. @type {import('esbuild').BuildOptions} */
const SCRIPT = {
  ...COMMON,
  format: 'cjs',
  external: OUTSIDE,
  plugins: [leaveOut, loadLate, carryOutHere, requireHere],
  // A script that V8 takes from compiled code can't import, it can only require.
  supported: { 'dynamic-import': false },
  define: { 'import.meta.url': 'importMetaUrl' },
  banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
};

/** The clock of the program. Node.js loads nine modules when `performance` is first named; both count from the start of the process. */
const CLOCK = 'const processAgeMs = () => process.uptime() * 1000;';

rmSync(`${ROOT}lib`, { recursive: true, force: true });
const built = await Promise.all([
  buildProgram(),
  // Piscina looks for the code of its threads beside its own.
  build({ ...SCRIPT, entryPoints: { worker: 'node_modules/piscina/dist/worker.js' }, outdir: 'lib/src' }),
  build({ ...SCRIPT, entryPoints: { main: 'dist/src/supervisor/main.js' }, outdir: 'lib/src/supervisor', banner: {} }),
  build({
    ...SCRIPT,
    entryPoints: [
      'link-worker',
      'link-monitor',
      'link-prober',
      'play/link-player',
      'check/link-checker',
      'capture-worker',
      'waiting/reader-watch',
      'netns-maker',
    ].map((name) => `dist/workers/${name}.js`),
    outdir: 'lib/workers',
  }),
]);
await Promise.all([buildStart(), buildLibrary(), buildPage()]);
writeFileSync(`${ROOT}lib/package.json`, '{ "type": "commonjs" }\n');
writeFileSync(`${ROOT}lib/LICENSES.txt`, `${licences(built)}\n`);

/** The program: a function, as V8 is given it (`src/cli/start/code-cache.ts`), so that the text need not be put together first. */
async function buildProgram() {
  const built = await build({
    ...SCRIPT,
    banner: {},
    supported: {},
    format: 'esm',
    splitting: true,
    define: { ...SCRIPT.define, 'performance.now': 'processAgeMs' },
    entryPoints: { program: 'dist/src/main.js' },
    outdir: 'lib/src',
    write: false,
  });
  const files = new Map(built.outputFiles.map(({ path, text }) => [basename(path), text]));
  mkdirSync(`${ROOT}lib/src`, { recursive: true });
  writeFileSync(`${ROOT}lib/src/program.js`, `${chunkTable(files, 'program.js', `${SCRIPT.banner.js} ${CLOCK}`)}\n`);
  return built;
}

/** The guard, and what it loads on a Node.js that is fit. Older ones have to be able to read the guard. */
async function buildStart() {
  const digest = createHash('sha256')
    .update(readFileSync(`${ROOT}lib/src/program.js`))
    .digest('hex')
    .slice(0, 16);
  const define = { ...SCRIPT.define, PROGRAM_DIGEST: JSON.stringify(digest) };
  await build({ ...SCRIPT, define, entryPoints: { launch: 'dist/src/cli/start/launch.js' }, outdir: 'lib/src' });
  // Not bundled: it has one import, and what a bundler adds is syntax that old versions can't read.
  const guard = readFileSync(`${ROOT}dist/src/bin.js`, 'utf8').replace(/^(export \{\};|\/\/# source.*)\n?/gm, '');
  const [before, after] = guard.split("import('./main.js')");
  if (after === undefined) throw new Error('the guard does not import main.js');
  writeFileSync(`${ROOT}lib/src/main.js`, `${before}require('./launch.js')${after}`);
  chmodSync(`${ROOT}lib/src/main.js`, 0o755);
}

/** The library for other programs: ES modules, which share packages with the program that imports it. */
async function buildLibrary() {
  await build({
    ...COMMON,
    format: 'esm',
    packages: 'external',
    plugins: [carryOutHere],
    entryPoints: { index: 'dist/src/index.js' },
    outdir: 'lib/src',
    outExtension: { '.js': '.mjs' },
    splitting: true,
  });
}

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
  const inputs = results
    .flatMap(({ metafile }) => Object.keys(metafile.inputs))
    .filter((input) => !LEFT_OUT.test(input));
  const packages = inputs.flatMap((input) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []);
  return [...new Set(packages)]
    .sort()
    .map((name) => {
      const folder = `${ROOT}node_modules/${name}`;
      const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
      if (!file || !existsSync(`${folder}/${file}`)) throw new Error(`${name} has no licence to go with the bundle`);
      const { version } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
      return `${name} ${version}\n${readFileSync(`${folder}/${file}`, 'utf8').trim()}`;
    })
    .join('\n\n');
}
