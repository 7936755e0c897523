/** Turns a definition into the body of `POST /containers/create` (Docker Engine API 1.41; Podman's compatible API takes the same). No I/O. */
import type { ContainerCreateOptions, HealthConfig, HostConfig, MountPropagation, MountSettings } from 'dockerode';
import { grouped } from '../../grouped.ts';
import {
  type Bind,
  type ContainerDefinition,
  type Healthcheck,
  NODE_LABEL,
  type PublishedPort,
} from '../../topology/nodes/definition.ts';
import type { Surroundings } from './node-runtime.ts';

const NANOSECONDS_PER_MS = 1_000_000;
const NANO_CPUS = 1e9;

/**
 * The body of the request. Standard input stays open, as with `docker run --interactive`; otherwise a node whose image only starts a
 * shell (Debian, busybox) would end at once.
 */
export function createBody(definition: ContainerDefinition, around: Surroundings): ContainerCreateOptions {
  const { command, entrypoint, user, stopSignal, healthcheck } = definition;
  return {
    name: definition.realName,
    Image: definition.image,
    Hostname: definition.hostname,
    OpenStdin: true,
    Env: Object.entries(definition.env).map(([key, value]) => `${key}=${value}`),
    Labels: labelsOf(definition, around),
    ExposedPorts: Object.fromEntries(definition.ports.map((port) => [portKey(port), {}])),
    HostConfig: hostConfigOf(definition, around),
    ...(command !== null && { Cmd: [...command] }),
    ...(entrypoint !== null && { Entrypoint: [...entrypoint] }),
    ...(user !== null && { User: user }),
    ...(stopSignal !== null && { StopSignal: stopSignal }),
    ...(healthcheck !== null && { Healthcheck: healthConfigOf(healthcheck) }),
  };
}

/**
 * The label for the list of files that made a container. It is no part of the container's identity: it only decides whether a container
 * that is described no more may be removed.
 */
export const FILES_LABEL = 'linkloom.files';

function labelsOf({ name, hash, labels }: ContainerDefinition, { lab, files }: Surroundings): Record<string, string> {
  return { ...labels, [NODE_LABEL.lab]: lab, [NODE_LABEL.node]: name, [NODE_LABEL.hash]: hash, [FILES_LABEL]: files };
}

function hostConfigOf(definition: ContainerDefinition, { hostsPath, hosts }: Surroundings): HostConfig {
  const { binds, restart, memoryBytes, cpus } = definition;
  const isPlain = (bind: Bind): boolean => propagationOf(bind) !== null;
  const ownHosts = hostsPath !== null && binds.every(({ target }) => target !== '/etc/hosts');
  return {
    NetworkMode: definition.network,
    // The engine's `-v` would make a folder where the source is missing; a mount says so.
    Mounts: [
      ...binds.filter(isPlain).map(mountOf),
      ...(ownHosts ? [{ Type: 'bind' as const, Source: hostsPath, Target: '/etc/hosts' }] : []),
    ],
    Binds: binds.filter((bind) => !isPlain(bind)).map(bindTextOf),
    PortBindings: portBindingsOf(definition.ports),
    Sysctls: { ...definition.sysctls },
    CapAdd: [...definition.capAdd],
    CapDrop: [...definition.capDrop],
    Privileged: definition.privileged,
    Devices: definition.devices.map(deviceOf),
    RestartPolicy: { Name: restart.name, MaximumRetryCount: restart.maximumRetries ?? 0 },
    ...(hostsPath === null && {
      ExtraHosts: hosts.flatMap(({ address, names }) => names.map((name) => `${name}:${address}`)),
    }),
    ...(memoryBytes !== null && { Memory: memoryBytes }),
    ...(cpus !== null && { NanoCpus: Math.round(cpus * NANO_CPUS) }),
  };
}

/** The propagation for a mount. null: the bind has options that a mount can't have (SELinux's `z` and `Z`). */
function propagationOf({ options }: Bind): MountPropagation | '' | null {
  const [first = ''] = options;
  return options.length <= 1 && (first === '' || PROPAGATIONS.has(first)) ? (first as MountPropagation | '') : null;
}

/** mount_namespaces(7), with `r` for all mounts below. */
const PROPAGATIONS: ReadonlySet<string> = new Set(['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave']);

function mountOf(bind: Bind): MountSettings {
  const propagation = propagationOf(bind);
  return {
    Type: 'bind',
    Source: bind.source,
    Target: bind.target,
    ReadOnly: bind.readOnly,
    ...(propagation && { BindOptions: { Propagation: propagation } }),
  };
}

function bindTextOf({ source, target, options, readOnly }: Bind): string {
  return [source, target, [readOnly ? 'ro' : 'rw', ...options].join(',')].join(':');
}

function portKey({ containerPort, protocol }: PublishedPort): string {
  return `${containerPort}/${protocol}`;
}

function portBindingsOf(ports: readonly PublishedPort[]): Record<string, { HostIp: string; HostPort: string }[]> {
  const bindings = [...grouped(ports, portKey)].map(([key, same]) => [
    key,
    same.map(({ hostIp, hostPort }) => ({ HostIp: hostIp ?? '', HostPort: hostPort === null ? '' : String(hostPort) })),
  ]);
  return Object.fromEntries(bindings);
}

/** `/dev/a`, `/dev/a:/dev/b`, `/dev/a:/dev/b:rw` or `/dev/a:rw`, as `docker run --device` takes it. */
function deviceOf(text: string): { PathOnHost: string; PathInContainer: string; CgroupPermissions: string } {
  const [host = '', ...rest] = text.split(':');
  const isPath = rest[0]?.startsWith('/') === true;
  const [container = host, permissions = 'rwm'] = isPath ? rest : [host, ...rest];
  return { PathOnHost: host, PathInContainer: container, CgroupPermissions: permissions };
}

function healthConfigOf({ test, intervalMs, timeoutMs, startPeriodMs, retries }: Healthcheck): HealthConfig {
  return {
    ...(test !== null && { Test: [...test] }),
    ...(intervalMs !== null && { Interval: intervalMs * NANOSECONDS_PER_MS }),
    ...(timeoutMs !== null && { Timeout: timeoutMs * NANOSECONDS_PER_MS }),
    ...(startPeriodMs !== null && { StartPeriod: startPeriodMs * NANOSECONDS_PER_MS }),
    ...(retries !== null && { Retries: retries }),
  };
}
