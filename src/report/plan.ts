/** A plan for people (grouped by namespace, each operation with its cause) and as JSON. */

import { counted } from '../counted.ts';
import type { Pending, ProgramReport } from '../events.ts';
import { linkKind } from '../kinds/links/link-kinds.ts';
import { numberWords } from '../net/link-numbers.ts';
import { ROLE, roleOf } from '../net/mark.ts';
import type { NsId } from '../net/ns-id.ts';
import { ruleMarkOf } from '../net/rule-mark.ts';
import { printRateBits } from '../net/units.ts';
import { linksPending } from '../plan/pending/pending.ts';
import type { Plan, Verdict } from '../plan/plan.ts';
import { type PlaceName, placeNames } from '../topology/places.ts';
import { printNetem } from '../topology/text/netem-print.ts';
import type { Node } from '../topology/topology.ts';
import { parentOf, peerOf } from '../wire/make.ts';
import type { Op } from '../wire/op.ts';
import { failureJson } from './errors.ts';
import { printable } from './escape.ts';
import { failureText } from './lines.ts';
import type { Format, Sink } from './output.ts';
import { overrideJson, overrideLines } from './override/override.ts';
import { pendingJson, pendingText } from './pending.ts';
import { programPlanText } from './running/programs.ts';

type Symbol = '+' | '~' | '-';
const COLOUR: Readonly<Record<Symbol, Format>> = { '+': 'green', '~': 'yellow', '-': 'red' };

/** The plan as text, with what can't be done yet. `nodes` give names to namespaces. An empty plan is one line. */
export function* planPieces(
  plan: Plan,
  paint: Sink['paint'],
  pending: readonly Pending[] = [],
  nodes: readonly Node[] = [],
  programs: readonly ProgramReport[] = [],
): Generator<string> {
  const place = placeNames(nodes);
  yield `${headline(plan, pending, programs, paint)}\n`;
  for (const [ns, ops] of byNamespace(plan.ops)) {
    yield `\n${paint('bold', printable(place(ns)))}\n`;
    for (const op of ops) yield opLine(op, place, paint);
  }
  const programText = programPlanText(programs, paint);
  if (programText !== '') yield `\n${programText}`;
  if (plan.overrides.length > 0) yield `\n${overrideLines(plan.overrides)}`;
  if (plan.notes.length > 0) yield ['\n', ...plan.notes.map((note) => `note: ${printable(note)}\n`)].join('');
  if (pending.length > 0) yield `\n${pendingText(pending, paint)}`;
  if (plan.failures.length > 0) yield ['\n', ...plan.failures.map((failure) => failureText(failure, paint))].join('');
}

/** The document of `plan --json`: verdicts, operations, and obstacles. */
export function planJson(
  plan: Plan,
  pending: readonly Pending[] = [],
  programs: readonly ProgramReport[] = [],
): object {
  return {
    schemaVersion: 1,
    verb: 'plan',
    lab: plan.lab,
    summary: { ...countsOf(plan), pending: linksPending(pending), operations: plan.ops.length },
    links: plan.links,
    removed: plan.removed,
    orphans: plan.orphans,
    operations: plan.ops,
    failures: plan.failures.map(failureJson),
    notes: plan.notes,
    overrides: plan.overrides.map((one) => ({ link: one.link, ...overrideJson(one) })),
    pending: pending.map(pendingJson),
    programs: programs.map(({ node, name, change, drift }) => ({ node, name, change, drift })),
  };
}

interface Counts {
  readonly create: number;
  readonly change: number;
  readonly remove: number;
  readonly unchanged: number;
  readonly blocked: number;
}

function countsOf(plan: Plan): Counts {
  const count = (...verdicts: readonly Verdict[]): number =>
    plan.links.filter((link) => verdicts.includes(link.verdict)).length;
  return {
    create: count('create'),
    change: count('change', 'recreate'),
    remove: plan.removed.length,
    unchanged: count('unchanged'),
    blocked: count('blocked'),
  };
}

