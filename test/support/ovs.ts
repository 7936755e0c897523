/** Labs with bridges of mode `ovs` for tests: made by the command line, looked at by iproute2 and Open vSwitch's own programs. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { execa } from 'execa';
import { linkloom, type Ran } from './bin.ts';
import { type Netns, netnsNames, openNetns, uniqueName } from './netns.ts';

export type Datapath = 'system' | 'netdev';

export interface OvsLab extends AsyncDisposable {
  readonly name: string;
  /** Namespace of a node: its name and the lab's, so that labs don't meet. */
  node(letter: string): Netns;
  readonly switches: Netns;
  /** Where its Open vSwitch keeps its files. */
  readonly directory: string;
  /** `linkloom VERB -f -` with this configuration (JSON) and these options. */
  run(verb: string, configuration: object, ...options: readonly string[]): Promise<Ran>;
  /** The same, with a configuration that must do. */
  up(configuration: object, ...options: readonly string[]): Promise<Ran>;
  down(): Promise<Ran>;
  vsctl(...words: readonly string[]): Promise<string>;
  /** Pid of a daemon, from its pid file. */
  pid(daemon: 'ovsdb-server' | 'ovs-vswitchd'): number;
  /** Processes of the lab's Open vSwitches that live. */
  processes(): readonly number[];
  /** Fails if anything of the lab is left. */
  assertGone(): Promise<void>;
}

/** A lab with a name of its own; taken down at the end of the block. */
export function ovsLab(side: 'netns' | 'own' = 'netns'): OvsLab {
  const name = uniqueName('o');
  const directory = `/run/linkloom/${name}${side === 'own' ? '.self' : ''}/ovs`;
  const run = (verb: string, configuration: object, ...options: readonly string[]) =>
    linkloom([verb, '-f', '-', '--switch', side, ...options], {
      input: JSON.stringify({ lab: name, ...configuration }),
      timeoutMs: 170_000,
    });
  const down = () => linkloom(['down', '--lab', name], { timeoutMs: 170_000 });
  const processes = () => processesOf(`/run/linkloom/${name}`);
  return {
    name,
    directory,
    run,
    down,
    processes,
    node: (letter) => openNetns(`${name}${letter}`),
    switches: openNetns(`linkloom-${name}`),
    up: async (configuration, ...options) => {
      const ran = await run('up', configuration, ...options);
      assert.equal(ran.exitCode, 0, ran.stderr);
      return ran;
    },
    vsctl: async (...words) =>
      (await execa('ovs-vsctl', [`--db=unix:${directory}/db.sock`, '--timeout=10', ...words], { stdin: 'ignore' }))
        .stdout,
    pid: (daemon) => Number(readFileSync(`${directory}/${daemon}.pid`, 'utf8')),
    assertGone: async () => {
      assert.deepEqual(
        (await netnsNames()).filter((one) => one.includes(name)),
        [],
      );
      assert.deepEqual(processes(), []);
      assert.equal(existsSync(directory.slice(0, -'/ovs'.length)), false, `${directory} is left`);
    },
    [Symbol.asyncDispose]: async () => {
      await down();
    },
  };
}

/** Living processes with `text` in their command line. */
function processesOf(text: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text) && pid !== process.pid;
      } catch {
        return false;
      }
    });
}

/** Whether ping is answered within three tries. */
export async function pings(from: Netns, to: string, ...options: readonly string[]): Promise<boolean> {
  const words = ['-c', '3', '-i', '0.2', '-W', '3', ...options, to];
  const { stdout } = await execa('ip', ['netns', 'exec', from.name, 'ping', ...words], { reject: false });
  return /[1-3] received/.test(stdout);
}

/** The kernel's datapath for the time of a test file: loads the module where there is one; `undo` takes it away again. */
export async function kernelDatapath(): Promise<{ readonly available: boolean; undo(): Promise<void> }> {
  const wasLoaded = existsSync('/sys/module/openvswitch');
  const { failed } = wasLoaded ? { failed: false } : await execa('modprobe', ['openvswitch'], { reject: false });
  return {
    available: !failed,
    undo: async () => {
      if (!wasLoaded && !failed) await execa('modprobe', ['-r', 'openvswitch'], { reject: false });
    },
  };
}
