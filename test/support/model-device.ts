import type { LinkData } from '../../src/kinds/links/link-kinds.ts';
import type { PeerEnd } from '../../src/wire/make.ts';
import type { EthtoolSet } from '../../src/wire/ops/extras.ts';
import type { DeviceSettings } from '../../src/wire/ops/links.ts';
import type { LinkDump } from '../../src/wire/seen.ts';

/** A new device, with the kernel's defaults. */
export const BLANK: Omit<LinkDump, 'ifindex' | 'ifname'> = {
  kind: '',
  group: 0,
  alias: '',
  mac: '02:00:00:00:00:01',
  mtuBytes: 1500,
  up: false,
  operstate: 'DOWN',
  master: 0,
  peerIndex: 0,
  peerNsid: -1,
  txQueues: 1,
  numbers: { txqueuelen: 1000 },
  mode: null,
  vlanId: null,
  tunnel: null,
  offloads: null,
  qdisc: 'noqueue',
  netem: null,
  tbf: null,
  redirect: null,
  counters: null,
};

/** The device after a change. */
export function withSettings(link: LinkDump, settings: DeviceSettings): LinkDump {
  return {
    ...link,
    mac: settings.mac ?? link.mac,
    mtuBytes: settings.mtuBytes ?? link.mtuBytes,
    up: settings.up ?? link.up,
    alias: settings.alias ?? link.alias,
    group: settings.group ?? link.group,
    numbers: { ...link.numbers, ...settings.numbers },
  };
}

/** The device after features were switched. */
export function withFeatures(link: LinkDump, { settings }: EthtoolSet): LinkDump {
  const offloads: Record<string, boolean> = { ...link.offloads };
  for (const setting of settings) if (setting.kind === 'offload') offloads[setting.name] = setting.on;
  return { ...link, offloads };
}

/** The other end of a new veth. */
export function otherEnd(
  { dev, group, mtuBytes, mac }: PeerEnd,
  rest: Pick<LinkDump, 'txQueues' | 'ifindex' | 'peerIndex'>,
): LinkDump {
  const { mtuBytes: usual, mac: any } = BLANK;
  return { ...BLANK, ...rest, ifname: dev, kind: 'veth', group, mtuBytes: mtuBytes ?? usual, mac: mac ?? any };
}

/** The mode and the VLAN id that the kernel reports for a device of this kind. */
export function seenData(data: LinkData): Pick<LinkDump, 'mode' | 'vlanId'> {
  return { mode: 'mode' in data ? data.mode : null, vlanId: 'vlanId' in data ? data.vlanId : null };
}
