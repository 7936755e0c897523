/**
 * `npm run hosts -- up | status | exec HOST PROGRAM… | down`: three emulated hosts with a server of NATS and an agent on each, and a lab over
 * them. Everything that it starts is in one process namespace, and its files in one folder; `down` ends the one and removes the other.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { HostPids } from './emulated-hosts.ts';
import { LINKLOOM, Site, until } from './site.ts';

const FOLDER = process.env['LINKLOOM_HOSTS_FOLDER'] ?? '/var/lib/linkloom-hosts';
/** The variable that all processes of `up` have, and no other: with the folder as its value. */
const OURS = 'LINKLOOM_HOSTS_OF';
const STATE = join(FOLDER, 'state.json');
const NAMES = ['h1', 'h2', 'h3'] as const;
const LAB_FILE = fileURLToPath(new URL('../../../examples/hosts/lab.yaml', import.meta.url));
const START_MS = 60_000;

/** What is noted of the hosts that run. */
interface State extends HostPids {
  /** When the kernel started the outer process, by which it is told from a later one of that number: see proc_pid_stat(5). */
  readonly startedAt: string;
}

const [verb = '', ...rest] = process.argv.slice(2);
process.exit(await run());

async function run(): Promise<number> {
  if (process.getuid?.() !== 0) return refuse('emulated hosts are namespaces, which only root can make');
  if (verb === 'up') return await up(rest[0] ?? LAB_FILE);
  if (verb === 'down') return down();
  const state = running();
  if (verb !== 'exec' && verb !== 'status')
    return refuse('npm run hosts -- up [FILE] | status | exec HOST PROGRAM… | down');
  if (state === null) return refuse('no hosts run: npm run hosts -- up');
  const site = Site.of(state, FOLDER);
  if (verb === 'status') return await show(site);
  const [host = '', ...program] = rest;
  return await attached(site, host, program);
}

async function up(file: string): Promise<number> {
  if (running() !== null) return refuse('hosts run already: npm run hosts -- down');
  process.env[OURS] = FOLDER;
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true, mode: 0o700 });
  say('Three hosts, each in namespaces of its own');
  const site = await Site.make({ names: NAMES, folder: FOLDER, until: 'kill' });
  const state: State = { ...site.hosts.pids, startedAt: startOf(site.hosts.pids.outer) };
  writeFileSync(STATE, JSON.stringify(state), { mode: 0o600 });
  say('A server of NATS on each, with TLS and a key for each role');
  for (const name of NAMES) await site.startServer(name);
  await until('the servers answer', async () => (await site.verb('h1', 'hosts')).exitCode === 0, START_MS);
  say('An agent on each');
  for (const name of NAMES) site.startAgent(name);
  await until(
    'all agents live',
    async () => (await site.verb('h1', 'hosts')).stdout.split('pid ').length > NAMES.length,
    START_MS,
  );
  say(`The lab of ${file}, from h2`);
  const status = await attached(site, 'h2', ['linkloom', 'up', '-f', resolve(file), '--progress', 'plain']);
  return status === 0 ? await show(site) : status;
}

/** What each host has, and a packet from one host to another if the lab is the example's. */
async function show(site: Site): Promise<number> {
  say('Who takes part');
  const status = await attached(site, 'h3', ['linkloom', 'hosts']);
  if (!(await site.hosts.exec('h1', 'ip', ['netns', 'list'])).includes('backbone.lisbon')) return status;
  say('From lisbon on h1 to helsinki on h3');
  return await attached(site, 'h1', [
    'linkloom',
    'exec',
    '--lab',
    'backbone',
    'lisbon',
    '--',
    'ping',
    '-c',
    '2',
    '-w',
    '10',
    '10.0.0.1',
  ]);
}

/** Runs a program on a host, with this process's terminal; `linkloom` is the one built here, and knows the store. */
async function attached(site: Site, host: string, [program = '', ...args]: readonly string[]): Promise<number> {
  const [nsenter, ...words] = site.hosts.words(host);
  const command = program === 'linkloom' ? LINKLOOM : [program];
  const store = program === 'linkloom' ? site.storeEnvironment() : {};
  const ran = await execa(nsenter, [...words, ...command, ...args], { stdio: 'inherit', reject: false, env: store });
  return ran.exitCode ?? 1;
}

/** By what processes have in their environment, so that nothing is left of an `up` that was killed before it had noted anything. */
function down(): number {
  const ours = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isOurs(name));
  for (const pid of ours) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended with another one.
    }
  }
  rmSync(FOLDER, { recursive: true, force: true });
  say(ours.length === 0 ? 'No hosts run' : 'The hosts and all that was on them are gone');
  return 0;
}

function isOurs(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`${OURS}=${FOLDER}`);
  } catch {
    return false;
  }
}

function running(): State | null {
  if (!existsSync(STATE)) return null;
  const state = JSON.parse(readFileSync(STATE, 'utf8')) as State;
  return startOf(state.outer) === state.startedAt ? state : null;
}

function startOf(pid: number): string {
  const file = `/proc/${pid}/stat`;
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  // The name, in brackets, may have blanks; the start is the 20th field after it.
  const fields = existsSync(file) ? readFileSync(file, 'utf8').split(') ')[1]?.split(' ') : undefined;
  return `${boot} ${fields?.[19] ?? 'gone'}`;
}

function say(text: string): void {
  process.stdout.write(`\n== ${text}\n`);
}

function refuse(text: string): number {
  process.stderr.write(`${text}\n`);
  return 1;
}
