import type { LinkData } from '../../src/kinds/links/link-kinds.ts';
import type { PeerEnd } from '../../src/wire/make.ts';
import type { EthtoolSet } from '../../src/wire/ops/extras.ts';
import type { DeviceSettings } from '../../src/wire/ops/links.ts';
import type { LinkDump } from '../../src/wire/seen.ts';

/** A device of which nothing is known yet. */
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
  redirect: null,
  counters: null,
};

/** The device once a change was made to it. */
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

/** A device with the features switched that the kernel has a word for. */
export function withFeatures(link: LinkDump, { settings }: EthtoolSet): LinkDump {
  const offloads: Record<string, boolean> = { ...link.offloads };
  for (const setting of settings) if (setting.kind === 'offload') offloads[setting.name] = setting.on;
  return { ...link, offloads };
}

/** The other end of a veth, as it is made. */
export function otherEnd(
  { dev, group, mtuBytes, mac }: PeerEnd,
  rest: Pick<LinkDump, 'txQueues' | 'ifindex' | 'peerIndex'>,
): LinkDump {
  const { mtuBytes: usual, mac: any } = BLANK;
  return { ...BLANK, ...rest, ifname: dev, kind: 'veth', group, mtuBytes: mtuBytes ?? usual, mac: mac ?? any };
}

/** What the kernel tells of what it was told of a device's kind. */
export function seenData(data: LinkData): Pick<LinkDump, 'mode' | 'vlanId'> {
  return { mode: 'mode' in data ? data.mode : null, vlanId: 'vlanId' in data ? data.vlanId : null };
}
