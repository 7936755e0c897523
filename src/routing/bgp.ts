/** BGP between all routers that share a wire or a bridge, each with the number of its AS (RFC 7938, all of it eBGP). */
import { LinkloomError } from '../errors.ts';
import { overlap } from '../net/offset.ts';
import { type Daemon, hostnameLine, type Timers, textOf } from './daemon.ts';
import { isIPv6, type Peer, type Router } from './router.ts';

/** Seconds between two keepalives, and of silence after which a session is over. */
const FAST = { keepalive: 1, hold: 3 } as const;
/** Seconds until a session that could not be opened is tried again. FRR's default is 120, which is long for a lab that starts. */
const CONNECT_S = 2;

/** A session: the address at the other end, and its AS. */
interface Neighbour {
  readonly address: string;
  readonly asn: number;
}

/** The numbers of the routers' AS, and those that several routers have. */
export interface Systems {
  readonly of: ReadonlyMap<string, number>;
  readonly shared: ReadonlySet<number>;
}

export function systemsOf(routers: readonly Router[]): Systems {
  const seen = new Set<number>();
  const shared = new Set<number>();
  for (const { asn } of routers) (seen.has(asn) ? shared : seen).add(asn);
  return { of: new Map(routers.map(({ name, asn }) => [name, asn])), shared };
}

/**
 * The daemon of a router. Throws E_CONFIG where a neighbour has the same AS: sessions within one AS need more than a wire tells.
 */
export function bgp(router: Router, systems: Systems, timers: Timers): Daemon {
  const neighbours = neighboursOf(router, systems);
  // Where an AS number stands for a whole tier, a path between two of its nodes has it at both ends.
  const isShared = systems.shared.has(router.asn);
  const sessions = neighbours.flatMap(({ address, asn }) => [
    ` neighbor ${address} remote-as ${asn}`,
    ` neighbor ${address} timers connect ${CONNECT_S}`,
    ...(timers === 'fast' ? [` neighbor ${address} timers ${FAST.keepalive} ${FAST.hold}`] : []),
  ]);
  return {
    name: 'bgpd',
    config: textOf([
      ...[...hostnameLine(router.name), '!', `router bgp ${router.asn}`, ` bgp router-id ${router.routerId}`],
      ...[' no bgp ebgp-requires-policy', ' no bgp default ipv4-unicast', ' bgp bestpath as-path multipath-relax'],
      ...sessions,
      ...family(
        'ipv4',
        neighbours.filter(({ address }) => !isIPv6(address)),
        isShared,
      ),
      ...family(
        'ipv6',
        neighbours.filter(({ address }) => isIPv6(address)),
        isShared,
      ),
      'exit',
    ]),
  };
}

function family(name: 'ipv4' | 'ipv6', neighbours: readonly Neighbour[], isShared: boolean): readonly string[] {
  if (neighbours.length === 0) return [];
  return [
    ' !',
    ` address-family ${name} unicast`,
    '  redistribute connected',
    ...neighbours.flatMap(({ address }) => [
      `  neighbor ${address} activate`,
      ...(isShared ? [`  neighbor ${address} allowas-in 1`] : []),
    ]),
    ' exit-address-family',
  ];
}

function neighboursOf(router: Router, systems: Systems): readonly Neighbour[] {
  const found = new Map<string, Neighbour>();
  for (const { addresses, peers } of router.interfaces) {
    for (const peer of peers) {
      for (const neighbour of sessionsWith(router, addresses, peer, systems)) found.set(neighbour.address, neighbour);
    }
  }
  return [...found.values()];
}

/** One session for each family: with the first address of the peer that lies in a subnet of the interface. */
function sessionsWith(
  router: Router,
  own: readonly string[],
  { node, addresses }: Peer,
  systems: Systems,
): readonly Neighbour[] {
  const asn = node === null ? undefined : systems.of.get(node);
  if (asn === undefined || node === router.name) return [];
  if (asn === router.asn) {
    throw new LinkloomError('E_CONFIG', `${router.name} and ${node} are wired and both in AS ${asn}`, {
      hint: 'give them different labels asn: sessions within one AS are not written',
    });
  }
  return [false, true].flatMap((six) => {
    const address = addresses.find((one) => isIPv6(one) === six && own.some((mine) => overlap(mine, one)));
    return address === undefined ? [] : [{ address: address.split('/')[0] ?? '', asn }];
  });
}
