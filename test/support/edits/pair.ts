/**
 * Turns one lab into another on the real kernel, with devices that others made in the same nodes. The result must be the same as
 * for the second lab made from nothing.
 */
import { execa } from 'execa';
import { subjectText } from '../../../src/subject.ts';
import { Dice } from '../dice.ts';
import { type TestLab, testLab } from '../lab.ts';
import { NODES, type RandomLink, randomLab } from './random-lab.ts';
import { type Snapshot, snapshot } from './snapshot.ts';

function configurationOf(lab: TestLab, links: readonly RandomLink[]): object {
  return {
    links: links.map(({ node, dev, state, mtu, ip, route, more }) => ({
      ...{ netns: lab.node(node).name, dev, state, mtu },
      ...(ip.length > 0 ? { ip } : {}),
      ...(route.length > 0 ? { route } : {}),
      ...more,
    })),
    bridges: [{ bridge: 'wire', mode: 'direct' }],
  };
}

/** Runs the pair of labs of a seed. Returns what is wrong at the end, one line each. */
export async function runPair(seed: number): Promise<readonly string[]> {
  const dice = new Dice(seed);
  const before = randomLab(dice);
  const after = randomLab(dice);
  await using lab = testLab('netns', 'ed');
  const first = await bring(lab, before, 'before');
  if (first.length > 0) return first;
  const promote = dice.chance(0.5);
  const foreign = new Map<string, Snapshot>();
  for (const node of nodesOf(before)) {
    const { name } = lab.node(node);
    if (promote) await lab.node(node).exec('sysctl', '-qw', 'net.ipv4.conf.all.promote_secondaries=1');
    foreign.set(
      node,
      await addForeign(
        dice,
        name,
        before.filter((link) => link.node === node),
      ),
    );
  }
  const faults = [...(await bring(lab, after, 'after'))];
  const edited = await snapshots(lab, after);
  await lab.down();
  faults.push(...(await bring(lab, after, 'from nothing')));
  const fresh = await snapshots(lab, after);
  for (const node of nodesOf(after)) {
    const is = edited.get(node);
    const wanted = fresh.get(node);
    if (!is || !wanted) continue;
    const own = after.filter((link) => link.node === node);
    faults.push(...compare(is, wanted, foreign.get(node) ?? NOTHING, own).map((line) => `${node}: ${line}`));
  }
  return faults.map((line) => `${line}${promote ? ' (promote_secondaries)' : ''}`);
}

/** The two labs of a seed, for debugging. */
export function pairOf(seed: number): object {
  const dice = new Dice(seed);
  return { before: randomLab(dice), after: randomLab(dice) };
}

const NOTHING: Snapshot = { devices: [], addresses: [], routes: [] };

function nodesOf(links: readonly RandomLink[]): readonly string[] {
  return NODES.filter((node) => links.some((link) => link.node === node));
}

async function bring(lab: TestLab, links: readonly RandomLink[], when: string): Promise<readonly string[]> {
  if (links.length === 0) {
    await lab.down();
    return [];
  }
  const configuration = configurationOf(lab, links);
  const { failures } = await lab.up(configuration);
  const { ops } = await lab.plan(configuration);
  return [
    ...failures.map(({ subject, message }) => `${when}: ${subjectText(subject)}: ${message}`),
    ...ops.map(({ op, link, cause }) => `${when}: a second plan is not empty: ${op} ${link} ${cause}`),
  ];
}

async function snapshots(lab: TestLab, links: readonly RandomLink[]): Promise<ReadonlyMap<string, Snapshot>> {
  const found = new Map<string, Snapshot>();
  for (const node of nodesOf(links)) found.set(node, await snapshot(lab.node(node).name));
  return found;
}

/** Adds addresses and routes of others on the lab's devices. Those that the kernel refuses are left out. */
async function addForeign(dice: Dice, netns: string, links: readonly RandomLink[]): Promise<Snapshot> {
  const ip = async (...args: readonly string[]): Promise<boolean> =>
    (await execa('ip', ['-n', netns, ...args], { reject: false })).exitCode === 0;
  const own = await snapshot(netns);
  for (const { dev, ip: addresses, mtu } of links) {
    const four = addresses.find((address) => /^10\.0\./.test(address));
    const six = addresses.find((address) => /^fd00/.test(address));
    const subnet = four?.split('.')[2] ?? '9';
    if (four && dice.chance(0.5)) await ip('addr', 'add', `10.0.${subnet}.200/24`, 'dev', dev, 'label', `${dev}:x`);
    if (dice.chance(0.3)) await ip('addr', 'add', `172.20.${dev.at(-1)}.1/24`, 'dev', dev);
    if (six && dice.chance(0.5)) await ip('addr', 'add', `${six.split('::')[0]}::99/64`, 'dev', dev, 'nodad');
    if (mtu >= 1280 && dice.chance(0.2)) await ip('addr', 'add', `fe80::77${dev.at(-1)}/64`, 'dev', dev, 'nodad');
    if (four && dice.chance(0.5))
      await ip(
        'route',
        'add',
        `10.77.${subnet}.0/24`,
        'via',
        `10.0.${subnet}.253`,
        'dev',
        dev,
        'metric',
        '9',
        'mtu',
        '1340',
      );
    if (four && dice.chance(0.3))
      await ip(
        'route',
        'add',
        `10.78.${subnet}.0/24`,
        'via',
        `10.0.${subnet}.253`,
        'dev',
        dev,
        'src',
        `10.0.${subnet}.200`,
      );
    if (six && dice.chance(0.5))
      await ip('route', 'add', `fd77:${subnet}::/64`, 'via', `${six.split('::')[0]}::253`, 'dev', dev, 'mtu', '1290');
    if (six && dice.chance(0.3))
      await ip(
        'route',
        'add',
        `fd78:${subnet}::/64`,
        'via',
        `${six.split('::')[0]}::253`,
        'dev',
        dev,
        'src',
        `${six.split('::')[0]}::99`,
      );
  }
  const all = await snapshot(netns);
  const addresses = new Set(own.addresses.map(({ dev, prefix }) => `${dev} ${prefix}`));
  const routes = new Set(own.routes.map(({ text }) => text));
  return {
    devices: [],
    addresses: all.addresses.filter(({ dev, prefix }) => !addresses.has(`${dev} ${prefix}`)),
    routes: all.routes.filter(({ text }) => !routes.has(text)),
  };
}

