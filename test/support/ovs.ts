/**
 * Makes labs with bridges of mode `ovs` for tests, by the pipeline in the test's own process, since a program takes seconds to
 * start in a virtual machine. Tests look at them by iproute2 and Open vSwitch's own programs.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { type TestLab, testLab } from './lab.ts';
import { type Netns, netnsNames } from './netns.ts';

export type Datapath = 'system' | 'netdev';
type Daemon = 'ovsdb-server' | 'ovs-vswitchd';

export interface OvsLab extends TestLab {
  vsctl(...words: readonly string[]): Promise<string>;
  /** Ends a daemon as a crash would. */
  kill(daemon: Daemon): Promise<void>;
  /** The running processes of the lab's Open vSwitch instances. */
  processes(): readonly number[];
  /** Fails if anything of the lab is left. */
  assertGone(): Promise<void>;
}

/** A lab with a unique name, which is removed at the end of the block. */
export function ovsLab(side: 'netns' | 'own' = 'netns'): OvsLab {
  const lab = testLab(side, 'o');
  const { name } = lab;
  const folder = `/run/linkloom/${name}${side === 'own' ? '.self' : ''}`;
  const processes = () => processesOf(`/run/linkloom/${name}`);
  return {
    ...lab,
    processes,
    up: async (configuration) => {
      const summary = await lab.up(configuration);
      assert.deepEqual(summary.failures, []);
      return summary;
    },
    vsctl: async (...words) => {
      const options = [`--db=unix:${folder}/ovs/db.sock`, '--timeout=10'];
      return (await execa('ovs-vsctl', [...options, ...words], { stdin: 'ignore' })).stdout;
    },
    kill: async (daemon) => {
      process.kill(Number(readFileSync(`${folder}/ovs/${daemon}.pid`, 'utf8')), 'SIGKILL');
      // Process 1 of a container may never collect the process. Then it stays a zombie, without a command line.
      await sleep(100);
    },
    assertGone: async () => {
      const names = (await netnsNames()).filter((one) => one.includes(name));
      assert.deepEqual([names, processes(), existsSync(folder)], [[], [], false]);
    },
  };
}

/** Running processes with `text` in their command line. */
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

/** Whether one of three pings is answered. */
export async function pings(from: Netns, to: string, ...options: readonly string[]): Promise<boolean> {
  const words = ['-c', '3', '-i', '0.2', '-W', '3', ...options, to];
  const { stdout } = await execa('ip', ['netns', 'exec', from.name, 'ping', ...words], { reject: false });
  return /[1-3] received/.test(stdout);
}

/** The names of the devices in our own namespace. */
export async function ownDevices(): Promise<readonly string[]> {
  const { stdout } = await execa('ip', ['-json', 'link']);
  return (JSON.parse(stdout) as { ifname: string }[]).map(({ ifname }) => ifname);
}

/**
 * Makes the kernel's datapath available during a test file: loads its module if there is one. `undo` unloads the module if it was
 * not loaded before, even if Open vSwitch itself has loaded it meanwhile.
 */
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
