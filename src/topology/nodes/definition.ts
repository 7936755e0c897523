/**
 * `nodes/` is about the entries of `nodes:`, which linkloom makes itself: what each is to be, and how to call it.
 *
 * This file: one entry, all defaults and groups applied, every text read. What is absent is `null` or empty.
 */
import type { Span } from '../../errors.ts';

/** A file or folder of the host in a container. */
export interface Bind {
  /** Absolute. */
  readonly source: string;
  /** Absolute, in the container. */
  readonly target: string;
  /** Engine's options without `ro` and `rw`: `z`, `Z`, `rshared` and the like. */
  readonly options: readonly string[];
  readonly readOnly: boolean;
}

/** A port of a container on the host, by the engine's own network. */
export interface PublishedPort {
  /** Address of the host; null: all. */
  readonly hostIp: string | null;
  /** null: one that the engine chooses. */
  readonly hostPort: number | null;
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
}

/** A file or folder that is copied into a container before it starts. */
export interface CopiedFile {
  /** Absolute. */
  readonly source: string;
  /** Absolute, in the container. */
  readonly target: string;
  /** Permission bits; null: those of the source. */
  readonly mode: number | null;
}

/** A program that is kept running in a node. */
export interface Program {
  /** Unique in its node: what its log is called by. */
  readonly name: string;
  /** Text: run as `sh -c`; list: run as it is. */
  readonly command: string | readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly restart: 'no' | 'on-failure' | 'always';
}

/** When another node is far enough: its process runs, its links are made, its healthcheck passes, or it has ended with status 0. */
export type WaitCondition = 'started' | 'links' | 'healthy' | 'exited';

export interface WaitFor {
  /** Name of an entry of `nodes:`, as NODE. */
  readonly node: string;
  readonly until: WaitCondition;
}

/** As the engine's API takes it; null fields: the image's or the engine's own. */
export interface Healthcheck {
  /** `['NONE']` switches the image's off; `['CMD', …]` or `['CMD-SHELL', text]`. null: the image's. */
  readonly test: readonly string[] | null;
  readonly intervalMs: number | null;
  readonly timeoutMs: number | null;
  readonly startPeriodMs: number | null;
  readonly retries: number | null;
}

export interface RestartPolicy {
  readonly name: 'no' | 'always' | 'unless-stopped' | 'on-failure';
  /** For `on-failure`; null: without end. */
  readonly maximumRetries: number | null;
}

/** What makes a container the one that is asked for: another value of any of these makes another container. */
export interface ContainerSpec {
  readonly image: string;
  /** Words; null: the image's. */
  readonly command: readonly string[] | null;
  readonly entrypoint: readonly string[] | null;
  readonly env: Readonly<Record<string, string>>;
  readonly binds: readonly Bind[];
  readonly ports: readonly PublishedPort[];
  readonly sysctls: Readonly<Record<string, string>>;
  /** Without `CAP_`, in capitals. */
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly privileged: boolean;
  /** `/dev/net/tun`, `HOST:CONTAINER` or `HOST:CONTAINER:rwm`, as the engine's command line takes them. */
  readonly devices: readonly string[];
  readonly user: string | null;
  readonly hostname: string;
  /** Those of the file; the engine's side adds linkloom's own. */
  readonly labels: Readonly<Record<string, string>>;
  readonly memoryBytes: number | null;
  readonly cpus: number | null;
  /** `none` unless `ports` or `network` is given; then `bridge`, or the name of a network of the engine. */
  readonly network: string;
  readonly copy: readonly CopiedFile[];
  readonly healthcheck: Healthcheck | null;
  readonly restart: RestartPolicy;
  readonly stopSignal: string | null;
}

interface Entry {
  /** NODE: by which the file, marks, status and messages know it. */
  readonly name: string;
  /** `LAB.NODE`: the name of the container, or of the namespace in /run/netns. */
  readonly realName: string;
  /** Canonical prefixes for `lo`, given or of the address plan; none: only the kernel's own. */
  readonly loopbacks: readonly string[];
  /** Run in it once its links are up; text as `sh -c`, a list as it is. They are among the topology's commands already. */
  readonly exec: readonly (string | readonly string[])[];
  readonly run: readonly Program[];
  /** Before it is started. */
  readonly waitFor: readonly WaitFor[];
  /** Host that it is placed on; null: any. */
  readonly on: string | null;
  /** Where it was written; resolved on demand, it costs. */
  readonly where: () => Span | undefined;
}

export interface NetnsDefinition extends Entry {
  readonly kind: 'netns';
  readonly labels: Readonly<Record<string, string>>;
}

export interface ContainerDefinition extends Entry, ContainerSpec {
  readonly kind: 'container';
  /** 64 hexadecimal digits over the ContainerSpec, for the label `linkloom.hash`; what files contain that are copied is not in it. */
  readonly hash: string;
}

export type NodeDefinition = NetnsDefinition | ContainerDefinition;

/** Labels by which the containers of `nodes:` are known. */
export const NODE_LABEL = { lab: 'linkloom.lab', node: 'linkloom.node', hash: 'linkloom.hash' } as const;
