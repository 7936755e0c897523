/** Entries of `nodes:` → NodeDefinitions, with every default filled in and every text parsed. */
import type { Entry } from '../../config/config.ts';
import { type Config, placeOf, spanOf } from '../../config/config.ts';
import type { Diagnostics } from '../../config/diagnose.ts';
import { hasEngineDevice, isContainer } from '../../config/nodes/checks.ts';
import type { NodeConfig } from '../../config/nodes/schema.ts';
import {
  capabilityOf,
  readBind,
  readCopy,
  readCpus,
  readDuration,
  readMemory,
  readPort,
  readValue,
  wordsOf,
} from '../../config/nodes/values.ts';
import { parsePrefix } from '../../net/address.ts';
import { sha256Hex } from '../../net/digest.ts';
import { checkNetnsName } from '../../net/ifname.ts';
import type { ContainerSpec, CopiedFile, Healthcheck, NodeDefinition, Program, RestartPolicy } from './definition.ts';

/** The entry's name on the host. A lab's name has no dot, so names of two labs never clash. */
function realNameOf(lab: string, node: string): string {
  return `${lab}.${node}`;
}

/** Defines all entries, in the order of the files, and collects their faults. */
export function defineNodes(config: Config, lab: string, diagnostics: Diagnostics): readonly NodeDefinition[] {
  const definitions = [...config.nodes].map(([name, entry]) => definitionOf(name, entry, lab));
  for (const { kind, name, realName, where } of definitions) {
    const fault = kind === 'netns' ? checkNetnsName(realName) : null;
    if (fault !== null) {
      const hint = 'choose another name for the lab';
      diagnostics.add('node-two-names', `node ${name}: its namespace would be ${realName}, which ${fault}`, {
        where,
        hint,
      });
    }
  }
  reportSecondNames(config, definitions, diagnostics);
  return definitions;
}

/** The address pools of the plan that loopbacks are taken from. */
export function loopbackPoolsOf({ addressing }: Config): readonly string[] {
  return [addressing?.value.loopbacks?.pool, addressing?.value.loopbacks6?.pool].filter((pool) => pool !== undefined);
}

/**
 * Reports a link or command that refers to an entry of `nodes:` by its name on the host, as the entry would then be two
 * nodes.
 */
function reportSecondNames(config: Config, definitions: readonly NodeDefinition[], diagnostics: Diagnostics): void {
  if (definitions.length === 0) return;
  const names = new Map(definitions.map(({ realName, name }) => [realName, name]));
  for (const entry of [...config.links, ...config.commands] as readonly Entry<{
    readonly netns?: string | undefined;
    readonly container?: string | undefined;
  }>[]) {
    const key = entry.value.netns === undefined ? 'container' : 'netns';
    const node = names.get(entry.value[key] ?? '');
    if (node === undefined) continue;
    diagnostics.add('node-two-names', `${key}: ${entry.value[key]} is the node ${node}`, {
      where: () => spanOf(entry, key),
      hint: `write node: ${node}`,
    });
  }
}

function definitionOf(name: string, entry: Entry<NodeConfig>, lab: string): NodeDefinition {
  const { value } = entry;
  const common = {
    name,
    realName: realNameOf(lab, name),
    loopbacks: listOf(value.ip).map((prefix) => canonical(prefix)),
    exec: value.exec ?? [],
    run: (value.run ?? []).map(programOf),
    waitFor: Object.entries(value.wait_for ?? {}).map(([node, until]) => ({ node, until })),
    on: value.on ?? null,
    where: placeOf(entry),
  };
  if (!isContainer(value)) return { ...common, kind: 'netns', labels: value.labels ?? {} };
  const spec = specOf(name, value);
  return { ...common, kind: 'container', ...spec, hash: sha256Hex(canonicalJson(spec)) };
}

function specOf(name: string, value: NodeConfig): ContainerSpec {
  return {
    image: value.image ?? '',
    command: wordsIn(value.command),
    entrypoint: wordsIn(value.entrypoint),
    env: value.env ?? {},
    binds: (value.binds ?? []).map((text) => readValue(readBind(text))),
    ports: (value.ports ?? []).map((text) => readValue(readPort(text))),
    ...rightsOf(value),
    hostname: value.hostname ?? name,
    labels: value.labels ?? {},
    memoryBytes: value.memory === undefined ? null : readValue(readMemory(value.memory)),
    cpus: value.cpus === undefined ? null : readValue(readCpus(value.cpus)),
    network: value.network ?? (hasEngineDevice(value) ? 'bridge' : 'none'),
    copy: (value.copy ?? []).map(copyOf),
    healthcheck: healthcheckOf(value.healthcheck),
    restart: restartOf(value.restart ?? 'no'),
    stopSignal: value.stop_signal ?? null,
  };
}

type Rights = 'sysctls' | 'capAdd' | 'capDrop' | 'privileged' | 'devices' | 'user';

function rightsOf(value: NodeConfig): Pick<ContainerSpec, Rights> {
  const { sysctls = {}, cap_add: capAdd = [], cap_drop: capDrop = [], privileged = false } = value;
  return {
    sysctls: Object.fromEntries(Object.entries(sysctls).map(([key, set]) => [key.replaceAll('/', '.'), set])),
    capAdd: capAdd.map(capabilityOf),
    capDrop: capDrop.map(capabilityOf),
    privileged,
    devices: value.devices ?? [],
    user: value.user ?? null,
  };
}

function wordsIn(value: string | readonly string[] | undefined): readonly string[] | null {
  if (value === undefined) return null;
  return typeof value === 'string' ? wordsOf(value) : value;
}

function programOf({ name, command, env, restart }: NonNullable<NodeConfig['run']>[number]): Program {
  return { name, command, env: env ?? {}, restart: restart ?? 'always' };
}

function copyOf(written: NonNullable<NodeConfig['copy']>[number]): CopiedFile {
  if (typeof written === 'string') return readValue(readCopy(written));
  const { source, target, mode } = written;
  return { source, target, mode: mode === undefined ? null : Number.parseInt(mode, 8) };
}

function healthcheckOf(written: NodeConfig['healthcheck']): Healthcheck | null {
  if (written === undefined) return null;
  const { test, interval, timeout, start_period: startPeriod, retries, disable } = written;
  const timeMs = (text: string | undefined): number | null =>
    text === undefined ? null : readValue(readDuration(text));
  const shell = typeof test === 'string' ? ['CMD-SHELL', test] : (test ?? null);
  return {
    test: disable === true ? ['NONE'] : shell,
    intervalMs: timeMs(interval),
    timeoutMs: timeMs(timeout),
    startPeriodMs: timeMs(startPeriod),
    retries: retries ?? null,
  };
}

function restartOf(written: string): RestartPolicy {
  const [name = 'no', retries] = written.split(':');
  return { name: name as RestartPolicy['name'], maximumRetries: retries === undefined ? null : Number(retries) };
}

/** JSON with sorted keys, so that equal values have equal hashes. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

function canonical(prefix: string): string {
  const parsed = parsePrefix(prefix);
  return typeof parsed === 'string' ? parsed : parsed.text;
}

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}
