/**
 * Hosts on one machine, for tests of labs over several hosts and for the example of them. Each has mount, network, process and UTS
 * namespaces of its own and its own /run, and an `eth0` on a bridge in a network namespace that they share: the underlay. Nothing of
 * it is on the machine itself: all processes are in one outer process namespace, and with its first process everything ends.
 * Needs root, iproute2 and util-linux.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { execa, type Options } from 'execa';

/** The first process of a namespace: it does nothing, and ends when its input does. */
const WAITS_FOR_INPUT = 'cat';
/** Or it is ended by a signal. */
const WAITS_FOR_SIGNAL = ['sleep', 'infinity'] as const;

const START_MS = 20_000;

/** What the hosts have in place of their underlay's own addresses. */
export interface Overlay {
  /** By which a host is reached; `number`: from 1. */
  readonly address: (number: number) => string;
  /** Makes it, on hosts that reach each other. */
  readonly prepare: (hosts: EmulatedHosts) => Promise<void>;
}

export interface HostsOptions {
  readonly names: readonly string[];
  /** `starter`: they end with this process, however it ends. `kill`: when the outer process is killed. */
  readonly until: 'starter' | 'kill';
  /** MTU of the underlay. Default 1500. */
  readonly mtu?: number;
  readonly overlay?: Overlay;
}

/** Process ids as this process sees them: of the outer namespace, and of each host by its name. */
export interface HostPids {
  readonly outer: number;
  readonly hosts: Readonly<Record<string, number>>;
}

export class EmulatedHosts implements AsyncDisposable {
  readonly names: readonly string[];
  readonly pids: HostPids;
  readonly #started: readonly ChildProcess[];
  readonly #overlay: Overlay | null;

  constructor(pids: HostPids, started: readonly ChildProcess[] = [], overlay: Overlay | null = null) {
    this.names = Object.keys(pids.hosts);
    this.pids = pids;
    this.#started = started;
    this.#overlay = overlay;
  }

  /** Throws if a namespace can't be made; what was made is gone then. */
  static async start({ names, until, mtu = 1500, overlay }: HostsOptions): Promise<EmulatedHosts> {
    const started: ChildProcess[] = [];
    const first = until === 'starter' ? [WAITS_FOR_INPUT] : WAITS_FOR_SIGNAL;
    const begin = async (program: string, args: readonly string[]): Promise<number> => {
      const child = spawn(program, [...args, ...first], {
        stdio: until === 'starter' ? ['pipe', 'ignore', 'inherit'] : 'ignore',
        detached: until === 'kill',
      });
      // It may end before its input does.
      child.stdin?.on('error', () => {});
      if (until === 'kill') child.unref();
      started.push(child);
      return await firstProcess(child, first[0] ?? '');
    };
    try {
      const apart = ['--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private'];
      const outer = await begin('unshare', ['--mount', '--net', ...apart]);
      const hosts: Record<string, number> = {};
      for (const name of names) {
        const inside = ['--target', `${outer}`, '--mount', '--net', '--pid'];
        hosts[name] = await begin('nsenter', [...inside, 'unshare', '--mount', '--net', '--uts', ...apart]);
      }
      const made = new EmulatedHosts({ outer, hosts }, started, overlay);
      await made.#prepare(mtu);
      await overlay?.prepare(made);
      return made;
    } catch (error) {
      await ended(started);
      throw error;
    }
  }

  /** The address by which a host is reached. */
  address(name: string): string {
    return this.#overlay?.address(this.#number(name)) ?? this.underlayAddress(name);
  }

  underlayAddress(name: string): string {
    return `10.99.0.${this.#number(name)}`;
  }

  /** The words before a program's own that have it run on a host; null: on the underlay. */
  words(name: string | null): readonly [string, ...string[]] {
    const target = name === null ? this.pids.outer : this.#pid(name);
    const kinds = ['--mount', '--net', '--pid', ...(name === null ? [] : ['--uts'])];
    return ['nsenter', '--target', `${target}`, ...kinds];
  }

