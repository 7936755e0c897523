/**
 * `npm run test:api [-- FLAGS]`: has schemathesis ask a daemon all that its OpenAPI document allows, and look whether the answers are those
 * that the document promises. On loopback, in a sandbox of its own, with a lab of two nodes. Schemathesis is a program in Python: it is
 * installed from PyPI into an environment beside the packages, the first time. FLAGS are those of `schemathesis run`. Needs root.
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt, ensureDependencies, fail, ROOT, step } from './bootstrap.mjs';

const VERSION = '4.32.5';
const ENVIRONMENT = join(ROOT, 'node_modules', '.cache', `schemathesis-${VERSION}`);
const PROGRAM = join(ENVIRONMENT, 'bin', 'schemathesis');
const MAIN = join(ROOT, 'lib', 'src', 'main.js');
const PORT = 8899;
const START_MS = 120_000;

/** What schemathesis takes for an answer to a request that keeps to its schema. */
const ACCEPTED = ['2xx', '401', '403', '404', '409', '5xx'];
const FLAGS = ['--phases', 'coverage,fuzzing', '--max-examples', '20', '--request-timeout', '20', '--no-color'];
/** The events are a stream without an end, and `down` ends the daemon. */
const LEFT_OUT = ['/events', '/down'].flatMap((path) => ['--exclude-path', path]);

// In the sandbox this program begins anew.
if (process.env.LINKLOOM_SANDBOX !== '1') prepare();
const { enterSandbox } = await import('../dist/scripts/sandbox.js');
if (process.getuid() !== 0) fail('test:api makes network namespaces, which needs root: sudo npm run test:api');
process.exitCode = (await enterSandbox({ network: true })) ?? (await main());

function prepare() {
  ensureDependencies();
  ensureBuilt();
  if (existsSync(PROGRAM)) return;
  step('python3', ['-m', 'venv', ENVIRONMENT]);
  step(join(ENVIRONMENT, 'bin', 'pip'), ['install', '--quiet', `schemathesis==${VERSION}`]);
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'linkloom-api-'));
  const path = (name) => join(folder, name);
  const token = randomBytes(16).toString('hex');
  const links = ['a', 'b'].map((node, at) => ({
    netns: `api${node}`,
    dev: 'eth0',
    bridge: 'lan',
    ip: `10.0.0.${at + 1}/24`,
  }));
  writeFileSync(path('lab.json'), JSON.stringify({ lab: 'api', links }));
  writeFileSync(path('token'), token, { mode: 0o600 });
  const schema = spawnSync(process.execPath, [MAIN, 'schema', '--api'], { encoding: 'utf8' });
  writeFileSync(path('api.json'), schema.stdout);
  writeFileSync(path('schemathesis.toml'), promisedRefusals(JSON.parse(schema.stdout)));
  const listening = ['--listen', `127.0.0.1:${PORT}`, '--token-file', path('token')];
  const daemon = spawn(process.execPath, [MAIN, 'daemon', '-f', path('lab.json'), ...listening], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const over = new Promise((resolve) => daemon.once('exit', resolve));
  try {
    await connected(daemon);
    const server = ['--url', `http://127.0.0.1:${PORT}`, '--header', `Authorization: Bearer ${token}`];
    const words = [...FLAGS, ...LEFT_OUT, ...server, ...process.argv.slice(2)];
    const config = ['--config-file', path('schemathesis.toml')];
    const asked = spawnSync(PROGRAM, [...config, 'run', path('api.json'), ...words], { stdio: 'inherit', cwd: folder });
    if (daemon.exitCode !== null) fail(`the daemon has ended meanwhile, with status ${daemon.exitCode}`);
    return asked.status ?? 1;
  } finally {
    daemon.kill('SIGTERM');
    await over;
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * What values say together, or what this kernel lacks, is in no schema: where the document promises that a request can be refused for it
 * (422), such a refusal is right, and nowhere else.
 */
function promisedRefusals({ paths }) {
  const statuses = JSON.stringify([...ACCEPTED, '422']);
  return Object.entries(paths)
    .filter(([, operations]) => Object.values(operations).some(({ responses }) => '422' in responses))
    .map(
      ([path]) =>
        `[[operations]]\ninclude-path = ${JSON.stringify(path)}\nchecks.positive_data_acceptance.expected-statuses = ${statuses}\n`,
    )
    .join('\n');
}

/** Resolves when all links of the lab are there. */
function connected(daemon) {
  return new Promise((resolve, reject) => {
    let said = '';
    const late = setTimeout(() => reject(new Error(`the daemon has not begun:\n${said}`)), START_MS);
    daemon.once('exit', (status) => reject(new Error(`the daemon has ended with status ${status}:\n${said}`)));
    daemon.stderr.on('data', (piece) => {
      if (said.length < 10_000) said += String(piece);
      if (!said.includes('All links connected')) return;
      clearTimeout(late);
      resolve();
    });
  });
}
