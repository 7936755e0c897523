/**
 * The walls of the house. A room lists what it may import; all else is refused, types included. `npm run lint` looks,
 * `npm run graph` draws.
 */

/**
 * Rooms, from the lowest to the highest. `imports` are other rooms, or single files of them; `packages` are npm's; `node` are
 * modules of Node, `'*'` for all; `rule` is what whoever breaks it is told.
 */
export const ROOMS = {
  diagnostics: {
    path: 'src/diagnostics/',
    imports: ['src/verb-names.ts'],
    rule: 'diagnostics/ is a list of faults and imports no other room',
  },
  words: {
    path: 'src/(errors|layout|counted|grouped|pieces|subject|verb-names)[.]ts',
    imports: ['diagnostics'],
    rule: 'errors.ts, subject.ts, verb-names.ts, layout.ts, counted.ts, grouped.ts and pieces.ts are below all rooms',
  },
  net: { path: 'src/net/', imports: [], node: ['crypto'], rule: 'net/ is arithmetic and imports no other room' },
  kinds: {
    path: 'src/kinds/',
    imports: [],
    rule: 'kinds/ says what each kind of link, bridge and tunnel is, and imports no other room',
  },
  capture: { path: 'src/capture/', imports: [], rule: 'capture/ is the bytes of captures and imports no other room' },
  config: {
    path: 'src/config/',
    imports: ['diagnostics', 'net', 'kinds', 'words'],
    packages: ['valibot', 'yaml', 'saxes'],
    node: '*',
    rule: 'config/ turns text into a Config',
  },
  routing: {
    path: 'src/routing/',
    imports: ['net', 'config', 'words'],
    rule: 'routing/ writes configurations of routers: a Config becomes text',
  },
  export: {
    path: 'src/export/',
    imports: ['net', 'kinds', 'config', 'words'],
    node: ['path'],
    rule: 'export/ is pure: a Config becomes the text of a file of another tool',
  },
  topology: {
    path: 'src/topology/',
    imports: ['diagnostics', 'net', 'kinds', 'config', 'words'],
    rule: 'topology/ is pure: a Config becomes a Topology and a Network',
  },
  play: {
    path: 'src/play/',
    imports: ['net', 'src/config/play/timeline.ts', 'words'],
    rule: 'play/ is pure: a timeline becomes moments',
  },
  cluster: {
    path: 'src/cluster/',
    imports: ['diagnostics', 'net', 'kinds', 'config', 'topology', 'spread', 'words', 'events'],
    packages: ['@nats-io', 'valibot'],
    node: '*',
    rule: 'cluster/ holds the records of labs over several hosts, and cuts them into parts',
  },
  wire: {
    path: 'src/wire/',
    imports: ['net', 'kinds', 'src/topology/topology.ts', 'src/topology/values.ts'],
    rule: 'wire/ holds what crosses a thread: types and constants',
  },
  events: {
    path: 'src/((lab-)?events|notices)[.]ts',
    imports: ['words'],
    rule: 'events.ts, notices.ts and lab-events.ts are all that reporters see',
  },
  plan: {
    path: 'src/plan/',
    imports: ['net', 'kinds', 'topology', 'wire', 'words', 'events'],
    rule: 'plan/ is pure: what is wanted against what is seen',
  },
  spread: {
    path: 'src/spread/',
    imports: ['kinds', 'topology', 'wire', 'words', 'src/config/nodes/pattern.ts'],
    rule: 'spread/ is pure: a lab becomes the parts that its hosts have',
  },
  proof: {
    path: 'src/proof/',
    imports: ['net', 'kinds', 'topology', 'wire', 'plan', 'words', 'events'],
    rule: 'proof/ is pure: which probes show where wires go, and what their arrival means',
  },
  check: {
    path: 'src/check/',
    imports: [
      ...['net', 'kinds', 'topology', 'wire', 'words', 'events'],
      ...['src/config/nodes/pattern.ts', 'src/config/text/nearest.ts'],
    ],
    rule: 'check/ is pure: which tries the checks of a lab are, and what comes of them',
  },
  preflight: {
    path: 'src/preflight/',
    imports: ['diagnostics', 'net', 'kinds', 'topology', 'wire', 'plan', 'words', 'events'],
    rule: 'preflight/ is pure: whether a lab fits on a machine',
  },
  engine: {
    path: 'src/engine/',
    imports: ['net', 'kinds', 'topology', 'wire', 'plan', 'preflight', 'words', 'events'],
    packages: ['piscina'],
    node: '*',
    rule: 'engine/ alone talks to workers',
  },
  runtime: {
    path: 'src/runtime/',
    imports: ['src/net/ns-id.ts', 'src/topology/topology.ts', 'src/topology/nodes/definition.ts', 'words', 'events'],
    packages: ['dockerode', 'execa', 'tar-fs'],
    node: '*',
    rule: 'runtime/ alone talks to container engines',
  },
  supervisor: {
    path: 'src/supervisor/',
    imports: ['src/net/run-directory.ts', 'src/runtime/process.ts', 'src/engine/lock/run-directory.ts', 'words'],
    node: '*',
    rule: 'supervisor/ keeps programs running and knows nothing of links',
  },
  lab: {
    path: 'src/lab/',
    imports: [
      'capture',
      'net',
      'kinds',
      'config',
      'topology',
      'wire',
      'plan',
      'proof',
      'check',
      'preflight',
      'play',
      'engine',
      'runtime',
      'supervisor',
      'words',
      'events',
    ],
    packages: ['execa'],
    node: '*',
    rule: 'lab/ composes the stages; who drives it and who prints is not its business',
  },
  daemon: {
    path: 'src/daemon/',
    imports: [
      'net',
      'kinds',
      'src/config/read.ts',
      ...['timeline', 'written'].map((file) => `src/config/play/${file}.ts`),
      'topology',
      'wire',
      'plan',
      'engine',
      'runtime',
      'lab',
      'words',
      'events',
    ],
    node: '*',
    rule: 'daemon/ is lab/ in a loop, and does not know the command line',
  },
  hosts: {
    path: 'src/hosts/',
    imports: [
      ...[
        'net',
        'kinds',
        'config',
        'topology',
        'spread',
        'cluster',
        'check',
        'wire',
        'proof',
        'engine',
        'runtime',
        'lab',
        'daemon',
        'words',
        'events',
      ],
    ],
    packages: ['valibot'],
    node: '*',
    rule: 'hosts/ is one lab over several hosts at work: the agent of each host, and what verbs write and read',
  },
  api: {
    path: 'src/api/',
    imports: [
      'diagnostics',
      ...['read', 'schema', 'timeline', 'written'].map((file) => `src/config/play/${file}.ts`),
      'src/net/amounts.ts',
      'src/net/digest.ts',
      'src/net/run-directory.ts',
      'src/engine/lock/run-directory.ts',
      'src/plan/pending/text.ts',
      'topology',
      'lab',
      'daemon',
      'report',
      'words',
      'events',
    ],
    packages: ['fastify', 'prom-client', 'valibot'],
    node: '*',
    rule: 'api/ serves what daemon/asked/ offers, and alone knows HTTP',
  },
  mdc: {
    path: 'src/mdc/',
    imports: ['words', 'events'],
    packages: ['execa'],
    node: '*',
    rule: 'mdc/ makes compose projects and knows nothing of labs',
  },
  picture: {
    path: 'src/picture/',
    imports: ['src/config/nodes/pattern.ts'],
    packages: ['d3-force'],
    rule: 'picture/ places boxes and labels, for files and for the page: it is pure and imports only how names are matched',
  },
  page: {
    path: 'src/page/',
    imports: ['picture', 'src/verb-names.ts'],
    rule: 'page/ runs in a browser',
  },
  report: {
    path: 'src/report/',
    imports: [
      ...['net', 'kinds', 'topology', 'wire', 'plan', 'proof', 'check', 'preflight'],
      ...['cluster', 'src/hosts/verbs/outcome.ts', 'src/hosts/verbs/status.ts', 'src/hosts/verbs/up.ts'],
      ...['src/lab/bench/report.ts', 'src/lab/live/rates.ts', 'picture', 'words', 'events'],
    ],
    packages: ['yaml'],
    node: ['util'],
    rule: 'report/ alone prints, from events and plain data',
  },
  cli: {
    path: 'src/(cli/|main[.]ts|bin[.]ts)',
    imports: [
      'capture',
      'src/net/amounts.ts',
      'src/net/ns-id.ts',
      'src/net/units.ts',
      'config',
      'export',
      'kinds',
      'topology',
      'plan',
      'src/proof/proof.ts',
      'routing',
      'src/engine/threads/reader.ts',
      'src/check/report.ts',
      'runtime',
      'lab',
      'daemon',
      'cluster',
      'hosts',
      'api',
      'mdc',
      'picture',
      'report',
      'words',
      'events',
    ],
    packages: ['commander', 'execa'],
    node: '*',
    rule: 'cli/ parses, calls and reports',
  },
  library: {
    path: 'src/(library/|index[.]ts)',
    imports: [
      'diagnostics',
      'config',
      'kinds',
      'topology',
      'wire',
      'plan',
      'proof',
      'runtime',
      'lab',
      'words',
      'events',
    ],
    packages: ['valibot'],
    rule: 'library/ is the verbs for programs; index.ts names them, without logic',
  },
  netlink: {
    path: 'workers/netlink/',
    imports: ['workers/libc.ts'],
    node: ['os'],
    rule: 'workers/netlink/ makes and reads bytes',
  },
  rtnl: {
    path: 'workers/rtnl/',
    imports: ['net', 'kinds', 'wire', 'src/topology/topology.ts', 'src/topology/values.ts', 'netlink'],
    rule: 'workers/rtnl/ knows one object of the kernel per file',
  },
  workers: {
    path: 'workers/',
    imports: [
      'net',
      'capture',
      'kinds',
      'wire',
      'src/topology/topology.ts',
      'src/topology/values.ts',
      'netlink',
      'rtnl',
    ],
    packages: ['koffi'],
    node: '*',
    rule: 'workers/ act: what is decided is decided in src/',
  },
};

