/** Writes nodes as containerlab has them (containerlab.dev/manual/nodes). */
import { type Entry, spanOf } from '../../config/config.ts';
import { NODE_LABEL } from '../../config/import/containerlab/marks.ts';
import type { Notes } from '../../config/import/notes.ts';
import { isContainer } from '../../config/nodes/checks.ts';
import type { NodeConfig } from '../../config/nodes/schema.ts';
import { readDuration, readMemory, readValue } from '../../config/nodes/values.ts';
import { commandLineOf, commandLineOfCommand } from '../command-line.ts';
import { listOf } from '../lab.ts';
import { leaveNode } from '../left.ts';
import { rebasedBind } from '../paths.ts';
import { addressWords, capabilitiesOf } from '../set-up.ts';

/** Keys that are written here. */
const HAS = new Set([
  ...['image', 'command', 'entrypoint', 'user', 'env', 'labels', 'sysctls', 'binds', 'ports', 'cap_add', 'devices'],
  ...['exec', 'restart', 'healthcheck', 'wait_for', 'hostname', 'memory', 'cpus', 'privileged', 'ip', 'network'],
]);

/** The stages that stand for the conditions of `wait_for`. */
const STAGES = { started: 'create', links: 'create-links', healthy: 'healthy', exited: 'exit' } as const;

export interface NodeOptions {
  readonly notes: Notes<'export'>;
  /** The folder of the written file. */
  readonly folder: string;
  /** The image of the container that stands for a network namespace. */
  readonly standIn: (name: string) => string;
  readonly nameOf: (node: string) => string;
  /** Commands that give the node what links have no words for. */
  readonly setUp: readonly string[];
  /** Commands of the file that are not written in the node's entry. */
  readonly commands: readonly (string | readonly string[])[];
}

export function nodeOf(name: string, entry: Entry<NodeConfig>, options: NodeOptions): Record<string, unknown> {
  const { value } = entry;
  const { notes, standIn, setUp, commands } = options;
  leaveNode(notes, name, entry, HAS);
  const loopback = listOf(value.ip).map((prefix) => commandLineOf(addressWords(prefix, 'lo')));
  const exec = [...loopback, ...setUp, ...[...(value.exec ?? []), ...commands].map(commandLineOfCommand)];
  const isOwn = isContainer(value);
  const image = isOwn ? value.image : standIn(name);
  if (!isOwn) {
    notes.add('export-stood-in', `${name} is a network namespace; a container of ${image} stands for it`, () =>
      spanOf(entry),
    );
  }
  return present({
    kind: 'linux',
    image,
    'network-mode': networkOf(name, entry, notes),
    privileged: isOwn && value.privileged !== true ? false : undefined,
    ...(isOwn ? containerOf(name, entry, options) : {}),
    'cap-add': capabilitiesOf(name, entry, loopback.length + setUp.length > 0, notes),
    labels: filled({ ...value.labels, ...(isOwn ? {} : { [NODE_LABEL]: 'netns' }) }),
    stages: stagesOf(value, options),
    exec: exec.length === 0 ? undefined : exec,
  });
}

function containerOf(name: string, entry: Entry<NodeConfig>, { notes, folder }: NodeOptions): Record<string, unknown> {
  const { value } = entry;
  return {
    cmd: lineOf(value.command),
    entrypoint: lineOf(value.entrypoint),
    user: value.user,
    hostname: value.hostname,
    cpu: value.cpus === undefined ? undefined : Number(value.cpus),
    memory: value.memory === undefined ? undefined : `${readValue(readMemory(value.memory))}b`,
    env: filled(value.env),
    sysctls: filled(value.sysctls),
    binds: listed(value.binds?.map((bind) => rebasedBind(bind, folder))),
    ports: listed(value.ports),
    devices: listed(value.devices),
    'restart-policy': restartOf(name, entry, notes),
    healthcheck: healthcheckOf(name, entry, notes),
  };
}

/** containerlab gives every node an eth0 of the engine's unless told otherwise, and knows no other network of the engine's. */
function networkOf(name: string, entry: Entry<NodeConfig>, notes: Notes<'export'>): string | undefined {
  const { network, ports } = entry.value;
  if (network !== undefined && network !== 'bridge' && network !== 'none') {
    notes.leftOut(
      `network ${network} of ${name}`,
      () => spanOf(entry, 'network'),
      'the management network stands for it',
    );
  }
  const hasNetwork = network === undefined ? (ports ?? []).length > 0 : network !== 'none';
  return hasNetwork ? undefined : 'none';
}

function restartOf(name: string, entry: Entry<NodeConfig>, notes: Notes<'export'>): string | undefined {
  const [policy, times] = (entry.value.restart ?? '').split(':');
  if (times !== undefined) {
    notes.leftOut(`the number of restarts of ${name}`, () => spanOf(entry, 'restart'));
  }
  return policy === '' ? undefined : policy;
}

/** containerlab counts whole seconds. */
function healthcheckOf(
  name: string,
  entry: Entry<NodeConfig>,
  notes: Notes<'export'>,
): Record<string, unknown> | undefined {
  const { healthcheck: written } = entry.value;
  if (written === undefined) return undefined;
  const { test, interval, timeout, start_period: startPeriod, retries, disable } = written;
  const where = () => spanOf(entry, 'healthcheck');
  if (disable === true) return { test: ['NONE'] };
  if (test === undefined) {
    notes.leftOut(`healthcheck of ${name}`, where, 'containerlab wants a test in it');
    return undefined;
  }
  const seconds = (key: string, text: string | undefined): number | undefined => {
    if (text === undefined) return undefined;
    const exact = readValue(readDuration(text)) / 1000;
    if (!Number.isInteger(exact))
      notes.leftOut(`${key} ${text} of ${name}`, where, 'containerlab counts whole seconds');
    return Math.max(1, Math.round(exact));
  };
  return present({
    test: typeof test === 'string' ? ['CMD-SHELL', test] : test,
    interval: seconds('interval', interval),
    timeout: seconds('timeout', timeout),
    'start-period': seconds('start_period', startPeriod),
    retries,
  });
}

function stagesOf(value: NodeConfig, { nameOf }: NodeOptions): Record<string, unknown> | undefined {
  const waits = Object.entries(value.wait_for ?? {});
  if (waits.length === 0) return undefined;
  return { create: { 'wait-for': waits.map(([node, until]) => ({ node: nameOf(node), stage: STAGES[until] })) } };
}

function lineOf(words: string | readonly string[] | undefined): string | undefined {
  return words === undefined || typeof words === 'string' ? words : commandLineOf(words);
}

const listed = <T>(list: readonly T[] | undefined) => (list === undefined || list.length === 0 ? undefined : list);

function filled(map: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> | undefined {
  return map === undefined || Object.keys(map).length === 0 ? undefined : map;
}

function present(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