function compare(is: Snapshot, wanted: Snapshot, foreign: Snapshot, links: readonly RandomLink[]): readonly string[] {
  const others = new Set(foreign.addresses.map(({ dev, prefix }) => `${dev} ${prefix}`));
  const othersText = new Set(foreign.addresses.map(({ prefix }) => prefix.split('/')[0] ?? ''));
  const wantedRoutes = new Set(wanted.routes.map(({ text }) => text));
  const foreignRoutes = new Set(foreign.routes.map(({ text }) => text));
  const isOthersRoute = ({ text, src, protocol, dst, dev }: Snapshot['routes'][number]): boolean =>
    !wantedRoutes.has(text) &&
    (foreignRoutes.has(text) ||
      (protocol === 'kernel' &&
        (othersText.has(src) || foreign.addresses.some((one) => one.dev === dev && netOf(one.prefix) === netOf(dst)))));
  // If another's address comes first in a subnet, ours is a secondary, and may stay one.
  const firsts = new Set(
    is.addresses
      .filter(({ dev, prefix, text }) => others.has(`${dev} ${prefix}`) && !text.includes(' secondary '))
      .map(({ dev, prefix }) => `${dev} ${prefix.split('.').slice(0, 3).join('.')}`),
  );
  const told = (of: Snapshot): string[] =>
    of.addresses
      .filter(({ dev, prefix }) => !others.has(`${dev} ${prefix}`))
      .map(({ dev, prefix, text }) =>
        firsts.has(`${dev} ${prefix.split('.').slice(0, 3).join('.')}`) ? text.replace(' secondary ', '  ') : text,
      )
      .sort();
  const isFirst = ({ protocol, dst, dev, text }: Snapshot['routes'][number]): boolean =>
    protocol === 'kernel' && firsts.has(`${dev} ${dst.split('.').slice(0, 3).join('.')}`) && text.startsWith('unicast');
  const routesOf = (of: Snapshot): string[] =>
    of.routes
      .filter((route) => !isOthersRoute(route) && !isFirst(route))
      .map(({ text }) => text)
      .sort();
  return [
    ...differences('device', is.devices, wanted.devices),
    ...differences('address', told(is), told(wanted)),
    ...differences('route', routesOf(is), routesOf(wanted)),
    ...lost(is, foreign, links),
  ];
}

function differences(what: string, is: readonly string[], wanted: readonly string[]): readonly string[] {
  return [
    ...wanted.filter((line) => !is.includes(line)).map((line) => `${what} missing: ${line}`),
    ...is.filter((line) => !wanted.includes(line)).map((line) => `${what} too much: ${line}`),
  ];
}

/** The network of an address: the first 24 bits in IPv4, everything before `::` in IPv6. */
function netOf(address: string): string {
  return address.includes(':') ? (address.split('::')[0] ?? '') : address.split('.').slice(0, 3).join('.');
}

/** What others made and is missing now, though its device and everything that it needs is there. */
function lost(is: Snapshot, foreign: Snapshot, links: readonly RandomLink[]): readonly string[] {
  const byDev = new Map(links.map((link) => [link.dev, link]));
  const addresses = new Set(is.addresses.map(({ dev, prefix }) => `${dev} ${prefix}`));
  const locals = new Set(is.addresses.map(({ prefix }) => prefix.split('/')[0]));
  const routes = new Set(is.routes.map(({ text }) => text));
  const missing = foreign.addresses.filter(({ dev, prefix }) => {
    const link = byDev.get(dev);
    return link && !(prefix.includes(':') && link.mtu < 1280) && !addresses.has(`${dev} ${prefix}`);
  });
  const gone = foreign.routes.filter(({ dev, gateway, src, protocol, text }) => {
    const link = byDev.get(dev);
    if (!link || link.state === 'down' || protocol === 'kernel' || routes.has(text)) return false;
    if (src !== '' && !locals.has(src)) return false;
    return is.addresses.some(
      (one) => one.dev === dev && netOf(one.prefix) === netOf(gateway) && !/\/(80|32)$/.test(one.prefix),
    );
  });
  return [
    ...missing.map(({ text }) => `others' address lost: ${text}`),
    ...gone.map(({ text }) => `others' route lost: ${text}`),
  ];
}