const own = (room) => `^${ROOMS[room].path}`;
const literal = (file) => `^${file.replaceAll('.', '[.]')}$`;

function allowed(room) {
  const { imports, packages = [], node = [] } = ROOMS[room];
  const rooms = imports.map((name) => (name in ROOMS ? own(name) : literal(name)));
  const npm = packages.map((name) => `(^|/)node_modules/(@types/)?${name}/`);
  const core = node === '*' ? [] : node.map((name) => `^(node:)?${name}$`);
  return [own(room), ...rooms, ...npm, ...core];
}

/** Rooms within a room keep to their own rule. */
const within = { workers: [own('netlink'), own('rtnl')] };

export default {
  forbidden: [
    ...Object.entries(ROOMS).map(([room, { rule, node }]) => ({
      name: room,
      comment: rule,
      severity: 'error',
      from: { path: own(room), ...(room in within && { pathNot: within[room] }) },
      to: { pathNot: allowed(room), ...(node === '*' && { dependencyTypesNot: ['core'] }) },
    })),
    {
      name: 'homeless',
      comment: 'every file belongs to a room of .dependency-cruiser.mjs',
      severity: 'error',
      from: { path: '^(src|workers)/', pathNot: Object.keys(ROOMS).map(own) },
      to: {},
    },
    {
      name: 'circular',
      comment: 'no cycles, not of types either',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'orphan',
      comment: 'nothing imports this file: delete it, or name it as an entry',
      severity: 'error',
      from: { orphan: true, pathNot: '[.]d[.]ts$' },
      to: {},
    },
    {
      name: 'unresolved',
      comment: 'this import leads nowhere',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    parser: 'tsc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
    reporterOptions: {
      archi: { collapsePattern: '^(src/[^/]+|workers/[^/]+)' },
      dot: { collapsePattern: '^(src/[^/]+|workers/[^/]+)' },
    },
  },
};
