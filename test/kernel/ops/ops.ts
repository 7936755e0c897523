/** Operations for the tests of `workers/`: all fields filled in, and carried out in this very process. */

import { readdirSync } from 'node:fs';
import { groupOf, ROLE } from '../../../src/net/mark.ts';
import type { NsId } from '../../../src/net/ns-id.ts';
import { isFault } from '../../../src/topology/text/fault.ts';
import { parseRoute } from '../../../src/topology/text/route.ts';
import type { Route } from '../../../src/topology/values.ts';
import { BY_ITSELF } from '../../../src/wire/apply.ts';
import { MADE } from '../../../src/wire/device-ref.ts';
import type { OpFailure } from '../../../src/wire/failure.ts';
import type { Op } from '../../../src/wire/op.ts';
import type { IpDel } from '../../../src/wire/ops/ip.ts';
import type { DeviceSettings, LinkAdd, LinkSet } from '../../../src/wire/ops/links.ts';
import type { BridgeAdd, PortAttach } from '../../../src/wire/ops/switch.ts';
import type { NsDump } from '../../../src/wire/seen.ts';
import type { DumpWants } from '../../../src/wire/task.ts';
import { apply } from '../../../workers/apply.ts';
import { dump } from '../../../workers/tasks/dump.ts';

export const LAB = 'worker-tests';
export const GROUP = {
  nodeEnd: groupOf(LAB, ROLE.nodeEnd),
  port: groupOf(LAB, ROLE.port),
  bridge: groupOf(LAB, ROLE.bridge),
};

const UNCHANGED: DeviceSettings = {
  mac: null,
  mtuBytes: null,
  up: null,
  alias: null,
  group: null,
  numbers: {},
  txChecksumOff: false,
};

/** Failures of ops that are all of one namespace, carried out as one job. */
export function applyJob(ns: NsId, ops: readonly Op[], inode: number | null = null): readonly OpFailure[] {
  const [job] = apply({ task: 'apply', jobs: [{ ns, inode, ops }], ...BY_ITSELF }).jobs;
  if (!job) throw new Error('no result for the job');
  return job.failures;
}

/** How many descriptors this process has open. */
export function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** One namespace as the worker reads it. */
export function dumpOf(ns: NsId, wants: Partial<DumpWants> = {}): NsDump {
  const [found] = dump({
    task: 'dump',
    namespaces: [ns],
    wants: {
      ...{ addresses: true, routes: true, counters: false, traffic: true, translationsOf: null, offloads: [] },
      ...wants,
    },
  }).dumps;
  if (!found) throw new Error('no dump');
  return found;
}

export function route(text: string): Route {
  const parsed = parseRoute(text);
  if (isFault(parsed)) throw new Error(parsed.message);
  return parsed;
}

/** A veth whose other end is in `peerNs`, up, in the lab's groups. */
export function veth(
  ns: NsId,
  dev: string,
  peerNs: NsId,
  peerDev: string,
  more: Partial<Omit<LinkAdd, 'settings'>> & { readonly settings?: Partial<DeviceSettings> } = {},
): LinkAdd {
  return {
    ...alone(ns, dev, { type: 'dummy' }, more),
    make: {
      type: 'veth',
      peer: { ns: peerNs, dev: peerDev, group: GROUP.port, mtuBytes: null, mac: null, link: null },
    },
  };
}

/** A device without another end. */
export function alone(
  ns: NsId,
  dev: string,
  make: LinkAdd['make'],
  more: Partial<Omit<LinkAdd, 'settings'>> & { readonly settings?: Partial<DeviceSettings> } = {},
): LinkAdd {
  return {
    op: 'link.add',
    ns,
    link: `node:${dev}`,
    cause: 'missing',
    make,
    dev,
    ifindex: null,
    queues: 1,
    addresses: [],
    routes: [],
    ...more,
    settings: { ...UNCHANGED, up: true, group: GROUP.nodeEnd, ...more.settings },
  };
}

export function change(
  ns: NsId,
  dev: string,
  more: Partial<Omit<LinkSet, 'settings'>> & { readonly settings?: Partial<DeviceSettings> },
): LinkSet {
  return {
    op: 'link.set',
    ns,
    link: `node:${dev}`,
    cause: 'test',
    dev,
    ifindex: MADE,
    addAddresses: [],
    addRoutes: [],
    data: null,
    ...more,
    settings: { ...UNCHANGED, ...more.settings },
  };
}

export function removal(ns: NsId, dev: string, more: Partial<IpDel>): IpDel {
  return {
    ...{ op: 'ip.del', ns, link: `node:${dev}`, cause: 'test', dev, ifindex: 0, routes: [], addresses: [] },
    ...{ otherAddresses: [], ...more },
  };
}

export function bridge(ns: NsId, dev: string, more: Partial<BridgeAdd> = {}): BridgeAdd {
  const alias = `linkloom/1 ${LAB} bridge ${dev}`;
  return {
    op: 'bridge.add',
    ns,
    link: null,
    cause: 'missing',
    dev,
    ifindex: null,
    group: GROUP.bridge,
    alias,
    mcastSnooping: false,
    vlans: false,
    raise: true,
    ...more,
  };
}

export function port(ns: NsId, dev: string, bridge: string, more: Partial<PortAttach> = {}): PortAttach {
  const alias = `linkloom/1 ${LAB} node ${dev}`;
  return {
    op: 'port.attach',
    ns,
    link: `node:${dev}`,
    cause: 'missing',
    dev,
    ifindex: MADE,
    mtuBytes: null,
    master: { dev: bridge, ifindex: MADE },
    alias,
    raise: true,
    ...more,
  };
}
