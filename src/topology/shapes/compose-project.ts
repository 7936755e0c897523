/** A generated lab as a compose project: a service of linkloom, and one for each node, which waits for its links. */
import type { WholeLab } from './whole-lab.ts';

type Part = Readonly<Record<string, unknown>>;

/** The service that links the others. */
const NETWORK = 'network';
/** What linkloom needs to link containers from within one (capabilities(7)). */
const CAPABILITIES = ['SYS_ADMIN', 'NET_ADMIN', 'SYS_NICE', 'NET_BROADCAST', 'IPC_LOCK'];
/** Where the image has `wait.sh`; other services see it by a volume. */
const UTILS = '/utils';

/**
 * The project. `parts` has what routers add to their services: capabilities, sysctls, what they are started with. Addresses of `lo` are
 * not the links', so only routers have them. Every `$` that compose is not to fill in is doubled.
 */
export function composeProject(
  { lab, defaults, nodes, wires }: WholeLab,
  addressing: Part,
  parts: ReadonlyMap<string, Part>,
): Part {
  const devices = new Map<string, string[]>(Object.keys(nodes).map((name) => [name, []]));
  for (const end of wires.flat()) {
    const at = end.lastIndexOf(':');
    devices.get(end.slice(0, at))?.push(end.slice(at + 1));
  }
  const services = [...devices].map(([name, own]): [string, Part] => [
    name,
    serviceOf(nodes[name]?.image ?? '', own, parts.get(name) ?? {}),
  ]);
  const { wires: pool, wires6 } = addressing;
  const named = lab === undefined ? {} : { environment: { LINKLOOM_LAB: lab } };
  const plan = { ...(pool === undefined ? {} : { wires: pool }), ...(wires6 === undefined ? {} : { wires6 }) };
  return {
    services: { [NETWORK]: { ...NETWORK_SERVICE, ...named }, ...Object.fromEntries(services) },
    volumes: { utils: {} },
    'x-network': {
      ...(lab === undefined ? {} : { lab }),
      addressing: plan,
      ...(defaults === undefined ? {} : { defaults }),
      wires,
    },
  };
}

/** The socket of the engine, on the host and in the container. */
const SOCKET = '/var/run/docker.sock';

const NETWORK_SERVICE: Part = {
  image: variable('LINKLOOM_IMAGE', 'linkloom'),
  pid: 'host',
  network_mode: 'none',
  cap_add: CAPABILITIES,
  volumes: [`${variable('DOCKER_SOCKET', SOCKET)}:${SOCKET}`, './:/project:ro', `utils:${UTILS}`],
  command: ['linkloom', 'daemon', '--compose-file', '/project/compose.yaml'],
  healthcheck: { test: ['CMD', 'linkloom', 'health'], interval: '2s', timeout: '10s', start_period: '60s' },
};

function serviceOf(image: string, devices: readonly string[], { entrypoint, ...part }: Part): Part {
  const program = (entrypoint as readonly string[] | undefined) ?? ['sleep', '1000000'];
  const common = { image, network_mode: 'none', ...part };
  if (devices.length === 0) {
    return { ...common, depends_on: { [NETWORK]: { condition: 'service_healthy' } }, entrypoint: escaped(program) };
  }
  const waits = devices.flatMap((dev) => ['-I', dev]);
  return {
    ...common,
    depends_on: [NETWORK],
    volumes: [`utils:${UTILS}:ro`],
    entrypoint: ['sh', `${UTILS}/wait.sh`, ...waits, '--', ...escaped(program)],
  };
}

/** A variable with its default, which compose fills in. */
function variable(name: string, usual: string): string {
  return `\${${name}:-${usual}}`;
}

const escaped = (words: readonly string[]): readonly string[] => words.map((word) => word.replaceAll('$', '$$$$'));