  /** Runs a program on a host (null: on the underlay) to its end. Rejects if it fails, unless the options say otherwise. */
  async exec(name: string | null, program: string, args: readonly string[], options: Options = {}): Promise<string> {
    const [nsenter, ...words] = this.words(name);
    const { stdout } = await execa(nsenter, [...words, program, ...args], {
      stdin: 'ignore',
      ...options,
      encoding: 'utf8',
    });
    return String(stdout);
  }

  /** Cuts a host off from the underlay, or puts it back. */
  async plug(name: string, state: 'up' | 'down'): Promise<void> {
    await this.exec(null, 'ip', ['link', 'set', name, state]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await ended(this.#started);
  }

  async #prepare(mtu: number): Promise<void> {
    const ports = this.names.flatMap((name) => [
      `link add ${name} mtu ${mtu} type veth peer name eth0 mtu ${mtu} netns ${this.#pid(name)}`,
      `link set ${name} master underlay up`,
    ]);
    const bridge = ['link set lo up', 'link add underlay type bridge', 'link set underlay up'];
    // Without the process namespace, so that the ids are those that this process sees.
    const net = ['--target', `${this.pids.outer}`, '--net'];
    await execa('nsenter', [...net, 'ip', '-batch', '-'], { input: [...bridge, ...ports].join('\n') });
    await Promise.all(this.names.map((name) => this.#prepareHost(name)));
  }

  async #prepareHost(name: string): Promise<void> {
    await this.exec(name, 'hostname', [name]);
    await this.#unmountAll(name, '/run/netns');
    await this.exec(name, 'mount', ['-t', 'tmpfs', '-o', 'mode=0755', 'none', '/run']);
    await this.exec(name, 'mkdir', ['-p', '/run/netns', '/run/lock', '/etc/netns']);
    await this.exec(name, 'mount', ['-t', 'tmpfs', '-o', 'mode=0755', 'none', '/etc/netns']);
    // The machine's shows its own devices. Programs for the kernel that a host pins are its own; not every machine has these.
    await this.exec(name, 'mount', ['-t', 'sysfs', 'none', '/sys']);
    await this.exec(name, 'mount', ['-t', 'bpf', 'none', '/sys/fs/bpf'], { reject: false });
    const commands = ['link set lo up', `address add ${this.underlayAddress(name)}/24 dev eth0`, 'link set eth0 up'];
    await this.exec(name, 'ip', ['-batch', '-'], { stdin: 'pipe', input: commands.join('\n') });
  }

  /**
   * Takes away all that is mounted at a path: `umount` alone takes the uppermost. Under a new /run the others would still be listed as
   * mounted there, and an engine would take one for what is.
   */
  async #unmountAll(name: string, path: string): Promise<void> {
    const mounts = readFileSync(`/proc/${this.#pid(name)}/mountinfo`, 'utf8');
    // proc_pid_mountinfo(5): the fifth field is the mount point.
    const there = mounts.split('\n').filter((line) => line.split(' ')[4] === path);
    for (const _ of there) await this.exec(name, 'umount', ['--lazy', '--recursive', path]);
  }

  #number(name: string): number {
    const at = this.names.indexOf(name);
    if (at < 0) throw new Error(`no host is called ${name}: ${this.names.join(', ')}`);
    return at + 1;
  }

  #pid(name: string): number {
    const pid = this.pids.hosts[name];
    if (pid === undefined) throw new Error(`no host is called ${name}: ${this.names.join(', ')}`);
    return pid;
  }
}

/** Waits until the program that a chain of unshare and nsenter ends in runs. Returns its id. */
async function firstProcess(child: ChildProcess, program: string): Promise<number> {
  for (const deadline = Date.now() + START_MS; Date.now() < deadline; await delay(5)) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    for (let pid = child.pid; pid !== undefined; pid = childOf(pid)) {
      if (readOr(`/proc/${pid}/comm`) === `${program}\n`) return pid;
    }
  }
  throw new Error('the namespaces of a host could not be made: unshare(1) has said why');
}

function childOf(pid: number): number | undefined {
  const [first] = readOr(`/proc/${pid}/task/${pid}/children`).split(' ');
  return first ? Number(first) : undefined;
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

async function ended(children: readonly ChildProcess[]): Promise<void> {
  for (const child of children) child.stdin?.destroy();
  await Promise.all(
    children.map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    }),
  );
}
