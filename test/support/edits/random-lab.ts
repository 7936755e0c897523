/** Makes random labs of a few nodes. Each of them can be made from nothing. */

import type { Dice } from '../dice.ts';

export interface RandomLink {
  readonly node: string;
  readonly dev: string;
  readonly state: 'up' | 'down';
  readonly mtu: number;
  readonly ip: readonly string[];
  readonly route: readonly string[];
  /** Everything else that the configuration says of the link. */
  readonly more: Readonly<Record<string, unknown>>;
}

export const NODES = ['a', 'b'] as const;
/** The subnets of a node. Each is on at most one of its devices. */
const SUBNETS = [0, 1, 2] as const;
const SMALLEST_IPV6_MTU = 1280;

interface Draft {
  dev: string;
  state: 'up' | 'down';
  mtu: number;
  ip: string[];
  route: string[];
  more: Record<string, unknown>;
}

/** Makes a random lab. Either both nodes have an end of the direct wire, or neither has. */
export function randomLab(dice: Dice): readonly RandomLink[] {
  const isWired = dice.chance(0.5);
  return NODES.flatMap((node) => {
    const drafts = devices(dice, isWired);
    if (drafts.length === 0) return [];
    giveAddresses(dice, drafts);
    giveRoutes(dice, drafts);
    return drafts.map((draft) => ({ node, ...draft }));
  });
}

function devices(dice: Dice, isWired: boolean): Draft[] {
  const drafts: Draft[] = dice.some(['eth0', 'eth1', 'eth2'], 0.75).map((dev) => ({
    ...blank(dice, dev),
    more: {
      bridge: dice.pick(['s0', 's1', 's2']),
      ...(dice.chance(0.2) ? { queues: 2 } : {}),
      ...(dice.chance(0.2) ? { mac: `c2:00:00:00:00:0${dev.at(-1)}` } : {}),
    },
  }));
  if (isWired) drafts.push({ ...blank(dice, 'eth3'), more: { bridge: 'wire' } });
  const parent = drafts.find(({ state }) => state === 'up');
  if (parent && dice.chance(0.25)) {
    const { dev, mtu } = parent;
    const more = { type: 'macvlan', base: 'local', 'outer-dev': dev, mode: dice.pick(['bridge', 'private']) };
    drafts.push({ ...blank(dice, 'm0'), mtu: Math.min(mtu, 1400), more });
  }
  return drafts;
}

function blank(dice: Dice, dev: string): Draft {
  const mtu = dice.chance(0.15) ? 1200 : dice.pick([65_535, 1500, 1400, 1300]);
  return { dev, state: dice.chance(0.2) ? 'down' : 'up', mtu, ip: [], route: [], more: {} };
}

function giveAddresses(dice: Dice, drafts: readonly Draft[]): void {
  for (const subnet of SUBNETS) {
    const four = dice.pick(drafts);
    if (dice.chance(0.8)) four.ip.push(...dice.some([1, 2, 3], 0.6).map((host) => `10.0.${subnet}.${host}/24`));
    if (dice.chance(0.2)) four.ip.push(`10.1.${subnet}.1/32`);
    const six = dice.pick(drafts);
    if (six.mtu < SMALLEST_IPV6_MTU) continue;
    if (dice.chance(0.6))
      six.ip.push(...dice.some([1, 2], 0.7).map((host) => `fd00:${subnet}::${host}/${dice.pick([64, 64, 80])}`));
    if (dice.chance(0.1)) six.ip.push(`fe80::${subnet + 1}/64`);
  }
}

/** Gives each destination once, so that no two routes of a node are the same to the kernel. */
function giveRoutes(dice: Dice, drafts: readonly Draft[]): void {
  const addresses = drafts.flatMap(({ ip }) => ip);
  const sources = (colon: boolean): string[] =>
    addresses.filter((ip) => ip.includes(':') === colon && !ip.startsWith('fe80')).map((ip) => ip.split('/')[0] ?? '');
  const destinations = ['default', '10.9.1.0/24', '10.9.2.0/24', '::/0', 'fd09:1::/64', 'fd09:2::/64'];
  for (const dst of destinations) {
    const isIpv6 = dst.includes(':');
    const ways = drafts.flatMap((draft) =>
      draft.ip
        .filter((ip) => ip.includes(':') === isIpv6 && !/^fe80|\/32$/.test(ip))
        .map((ip) => ({ draft, via: isIpv6 ? `${ip.split('::')[0]}::9` : ip.replace(/\.\d+\/24$/, '.9') })),
    );
    if (ways.length === 0 || dice.chance(0.4)) continue;
    const { draft, via } = dice.pick(ways);
    const words = [dst === '::/0' ? 'default' : dst, 'via', via];
    const owner = dice.chance(0.2) ? dice.pick(drafts) : draft;
    if (owner !== draft) words.push('dev', draft.dev);
    const source = dice.pick([...sources(isIpv6)]);
    if (dice.chance(0.3)) words.push('src', source);
    if (dice.chance(0.3)) words.push('metric', dice.pick(['5', '7']));
    if (dice.chance(0.2)) words.push('mtu', dice.pick(['1280', '1350']));
    if (dice.chance(0.1)) words.push('table', '77');
    owner.route.push(words.join(' '));
  }
  if (dice.chance(0.2)) dice.pick(drafts).route.push(`blackhole ${dice.pick(['10.66.0.0/16', 'fd66::/64'])}`);
}