function headline(
  plan: Plan,
  pending: readonly Pending[],
  programs: readonly ProgramReport[],
  paint: Sink['paint'],
): string {
  const { create, change, remove, unchanged, blocked } = countsOf(plan);
  const parts = [`${create} to create`, `${change} to change`, `${remove} to remove`, `${unchanged} unchanged`];
  if (blocked > 0) parts.push(paint('red', `${blocked} blocked`));
  if (pending.length > 0) parts.push(paint('yellow', `${linksPending(pending)} pending`));
  const nothing = pending.length === 0 ? '; nothing to do' : '; nothing to do yet';
  const changes = programs.filter(({ change }) => change !== null).length;
  const work = [
    ...(plan.ops.length > 0 ? [counted(plan.ops.length, 'operation')] : []),
    ...(changes > 0 ? [counted(changes, 'program')] : []),
  ];
  const tail = work.length === 0 ? nothing : `; ${work.join(', ')}`;
  return `lab ${paint('bold', printable(plan.lab))}: links: ${parts.join(', ')}${tail}`;
}

function byNamespace(ops: readonly Op[]): Map<NsId, Op[]> {
  const groups = new Map<NsId, Op[]>();
  for (const op of ops) {
    const group = groups.get(op.ns);
    if (group) group.push(op);
    else groups.set(op.ns, [op]);
  }
  return groups;
}

function opLine(op: Op, place: PlaceName, paint: Sink['paint']): string {
  const symbol = symbolOf(op);
  const link = op.link === null ? '' : ` [${op.link}]`;
  const text = printable(`${op.op.padEnd(11)} ${subjectOf(op, place)}${link}`);
  return `  ${paint(COLOUR[symbol], symbol)} ${text}${op.cause === '' ? '' : paint('dim', `  # ${printable(op.cause)}`)}\n`;
}

function symbolOf(op: Op): Symbol {
  if (op.op.endsWith('.add') || op.op === 'ovs.start') return '+';
  return op.op.endsWith('.del') || op.op === 'ovs.stop' ? '-' : '~';
}

/** What the operation is about, in few words. */
function subjectOf(op: Op, place: PlaceName): string {
  switch (op.op) {
    case 'netns.add':
      return op.role === 'switch' ? 'switch side' : 'node';
    case 'netns.del':
      return op.shared ? 'stays while other labs are in it' : 'and all that is in it';
    case 'link.add':
      return addedText(op, place);
    case 'link.set':
      return changedText(op);
    case 'ip.del':
    case 'ip.add':
    case 'ip.restore':
      return ipText(op);
    case 'link.del':
    case 'bridge.add':
    case 'bridge.raise':
      return op.dev;
    case 'tunnel.add':
      return `${op.type} ${op.dev}${op.isFlooding ? '' : ` → ${op.remote}`}${op.dstPort === null ? '' : ` port ${op.dstPort}`} from ${place(op.underlay)}`;
    case 'tunnel.flood':
      return [op.dev, ...op.add.map((remote) => `+${remote}`), ...op.del.map((remote) => `-${remote}`)].join(' ');
    case 'trunk.add':
      return `trunk ${op.dev} port ${op.dstPort} from ${place(op.underlay)}`;
    case 'trunk.tie':
      return `${op.dev} ↔ ${op.remote} by ${op.trunk} vni ${op.vni}`;
    case 'trunk.cut':
      return [op.dev, ...op.vnis.map((vni) => `-vni(${vni})`), ...op.ports.map((port) => `-port(${port})`)].join(' ');
    case 'port.attach':
      return op.master === null ? op.dev : `${op.dev} → ${op.master.dev}`;
    case 'ovs.start':
    case 'ovs.stop':
      return 'Open vSwitch';
    case 'ovs.bridge':
      return `${op.dev} (${op.datapath})`;
    case 'ovs.port':
      return `${op.dev} → ${op.bridge}`;
    case 'ovs.del':
      return `${op.what} ${op.dev}`;
    case 'group.set':
      return `${membersOf(op.group)} ${op.up ? 'up' : 'down'}`;
    case 'qdisc.netem':
      return `${op.dev} ${op.netem === null ? 'none' : printNetem(op.netem)}`;
    case 'qdisc.tbf':
      return `${op.dev} rate ${printRateBits(op.rateBitsPerSec)} (tbf)`;
    case 'nat.set':
      return translationText(op);
    case 'route.set':
      return [op.dev, ...op.add.map(({ dst }) => `+route(${dst})`), ...op.del.map(({ dst }) => `-route(${dst})`)].join(
        ' ',
      );
    case 'ethtool.set':
      return [op.dev, ...op.settings.map(({ text }) => text)].join(' ');
    case 'uplink.rename':
      return `${op.dev} → ${op.to}`;
    case 'wire.patch':
      return `${op.devA} ↔ ${op.devB}`;
    case 'wire.cut':
      return op.dev;
    default:
      return op satisfies never;
  }
}

