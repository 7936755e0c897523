/**
 * Checks that the keys of a node agree with each other, and with those of other nodes. It runs after defaults and groups are
 * applied.
 */
import type { DiagnosticCode } from '../../diagnostics/table.ts';
import { type Entry, spanOf } from '../config.ts';
import { type Diagnostics, didYouMean } from '../diagnose.ts';
import { quote } from '../text/excerpt.ts';
import { CONTAINER_KEYS, type NodeConfig } from './schema.ts';
import { readBind, readPort, readValue } from './values.ts';
import type { GroupConfig } from './wire-schema.ts';

type Nodes = ReadonlyMap<string, Entry<NodeConfig>>;

interface Checked {
  /** The nodes, with defaults and groups applied. */
  readonly nodes: Nodes;
  /** The nodes as their entries in `nodes:` have them. */
  readonly written: Nodes;
  /** Nodes that are reported already. */
  readonly faultyNodes: ReadonlySet<string>;
  readonly groups: ReadonlyMap<string, Entry<GroupConfig>>;
  readonly services: ReadonlySet<string>;
}

/** Whether a node is a container. */
export function isContainer({ image }: NodeConfig): boolean {
  return image !== undefined && image !== null;
}

/** Whether a node's eth0 belongs to its container engine. */
export function hasEngineDevice({ ports, network }: NodeConfig): boolean {
  return network === undefined ? (ports ?? []).length > 0 : network !== 'none';
}

export function checkNodes({ nodes, written, faultyNodes, groups, services }: Checked, diagnostics: Diagnostics): void {
  const hostPorts = new Map<string, string>();
  for (const [name, entry] of nodes) {
    const fault: Report = (code, message, key, hint, inner) =>
      diagnostics.add(code, `node ${name}: ${message}`, { where: () => spanOf(entry, key, inner), hint });
    if (services.has(name)) {
      fault(
        'node-is-service',
        'a service of the compose file has this name',
        undefined,
        'compose starts services: rename one of the two',
      );
    }
    checkKind(written.get(name)?.value ?? {}, entry, fault);
    checkSysctls(entry.value, fault);
    checkEngine(entry.value, hostPorts, name, fault);
    checkPrograms(entry.value, fault);
    checkWaits(name, entry.value, { nodes, faultyNodes }, fault);
  }
  checkCycles(nodes, diagnostics);
  checkGroups(groups, nodes, diagnostics);
}

type Report = (
  code: DiagnosticCode,
  message: string,
  key?: keyof NodeConfig,
  hint?: string,
  inner?: string | number,
) => void;

function checkKind(written: NodeConfig, { value, faulty }: Entry<NodeConfig>, fault: Report): void {
  if (isContainer(value) || faulty.includes('image')) return;
  for (const key of CONTAINER_KEYS) {
    if (Object.hasOwn(written, key)) {
      const hint = 'give it an image:, or leave this out: a node without one is a network namespace';
      fault('container-key', `${key} is for containers, and there is no image`, key as keyof NodeConfig, hint);
    }
  }
}

/** The sysctls that a container can have for itself (runc, libcontainer/configs/validate/validator.go). */
const SYSCTL =
  /^(?:net\.|fs\.mqueue\.|kernel\.(?:msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced|domainname)$)/;

function checkSysctls({ sysctls = {} }: NodeConfig, fault: Report): void {
  for (const name of Object.keys(sysctls)) {
    if (SYSCTL.test(name.replaceAll('/', '.'))) continue;
    const hint = 'a container has net.*, fs.mqueue.* and some of kernel.* for itself; set the others on the host';
    fault('container-value', `sysctls: ${name} is of the whole host`, 'sysctls', hint, name);
  }
}

/** Checks what an engine would refuse only when half of the lab is up. */
function checkEngine(value: NodeConfig, hostPorts: Map<string, string>, name: string, fault: Report): void {
  const targets = new Set<string>();
  for (const [at, text] of (value.binds ?? []).entries()) {
    const { target } = readValue(readBind(text));
    if (targets.has(target))
      fault('container-clash', `binds[${at}]: ${target} has a bind already`, 'binds', 'leave one out', at);
    targets.add(target);
  }
  if (value.network === 'none' && (value.ports ?? []).length > 0) {
    fault('container-clash', 'ports need a network of the engine, and network is none', 'network', 'leave network out');
  }
  for (const [at, text] of (value.ports ?? []).entries()) {
    const { hostIp, hostPort, protocol } = readValue(readPort(text));
    if (hostPort === null) continue;
    const key = `${hostIp ?? ''} ${hostPort}/${protocol}`;
    const other = hostPorts.get(key) ?? hostPorts.get(` ${hostPort}/${protocol}`);
    if (other !== undefined) {
      fault(
        'container-clash',
        `ports[${at}]: port ${hostPort}/${protocol} is that of node ${other} already`,
        'ports',
        'publish another',
        at,
      );
    }
    hostPorts.set(key, name);
  }
}

