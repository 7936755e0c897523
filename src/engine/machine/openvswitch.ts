/** Finds out what this machine has of Open vSwitch: its programs, the kernel's datapath, and the lab's running instances. */

import { accessSync, constants, existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { release } from 'node:os';
import { LinkloomError } from '../../errors.ts';
import { traitsOf } from '../../kinds/bridge-modes.ts';
import { type NsId, OWN_NS } from '../../net/ns-id.ts';
import { isRunFile, RUN_DIRECTORY } from '../../net/run-directory.ts';
import { instancesOf, ovsDirectory } from '../../plan/ovs/instance.ts';
import type { SwitchSide } from '../../plan/switch/placement.ts';
import type { BridgeSpec } from '../../topology/topology.ts';
import type { OvsDump } from '../../wire/seen.ts';
import type { Workers } from '../workers.ts';

const PROGRAMS = ['ovsdb-tool', 'ovsdb-server', 'ovs-vswitchd'] as const;
/** Folders of the daemons, which the PATH of ordinary users leaves out. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** The programs of Open vSwitch that are not installed. */
function missingPrograms(path = process.env['PATH'] ?? ''): readonly string[] {
  const folders = [...path.split(':'), ...SYSTEM_FOLDERS].filter((folder) => folder !== '');
  return PROGRAMS.filter((program) => !folders.some((folder) => isExecutable(`${folder}/${program}`)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether the running kernel shows that it has the datapath, loaded or built in. It only reads files, so it loads no module. */
function kernelShowsDatapath(): boolean {
  if (existsSync('/sys/module/openvswitch')) return true;
  if (/^openvswitch /m.test(textOf('/proc/modules'))) return true;
  return /\/openvswitch\.ko$/m.test(textOf(`/lib/modules/${release()}/modules.builtin`));
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Whether bridges of mode `auto` become Open vSwitch bridges: the datapath and all programs are there. Takes some 0.1 ms. */
export function haveOpenvswitch(): boolean {
  return kernelShowsDatapath() && missingPrograms().length === 0;
}

/**
 * Checks that this machine can make the bridges of mode `ovs`, before anything is changed. Throws E_TOOL if programs are missing,
 * and E_FEATURE if the kernel lacks a module or a device.
 */
export async function assertOpenvswitch(workers: Workers, bridges: readonly BridgeSpec[]): Promise<void> {
  const wanted = bridges.filter((bridge) => traitsOf(bridge).isOvs);
  const [first] = wanted;
  if (!first) return;
  const missing = missingPrograms();
  if (missing.length > 0) {
    throw refusal('E_TOOL', first, `bridge ${first.name} mode is 'ovs', but ${missing.join(', ')} not found`, {
      hint: 'install Open vSwitch (Debian: `apt-get install openvswitch-switch`), or use mode linux',
    });
  }
  const netdev = wanted.find(({ datapath }) => datapath === 'netdev');
  if (netdev && !existsSync('/dev/net/tun')) {
    throw refusal('E_FEATURE', netdev, `bridge ${netdev.name} has datapath netdev, which needs /dev/net/tun`, {
      hint: 'load the module tun, or give the container the device (`devices: [/dev/net/tun]`)',
    });
  }
  const system = wanted.find(({ datapath }) => datapath !== 'netdev');
  if (!system || kernelShowsDatapath()) return;
  const { kernel } = await workers.ask({ task: 'ovs', instances: [], probeKernel: true });
  if (kernel) return;
  const message = `bridge ${system.name} mode is 'ovs', but no 'openvswitch' kernel module loaded`;
  throw refusal('E_FEATURE', system, message, {
    hint: 'load it (`modprobe openvswitch`), set `datapath: netdev` on the bridge, or use mode linux',
  });
}

function refusal(
  code: 'E_TOOL' | 'E_FEATURE',
  bridge: BridgeSpec,
  message: string,
  { hint }: { readonly hint: string },
): LinkloomError {
  const where = bridge.where();
  return new LinkloomError(code, message, { hint: `${hint}; nothing has been touched`, ...(where ? { where } : {}) });
}

/** The namespaces for which the lab has an Open vSwitch instance, running or left over by a linkloom that was killed. */
export function ovsInstances(lab: string): readonly NsId[] {
  try {
    return instancesOf(lab, readdirSync(RUN_DIRECTORY)).filter((ns) => existsSync(ovsDirectory(lab, ns)));
  } catch {
    // The directory does not exist before the first lab is made.
    return [];
  }
}

/** Which instances of Open vSwitch are read. */
export interface OvsWants {
  /** The lab's, on this side of the lab. */
  readonly side: SwitchSide | 'any';
  /** The host's namespace, if the host's own Open vSwitch is read too. null: it is not. */
  readonly host: NsId | null;
}

/** Reads instances of Open vSwitch. If there are none, no task is sent. */
export async function dumpOvs(workers: Workers, lab: string, { side, host }: OvsWants): Promise<readonly OvsDump[]> {
  const own = ovsInstances(lab)
    .filter((ns) => side === 'any' || (ns === OWN_NS) === (side === 'own'))
    .map((ns) => ({ ns, lab, directory: ovsDirectory(lab, ns), isSystem: false }));
  const directory = host === null ? null : systemDirectory(host);
  const system = host === null || directory === null ? [] : [{ ns: host, lab, directory, isSystem: true }];
  const instances = [...own, ...system];
  if (instances.length === 0) return [];
  return (await workers.ask({ task: 'ovs', instances, probeKernel: false })).dumps;
}

/** The run directories of Debian's packages and of a build from source (`--db` in ovs-vsctl(8)). */
const SYSTEM_DIRECTORIES = ['/run/openvswitch', '/var/run/openvswitch', '/usr/local/var/run/openvswitch'] as const;

/**
 * The directory of the host's own Open vSwitch, by its server's socket; null: there is none. `OVS_RUNDIR` names it where it is
 * another. Inside a container it is looked for in the files of the host's process 1 first.
 */
function systemDirectory(host: NsId, env: NodeJS.ProcessEnv = process.env): string | null {
  const named = env['OVS_RUNDIR'];
  const ofHost = host === OWN_NS ? [] : [`/proc/1/root${SYSTEM_DIRECTORIES[0]}`];
  const directories = named ? [named] : [...ofHost, ...SYSTEM_DIRECTORIES];
  return directories.find((directory) => existsSync(`${directory}/db.sock`) && !isOfLab(directory)) ?? null;
}

/** Whether a directory is a link to that of a lab's instance, as linkloom makes inside its own container. */
function isOfLab(directory: string): boolean {
  try {
    return isRunFile(realpathSync(directory));
  } catch {
    return true;
  }
}