/** The meaning of a group number: all devices of the lab in a namespace that have one role. */
function membersOf(group: number): string {
  switch (roleOf(group)) {
    case ROLE.port:
      return 'all ports';
    case ROLE.bridge:
      return 'all bridges';
    default:
      return 'all devices of the lab';
  }
}

function translationText({ add, del }: Extract<Op, { op: 'nat.set' }>): string {
  const textOf = (comment: string): string => ruleMarkOf(comment)?.text ?? comment;
  return [...add.map(({ comment }) => `+${textOf(comment)}`), ...del.map((comment) => `-${textOf(comment)}`)].join(' ');
}

function ipText(op: Extract<Op, { op: 'ip.del' | 'ip.add' | 'ip.restore' }>): string {
  switch (op.op) {
    case 'ip.add':
      return [op.dev, ...op.routes.map((route) => `+route(${route.text})`)].join(' ');
    case 'ip.restore':
      return [
        ...op.addresses.map(({ prefix }) => `+${prefix}`),
        ...op.routes.map(({ prefix }) => `+route(${prefix})`),
      ].join(' ');
    case 'ip.del': {
      const routes = op.routes.map(({ text }) => text);
      const addresses = [...op.addresses, ...op.otherAddresses.map(({ prefix }) => prefix)];
      const words = [...addresses.map((address) => `-${address}`), ...routes.map((text) => `-route(${text})`)];
      return [op.dev ?? [], words].flat().join(' ');
    }
    default:
      return op satisfies never;
  }
}

function addedText(op: Extract<Op, { op: 'link.add' }>, place: PlaceName): string {
  const { make } = op;
  const words: string[] = [make.type, op.dev];
  const peer = peerOf(op);
  const parent = parentOf(op);
  if (peer) words.push('↔', peer.link ?? `${place(peer.ns)}:${peer.dev}`);
  if (parent) words.push('on', `${place(parent.ns)}:${parent.dev}`);
  words.push(...linkKind(make.type).words(make));
  words.push(...op.addresses);
  if (op.settings.mac !== null) words.push(op.settings.mac);
  if (op.settings.mtuBytes !== null) words.push('mtu', String(op.settings.mtuBytes));
  words.push(...numberWords(op.settings.numbers));
  words.push(...op.routes.map((route) => `route(${route.text})`));
  return words.join(' ');
}

function changedText(op: Extract<Op, { op: 'link.set' }>): string {
  const { settings } = op;
  const words: string[] = [op.dev];
  if (settings.up !== null) words.push(settings.up ? 'up' : 'down');
  if (settings.mac !== null) words.push(settings.mac);
  if (settings.mtuBytes !== null) words.push('mtu', String(settings.mtuBytes));
  words.push(...numberWords(settings.numbers));
  words.push(...op.addAddresses.map((address) => `+${address}`));
  words.push(...op.addRoutes.map((route) => `+route(${route.text})`));
  return words.join(' ');
}
