/** Checks that the keys of a check agree, that its nodes exist, and that no two have one name. */
import type { DiagnosticCode } from '../../diagnostics/table.ts';
import { HOST_NAME } from '../../net/ifname.ts';
import { type Entry, spanOf } from '../config.ts';
import { type Diagnostics, didYouMean } from '../diagnose.ts';
import { isGlob, patternOf } from '../nodes/pattern.ts';
import { quote } from '../text/excerpt.ts';
import { labelOf } from './entries.ts';
import type { CheckConfig } from './schema.ts';
import { readTarget } from './target.ts';
import { hostOfUrl } from './url.ts';

const KINDS = ['ping', 'tcp', 'http', 'run'] as const;
export type CheckKind = (typeof KINDS)[number];

/** What a check tries. `ping` where nothing is said. */
export function kindOf(check: CheckConfig): CheckKind {
  return KINDS.find((kind) => isGiven(check, kind)) ?? 'ping';
}

function isGiven(check: CheckConfig, kind: CheckKind): boolean {
  return check[kind] !== undefined && check[kind] !== false;
}

/** The keys that have a meaning for some kinds only. */
const FOR_KINDS: readonly (readonly [keyof CheckConfig, readonly CheckKind[], string])[] = [
  ['to', ['ping', 'tcp', 'http'], 'the program itself says what it reaches'],
  ['family', ['ping', 'tcp', 'http'], 'the program itself says what it reaches'],
  ['reachable', ['ping', 'tcp', 'http'], 'say what the program must do: status, contains, lacks or matches'],
  ['status', ['http', 'run'], 'a connection has no status: leave it out, or use http'],
  ['contains', ['http', 'run'], 'leave it out, or use http or run'],
  ['lacks', ['http', 'run'], 'leave it out, or use http or run'],
  ['matches', ['http', 'run'], 'leave it out, or use http or run'],
];

/** The keys that say something of an answer. */
const OF_ANSWERS = ['status', 'contains', 'lacks', 'matches'] as const;

/** All that the files say of nodes. */
export interface KnownNames {
  /** Names that a check may have for a node. */
  readonly names: ReadonlySet<string>;
  /** Nodes that are reported already. */
  readonly faulty: ReadonlySet<string>;
  /** Whether containers may have names that no file has: those of services. */
  readonly mayBeMore: boolean;
}

/** Reports every rule that a check breaks. */
export function resolveChecks(
  checks: readonly Entry<CheckConfig>[],
  known: KnownNames,
  diagnostics: Diagnostics,
): void {
  const named = new Set<string>();
  for (const [at, entry] of checks.entries()) {
    const label = labelOf(entry.value.name, entry.origins[0]?.path.at(-1) ?? at);
    const report: Report = (code, message, key, hint, inner) =>
      diagnostics.add(code, `${label}: ${message}`, { where: () => spanOf(entry, key, inner), hint });
    checkKeys(entry, report);
    checkNames(entry.value, known, report);
    const { name } = entry.value;
    if (name === undefined) continue;
    if (named.has(name)) {
      report('check-name-twice', 'another check has this name', 'name', 'give each check its own, or none');
    }
    named.add(name);
  }
}

type Report = (
  code: DiagnosticCode,
  message: string,
  key?: keyof CheckConfig,
  hint?: string,
  inner?: string | number,
) => void;

function checkKeys({ value, faulty }: Entry<CheckConfig>, report: Report): void {
  const has = (key: keyof CheckConfig): boolean => value[key] !== undefined || faulty.includes(key);
  const kinds = KINDS.filter((kind) => isGiven(value, kind) || faulty.includes(kind));
  const [first, second] = kinds;
  if (second !== undefined) {
    return report('keys-exclude', `${first} and ${second} exclude each other`, second, 'write two checks');
  }
  const kind = first ?? 'ping';
  if (value.ping === false) {
    report(
      'check-value',
      'ping: false says nothing',
      'ping',
      'leave it out; `reachable: false` is for what must not be reached',
    );
  }
  for (const [key, wanted, hint] of FOR_KINDS) {
    if (value[key] !== undefined && !wanted.includes(kind))
      report('key-without-meaning', `${key} has no meaning for ${kind}`, key, hint);
  }
  if (value.reachable === false && kind !== 'run') {
    for (const key of OF_ANSWERS) {
      if (!has(key)) continue;
      const message = `${key} is about an answer, and with reachable: false there is none`;
      report('keys-exclude', message, key, 'keep one of them');
    }
  }
  if (!has('to') && needsTarget(kind, value) && !faulty.includes('http')) {
    const hint =
      first === undefined
        ? 'say what is tried: to: NODE, or run: [PROGRAM, …]'
        : 'add to: NODE, NODE:DEV or an address';
    report('missing-key', 'to is missing', undefined, hint);
  }
}

/** A URL has its target in itself. */
function needsTarget(kind: CheckKind, { http = '' }: CheckConfig): boolean {
  return kind === 'ping' || kind === 'tcp' || (kind === 'http' && hostOfUrl(http) === null);
}

function checkNames(check: CheckConfig, known: KnownNames, report: Report): void {
  for (const [at, name] of listOf(check.from).entries()) checkNode(name, 'from', at, known, report);
  for (const [at, text] of listOf(check.to).entries()) checkTarget(text, 'to', at, known, report);
  const host = check.http === undefined ? null : hostOfUrl(check.http);
  // With `to` the URL's host is only what the server is told.
  if (host !== null && check.to === undefined) checkTarget(host, 'http', undefined, known, report);
}

function checkTarget(
  text: string,
  key: 'to' | 'http',
  at: number | undefined,
  known: KnownNames,
  report: Report,
): void {
  const target = readTarget(text);
  if ('message' in target) return report(target.code, `${key}: ${target.message}`, key, target.hint, at);
  if (target.kind === 'node') checkNode(target.node, key, at, known, report);
}

function checkNode(
  name: string,
  key: keyof CheckConfig,
  at: number | undefined,
  { names, faulty, mayBeMore }: KnownNames,
  report: Report,
): void {
  if (names.has(name) || faulty.has(name)) return;
  // Containers of services have names that compose gives them.
  if (mayBeMore && (isGlob(name) || name.startsWith('container/'))) return;
  if (isGlob(name)) {
    const pattern = patternOf([name]);
    if ([...names].some((one) => pattern.test(one))) return;
    return report('node-unknown', `${key}: no node matches ${quote(name)}`, key, 'correct the pattern', at);
  }
  const hint =
    didYouMean(name, names) ?? 'name a node of the lab: an entry of nodes:, a service, a container or a namespace';
  report('node-unknown', `${key}: no node is called ${quote(name)}`, key, hint, at);
}

/** All names by which the nodes of a lab may be called. */
export function namesOf(nodes: readonly { readonly kind: string; readonly name: string }[]): ReadonlySet<string> {
  return new Set([HOST_NAME, ...nodes.flatMap(({ kind, name }) => [name, `${kind}/${name}`])]);
}

export function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}
