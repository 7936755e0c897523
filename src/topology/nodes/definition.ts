/**
 * `nodes/` is about the entries of `nodes:`, the nodes that linkloom makes itself.
 *
 * This file: one entry, with all defaults and groups applied and every text parsed. Absent values are `null` or empty.
 */
import type { Span } from '../../errors.ts';

/** A file or folder of the host that is mounted in a container. */
export interface Bind {
  /** Absolute path on the host. */
  readonly source: string;
  /** Absolute path in the container. */
  readonly target: string;
  /** The engine's mount options except `ro` and `rw`: `z`, `Z`, `rshared` and the like. */
  readonly options: readonly string[];
  readonly readOnly: boolean;
}

/** A container's port that the engine publishes on the host, through its own network. */
export interface PublishedPort {
  /** The host's address. null: all addresses. */
  readonly hostIp: string | null;
  /** null: the engine chooses the port. */
  readonly hostPort: number | null;
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
}

/** A file or folder that is copied into a container before the container starts. */
export interface CopiedFile {
  /** Absolute path on the host. */
  readonly source: string;
  /** Absolute path in the container. */
  readonly target: string;
  /** Permission bits. null: those of the source. */
  readonly mode: number | null;
}

/** A program that linkloom keeps running in a node. */
export interface Program {
  /** The program's name, unique in its node. Its log has this name. */
  readonly name: string;
  /** A string is run as `sh -c`, a list as it is. */
  readonly command: string | readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly restart: 'no' | 'on-failure' | 'always';
}

/**
 * What is waited for in another node: its process runs, its links are made, its healthcheck passes, or it has ended
 * with status 0.
 */
export type WaitCondition = 'started' | 'links' | 'healthy' | 'exited';

export interface WaitFor {
  /** NODE: the name of an entry of `nodes:`. */
  readonly node: string;
  readonly until: WaitCondition;
}

/** A healthcheck as the engine's API takes it. Fields that are null have the image's or the engine's values. */
export interface Healthcheck {
  /**
   * `['NONE']` switches the image's healthcheck off; `['CMD', …]` or `['CMD-SHELL', text]` replaces it. null: the
   * image's.
   */
  readonly test: readonly string[] | null;
  readonly intervalMs: number | null;
  readonly timeoutMs: number | null;
  readonly startPeriodMs: number | null;
  readonly retries: number | null;
}

export interface RestartPolicy {
  readonly name: 'no' | 'always' | 'unless-stopped' | 'on-failure';
  /** The most restarts, for `on-failure`. null: no limit. */
  readonly maximumRetries: number | null;
}

/**
 * Everything that defines a container. A container for which any of these values differs is another one, and is made
 * anew.
 */
export interface ContainerSpec {
  readonly image: string;
  /** The command's words. null: the image's command. */
  readonly command: readonly string[] | null;
  readonly entrypoint: readonly string[] | null;
  readonly env: Readonly<Record<string, string>>;
  readonly binds: readonly Bind[];
  readonly ports: readonly PublishedPort[];
  readonly sysctls: Readonly<Record<string, string>>;
  /** Capabilities in capitals, without `CAP_`. */
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly privileged: boolean;
  /** Devices as the engine's command line takes them: `/dev/net/tun`, `HOST:CONTAINER` or `HOST:CONTAINER:rwm`. */
  readonly devices: readonly string[];
  readonly user: string | null;
  readonly hostname: string;
  /** Labels of the file. Linkloom's own are added when the container is made. */
  readonly labels: Readonly<Record<string, string>>;
  readonly memoryBytes: number | null;
  readonly cpus: number | null;
  /**
   * `none`, `bridge`, or the name of a network of the engine. Without `network` it is `bridge` if `ports` is given,
   * otherwise `none`.
   */
  readonly network: string;
  readonly copy: readonly CopiedFile[];
  readonly healthcheck: Healthcheck | null;
  readonly restart: RestartPolicy;
  readonly stopSignal: string | null;
}

interface Entry {
  /** NODE: the name in the file, in marks, in the status and in messages. */
  readonly name: string;
  /** `LAB.NODE`: the name of the container, or of the namespace in /run/netns. */
  readonly realName: string;
  /**
   * Addresses for `lo`, as canonical prefixes, from the file or from the address plan. Empty: `lo` has only the
   * kernel's addresses.
   */
  readonly loopbacks: readonly string[];
  /**
   * Commands to run in the node once its links are up. A string is run as `sh -c`, a list as it is. The topology's
   * commands include them.
   */
  readonly exec: readonly (string | readonly string[])[];
  readonly run: readonly Program[];
  /** What is waited for before the node is started. */
  readonly waitFor: readonly WaitFor[];
  /** The host that the node is placed on. null: any. */
  readonly on: string | null;
  /** The position in the file. A function, since finding the position takes time. */
  readonly where: () => Span | undefined;
}

export interface NetnsDefinition extends Entry {
  readonly kind: 'netns';
  readonly labels: Readonly<Record<string, string>>;
}

export interface ContainerDefinition extends Entry, ContainerSpec {
  readonly kind: 'container';
  /**
   * 64 hexadecimal digits over the ContainerSpec, for the label `linkloom.hash`. The contents of copied files are not
   * part of it.
   */
  readonly hash: string;
}

export type NodeDefinition = NetnsDefinition | ContainerDefinition;

/** Labels of the containers that linkloom makes for `nodes:`. */
export const NODE_LABEL = { lab: 'linkloom.lab', node: 'linkloom.node', hash: 'linkloom.hash' } as const;