function checkPrograms({ run = [] }: NodeConfig, fault: Report): void {
  const names = new Set<string>();
  for (const [at, { name }] of run.entries()) {
    if (names.has(name))
      fault('program-twice', `run[${at}]: a program is called ${name} already`, 'run', 'give it another name', at);
    names.add(name);
  }
}

function checkWaits(
  name: string,
  { wait_for: waits = {} }: NodeConfig,
  { nodes, faultyNodes }: Pick<Checked, 'nodes' | 'faultyNodes'>,
  fault: Report,
): void {
  for (const [other, until] of Object.entries(waits)) {
    const node = nodes.get(other);
    if (other === name) fault('wait-impossible', 'wait_for: it waits for itself', 'wait_for', 'leave it out', other);
    else if (node === undefined) {
      if (faultyNodes.has(other)) continue;
      fault(
        'node-unknown',
        `wait_for: no node is called ${quote(other)}`,
        'wait_for',
        didYouMean(other, nodes.keys()),
        other,
      );
    } else if (!isContainer(node.value) && (until === 'healthy' || until === 'exited')) {
      const hint = `write ${other}: links`;
      fault(
        'wait-impossible',
        `wait_for: ${other} is a network namespace, which is never ${until}`,
        'wait_for',
        hint,
        other,
      );
    } else if (until === 'healthy' && node.value.healthcheck?.disable === true) {
      fault(
        'wait-impossible',
        `wait_for: the healthcheck of ${other} is switched off`,
        'wait_for',
        `write ${other}: links`,
        other,
      );
    }
  }
}

/** Reports nodes that wait for each other in a circle, each circle once. */
function checkCycles(nodes: Nodes, diagnostics: Diagnostics): void {
  const done = new Set<string>();
  for (const start of nodes.keys()) {
    const circle = circleFrom(start, nodes, done);
    if (circle === null) continue;
    const [first = ''] = circle;
    const entry = nodes.get(first);
    diagnostics.add(
      'wait-circle',
      `node ${first}: wait_for goes in a circle: ${[...circle, first].join(' waits for ')}`,
      {
        where: () => (entry === undefined ? undefined : spanOf(entry, 'wait_for')),
        hint: 'leave one of them out',
      },
    );
  }
}

/**
 * Finds a circle by a depth-first walk. Its stack is its own, since a chain may be as long as the lab. `done` has the nodes that
 * lead to no new circle.
 */
function circleFrom(start: string, nodes: Nodes, done: Set<string>): readonly string[] | null {
  const path: string[] = [];
  const onPath = new Set<string>();
  const rest: (readonly string[] | null)[] = [[start]];
  const others = (name: string): readonly string[] =>
    Object.keys(nodes.get(name)?.value.wait_for ?? {}).filter((other) => other !== name && nodes.has(other));
  let found: readonly string[] | null = null;
  while (rest.length > 0) {
    const [next, ...more] = rest.pop() ?? [];
    if (next === undefined) {
      const left = path.pop();
      if (left !== undefined) {
        onPath.delete(left);
        done.add(left);
      }
      continue;
    }
    rest.push(more);
    if (onPath.has(next)) found ??= path.slice(path.indexOf(next));
    else if (!done.has(next)) {
      path.push(next);
      onPath.add(next);
      rest.push(others(next));
    }
  }
  return found;
}

/** Warns about a group that names a node that does not exist. Usually that is a slip. */
function checkGroups(groups: ReadonlyMap<string, Entry<GroupConfig>>, nodes: Nodes, diagnostics: Diagnostics): void {
  for (const [name, entry] of groups) {
    for (const [at, glob] of entry.value.nodes.entries()) {
      if (typeof glob !== 'string' || /[*?]/.test(glob) || nodes.has(glob) || nodes.size === 0) continue;
      diagnostics.add('group-unknown-node', `group ${name}: nodes[${at}]: no node is called ${quote(glob)}`, {
        where: () => spanOf(entry, 'nodes', at),
        hint: didYouMean(glob, nodes.keys()),
      });
    }
  }
}
