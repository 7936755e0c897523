/**
 * Emulated hosts: each has mount, network, process and UTS namespaces of its own, with a /run and a /sys of its own, and hangs on one bridge
 * with the others and with this process. Needs root, and a network namespace that is the test's own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { BIN, type Ran } from '../bin.ts';

const BRIDGE = 'underlay';
/** Documentation addresses (RFC 5737). */
const NETWORK = '192.0.2';

/** What a host's first process does before it waits for its end. */
const BOOT = `
mount -t proc proc /proc && mount -t sysfs sysfs /sys && mount -t tmpfs tmpfs /run && mkdir -p /run/netns &&
hostname "$0" && ip link set lo up && echo ready && exec sleep infinity`;

export class EmulatedHost implements AsyncDisposable {
  readonly name: string;
  readonly address: string;
  readonly #first: ChildProcess;
  readonly #pid: number;
  readonly #logs: string;
  #agent: ChildProcess | null = null;

  private constructor(name: string, address: string, first: ChildProcess, pid: number, logs: string) {
    this.name = name;
    this.address = address;
    this.#first = first;
    this.#pid = pid;
    this.#logs = logs;
  }

  /** `number`: from 1; the last part of its address is 10 more. */
  static async boot(number: number, logs: string): Promise<EmulatedHost> {
    const name = `h${number}`;
    const words = ['--mount', '--net', '--pid', '--uts', '--fork', '--kill-child', '--propagation', 'private'];
    const first = spawn('unshare', [...words, 'sh', '-c', BOOT, name], { stdio: ['ignore', 'pipe', 'ignore'] });
    await new Promise((resolve, reject) => {
      first.stdout?.once('data', resolve);
      first.once('exit', (status) => reject(new Error(`${name} did not boot: ${status}`)));
    });
    const children = readFileSync(`/proc/${first.pid}/task/${first.pid}/children`, 'utf8');
    const pid = Number(children.trim());
    const address = `${NETWORK}.${number + 10}`;
    const port = `to-${name}`;
    const ip = (...args: string[]) => execa('ip', args);
    await ip('link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid));
    await ip('link', 'set', port, 'master', BRIDGE, 'up');
    const host = new EmulatedHost(name, address, first, pid, logs);
    await host.run('ip', 'address', 'add', `${address}/24`, 'dev', 'eth0');
    await host.run('ip', 'link', 'set', 'eth0', 'up');
    return host;
  }

  /** Runs a program on the host. Rejects if it fails. */
  async run(program: string, ...args: readonly string[]): Promise<string> {
    return (await execa('nsenter', [...this.#enter(), program, ...args], { stdin: 'ignore' })).stdout;
  }

  /** The same, with the status in the result. */
  async tried(program: string, ...args: readonly string[]): Promise<Ran> {
    const words = [...this.#enter(), program, ...args];
    const {
      exitCode = -1,
      signal = null,
      stdout,
      stderr,
    } = await execa('nsenter', words, { stdin: 'ignore', reject: false });
    return { exitCode, signal, stdout, stderr };
  }

  /** Runs linkloom on the host. */
  async linkloom(...args: readonly string[]): Promise<Ran> {
    return await this.tried(process.execPath, BIN, ...args);
  }

  startAgent(...args: readonly string[]): void {
    const words = [...this.#enter(), process.execPath, BIN, 'daemon', '--host', this.name, ...args];
    this.#agent = spawn('nsenter', words, { stdio: ['ignore', 'pipe', 'pipe'] });
    const log = createWriteStream(join(this.#logs, `${this.name}.log`), { flags: 'a' });
    this.#agent.stdout?.pipe(log, { end: false });
    this.#agent.stderr?.pipe(log, { end: false });
  }

  /** What its agents have printed. */
  get log(): string {
    return readFileSync(join(this.#logs, `${this.name}.log`), 'utf8');
  }

  /** Ends the agent by a signal; resolves when it is gone. */
  async endAgent(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const agent = this.#agent;
    this.#agent = null;
    if (agent === null) return null;
    if (agent.exitCode !== null || agent.signalCode !== null) return agent.exitCode;
    const gone = new Promise<number | null>((resolve) => agent.once('exit', (status) => resolve(status)));
    // nsenter with a pid namespace has forked: the agent is its child.
    const child = readFileSync(`/proc/${agent.pid}/task/${agent.pid}/children`, 'utf8').trim();
    process.kill(Number(child || agent.pid), signal);
    return await gone;
  }

  /** Takes the host off the network, or puts it back. */
  async cable(state: 'up' | 'down'): Promise<void> {
    await execa('ip', ['link', 'set', `to-${this.name}`, state]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.endAgent('SIGKILL');
    const gone = new Promise((resolve) => this.#first.once('exit', resolve));
    this.#first.kill('SIGKILL');
    await gone;
    await execa('ip', ['link', 'del', `to-${this.name}`], { reject: false });
  }

  #enter(): readonly string[] {
    return ['-t', String(this.#pid), '-m', '-n', '-p', '-u', '--'];
  }
}

export class EmulatedHosts implements AsyncDisposable {
  readonly hosts: readonly EmulatedHost[];
  readonly #folder: string;

  private constructor(hosts: readonly EmulatedHost[], folder: string) {
    this.hosts = hosts;
    this.#folder = folder;
  }

  /** Where servers of this process are reached by the hosts. */
  static readonly gateway = `${NETWORK}.1`;

  static async boot(count: number): Promise<EmulatedHosts> {
    const folder = mkdtempSync(join(tmpdir(), 'hosts-'));
    await execa('ip', ['link', 'add', BRIDGE, 'type', 'bridge']);
    await execa('ip', ['address', 'add', `${EmulatedHosts.gateway}/24`, 'dev', BRIDGE]);
    await execa('ip', ['link', 'set', BRIDGE, 'up']);
    const hosts: EmulatedHost[] = [];
    for (let number = 1; number <= count; number++) hosts.push(await EmulatedHost.boot(number, folder));
    return new EmulatedHosts(hosts, folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const host of this.hosts) await host[Symbol.asyncDispose]();
    await execa('ip', ['link', 'del', BRIDGE], { reject: false });
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
