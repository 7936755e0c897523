/** OSPF, one area: version 2 where there are IPv4 addresses (RFC 2328), version 3 where there are IPv6 addresses (RFC 5340). */
import { type Daemon, hostnameLine, type Timers, textOf } from './daemon.ts';
import { type Interface, isIPv6, type Router } from './router.ts';

/** Seconds between two hellos, and of silence after which a neighbour is gone. */
const FAST = { hello: 1, dead: 4 } as const;

/** The daemons of the families that the router has addresses of. */
export function ospf(router: Router, timers: Timers): readonly Daemon[] {
  const all = [...router.loopbacks, ...router.interfaces.flatMap(({ addresses }) => addresses)];
  return [
    ...(all.some((address) => !isIPv6(address)) ? [versionOf(router, timers, V2)] : []),
    ...(all.some(isIPv6) ? [versionOf(router, timers, V3)] : []),
  ];
}

/** What differs between the two versions. */
interface Version {
  readonly daemon: 'ospfd' | 'ospf6d';
  /** What commands of an interface begin with. */
  readonly words: string;
  readonly process: string;
  /** Lines of the whole process. */
  readonly settings: readonly string[];
  readonly has: (address: string) => boolean;
}

const V2: Version = {
  ...{ daemon: 'ospfd', words: 'ip ospf', process: 'ospf', settings: [] },
  has: (address) => !isIPv6(address),
};
const V3: Version = { daemon: 'ospf6d', words: 'ipv6 ospf6', process: 'ospf6', settings: [], has: isIPv6 };

function versionOf(router: Router, timers: Timers, version: Version): Daemon {
  const { words, process, has } = version;
  const lo = router.loopbacks.some(has) ? ['interface lo', ` ${words} area 0`, ` ${words} passive`, 'exit'] : [];
  const lines = router.interfaces
    .filter(({ addresses }) => addresses.some(has))
    .flatMap((one) => ['!', ...interfaceLines(one, timers, words)]);
  return {
    name: version.daemon,
    config: textOf([
      ...[...hostnameLine(router.name), ...lo, ...lines],
      ...['!', `router ${process}`, ` ${process} router-id ${router.routerId}`, 'exit'],
    ]),
  };
}

function interfaceLines({ dev, peers, isPointToPoint }: Interface, timers: Timers, words: string): readonly string[] {
  const isAlone = peers.every(({ node }) => node === null);
  return [
    `interface ${dev}`,
    ` ${words} area 0`,
    ...(isPointToPoint ? [` ${words} network point-to-point`] : []),
    ...(timers === 'fast' ? [` ${words} hello-interval ${FAST.hello}`, ` ${words} dead-interval ${FAST.dead}`] : []),
    ...(isAlone && isPointToPoint ? [` ${words} passive`] : []),
    'exit',
  ];
}
