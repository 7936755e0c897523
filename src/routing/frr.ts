/** Adds FRR to a lab: each router gets its configuration and what starts it. */
import type { Config } from '../config/config.ts';
import { patternOf } from '../config/nodes/pattern.ts';
import { LinkloomError } from '../errors.ts';
import { bgp, systemsOf } from './bgp.ts';
import type { Daemon, Protocol, Timers } from './daemon.ts';
import { ospf } from './ospf.ts';
import { isIPv6, type Router, routersOf } from './router.ts';
import { programsOf, scriptOf } from './start.ts';
import { zebra } from './zebra.ts';

export interface FrrRequest {
  readonly protocol: Protocol;
  readonly timers: Timers;
  /** Patterns of the names of nodes that are routers; none: all that have links. */
  readonly nodes: readonly string[];
  /** Whether zebra gives `lo` its addresses. Default: linkloom does. */
  readonly ownsLoopback?: boolean;
}

/** A router, and the daemons that it runs, zebra first. */
export interface Routing {
  readonly router: Router;
  readonly daemons: readonly Daemon[];
}

/** What FRR's daemons need in a container (capabilities(7)): routes, raw sockets, and a namespace to look into. */
const CAPABILITIES = ['NET_ADMIN', 'NET_RAW', 'SYS_ADMIN'];

/** The routers of a lab with their daemons. Throws E_CONFIG where there is none, or where routers have no addresses to talk by. */
export function routingOf(config: Config, request: FrrRequest): readonly Routing[] {
  const chosen = request.nodes.length === 0 ? null : patternOf(request.nodes);
  const routers = routersOf(config, (name) => chosen?.test(name) ?? true);
  if (routers.length === 0) {
    throw new LinkloomError('E_CONFIG', 'no node can run FRR: there is no entry of nodes: with a link', {
      hint: 'FRR is started in entries of nodes:, not in netns:, container: or service:',
    });
  }
  checkAddresses(routers);
  const systems = systemsOf(routers);
  return routers.map((router) => {
    const daemons = request.protocol === 'ospf' ? ospf(router, request.timers) : [bgp(router, systems, request.timers)];
    return { router, daemons: [zebra(router, request.ownsLoopback ?? false), ...daemons] };
  });
}

/** A part of a document, as files have it. */
type Part = Readonly<Record<string, unknown>>;

/** The document with FRR in each node that is a router. `config` is what the document says. Throws as `routingOf`. */
export function withFrr(document: Part, config: Config, request: FrrRequest): Part {
  const written = (document['nodes'] ?? {}) as Readonly<Record<string, Part | null>>;
  const added = routingOf(config, request).map(({ router, daemons }) => {
    const { name } = router;
    const node = config.nodes.get(name)?.value ?? {};
    const own = written[name] ?? {};
    const taken = (node.run ?? []).find((program) => daemons.some((daemon) => daemon.name === program.name));
    if (taken !== undefined)
      throw new LinkloomError('E_CONFIG', `${name} has a program ${taken.name} already`, {
        hint: 'leave the node out by --frr-nodes, or take the program away',
      });
    if (!router.isContainer) return [name, { ...own, run: [...(node.run ?? []), ...programsOf(name, daemons)] }];
    const { command, ...others } = own;
    return [name, { ...others, ...containerPart(router, daemons, node) }];
  });
  return { ...document, nodes: { ...written, ...Object.fromEntries(added) } };
}

interface Given {
  readonly cap_add?: readonly string[] | undefined;
  readonly sysctls?: Readonly<Record<string, string>> | undefined;
}

/** The keys by which a container, or a compose service, becomes a router. */
export function containerPart(router: Router, daemons: readonly Daemon[], { cap_add = [], sysctls }: Given): Part {
  const all = [...router.loopbacks, ...router.interfaces.flatMap(({ addresses }) => addresses)];
  const six = all.some(isIPv6) ? { 'net.ipv6.conf.all.disable_ipv6': '0', 'net.ipv6.conf.all.forwarding': '1' } : {};
  return {
    cap_add: [...new Set([...cap_add, ...CAPABILITIES])],
    sysctls: { 'net.ipv4.ip_forward': '1', ...six, ...sysctls },
    entrypoint: [
      'sh',
      '-c',
      scriptOf(
        router.name,
        daemons,
        router.interfaces.map(({ dev }) => dev),
      ),
    ],
  };
}

/** Routers that share a wire have to have addresses there, or no routes come of it. */
function checkAddresses(routers: readonly Router[]): void {
  const names = new Set(routers.map(({ name }) => name));
  for (const { name, interfaces } of routers) {
    const bare = interfaces.find(
      ({ addresses, peers }) => addresses.length === 0 && peers.some(({ node }) => node !== null && names.has(node)),
    );
    if (bare === undefined) continue;
    throw new LinkloomError('E_CONFIG', `${name}:${bare.dev} has no address, so nothing can be routed over it`, {
      hint: 'give its wire an ip, or give the lab addressing: {wires: {pool: 10.0.0.0/16}}',
    });
  }
}
